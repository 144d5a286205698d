package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * AV1 temporal units of low-overhead OBUs (AV1 specification §5.3) and the {@code av1C} record (AV1
 * Codec ISO Media File Format Binding §2.3.3).
 *
 * <pre>
 * OBU:  forbidden(1) type(4) extension(1) has_size(1) reserved(1) [extension(8)] [size(leb128)]
 * av1C: marker=1(1) version=1(7) profile(3) level(5) tier(1) high_bitdepth(1) twelve_bit(1)
 *       monochrome(1) subsampling(2) sample_position(2) 000(3) initial_delay(5) OBUs
 * </pre>
 */
public final class Av1 {
    public static final int OBU_SEQUENCE_HEADER = 1;
    public static final int OBU_TEMPORAL_DELIMITER = 2;
    public static final int OBU_FRAME_HEADER = 3;
    public static final int OBU_TILE_GROUP = 4;
    public static final int OBU_METADATA = 5;
    public static final int OBU_FRAME = 6;

    /** leb128() of §4.10.5 has at most eight bytes. */
    private static final int MAX_LEB128_BYTES = 8;

    private static final int MAX_SEQUENCE_HEADER_SIZE = 1024;

    private Av1() {}

    /** obu_type of an OBU's first byte. */
    public static int obuType(int header) {
        return header >> 3 & 15;
    }

    /**
     * Where the payload of the OBU at {@code obu} starts, -1 when it is no whole OBU. Borrows,
     * absolute indices.
     */
    public static int obuPayload(ByteBuf buf, int obu, int to) {
        int size = sizeField(buf, obu, to);
        if (size < 0) {
            return -1;
        }
        return hasSize(buf, obu) ? size + leb128Length(leb128(buf, size, to)) : size;
    }

    /** The end (exclusive) of the OBU at {@code obu}, -1 when it is no whole OBU. */
    public static int obuEnd(ByteBuf buf, int obu, int to) {
        int size = sizeField(buf, obu, to);
        if (size < 0 || !hasSize(buf, obu)) {
            return size < 0 ? -1 : to;
        }
        long packed = leb128(buf, size, to);
        long end = size + leb128Length(packed) + leb128Value(packed);
        return (int) end;
    }

    /**
     * Reads leb128() (§4.10.5) without allocating.
     *
     * @return {@link #leb128Value value} and {@link #leb128Length length} in one; -1 when it is cut
     *     off, longer than eight bytes or above 2^32-1
     */
    public static long leb128(ByteBuf buf, int index, int to) {
        long value = 0;
        for (int i = 0; i < MAX_LEB128_BYTES && index + i < to; i++) {
            int b = buf.getUnsignedByte(index + i);
            value |= (long) (b & 0x7F) << (7 * i);
            if (b < 0x80) {
                return value > 0xFFFFFFFFL ? -1 : (value << 4) | (i + 1);
            }
        }
        return -1;
    }

    public static long leb128Value(long packed) {
        return packed >> 4;
    }

    public static int leb128Length(long packed) {
        return (int) packed & 15;
    }

    /** Writes the shortest form. */
    public static void writeLeb128(ByteBuf out, long value) {
        long rest = value;
        while (rest >= 0x80) {
            out.writeByte((int) rest | 0x80);
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    /**
     * Index of the first OBU after the temporal delimiter, which MP4, RTMP and RTP leave out;
     * readerIndex when there is none.
     */
    public static int afterTemporalDelimiter(ByteBuf temporalUnit) {
        int index = temporalUnit.readerIndex();
        int to = temporalUnit.writerIndex();
        if (index < to && obuType(temporalUnit.getByte(index)) == OBU_TEMPORAL_DELIMITER) {
            int end = obuEnd(temporalUnit, index, to);
            return end < 0 ? index : end;
        }
        return index;
    }

    /**
     * Whether decoding can start with this temporal unit: a sequence header, then a shown key frame
     * (§7.6.2; the MP4 binding's sync sample).
     *
     * @param temporalUnit borrowed, indices left alone
     */
    public static boolean isRandomAccess(ByteBuf temporalUnit) {
        int to = temporalUnit.writerIndex();
        int obu = temporalUnit.readerIndex();
        boolean sequence = false;
        boolean stillPicture = false;
        for (int seen = 0; obu < to && seen < Limits.MAX_OBUS; seen++) {
            int end = obuEnd(temporalUnit, obu, to);
            if (end < 0) {
                return false;
            }
            int payload = obuPayload(temporalUnit, obu, to);
            int type = obuType(temporalUnit.getByte(obu));
            if (payload < end) {
                int first = temporalUnit.getUnsignedByte(payload);
                if (type == OBU_SEQUENCE_HEADER) {
                    sequence = true;
                    // seq_profile(3) still_picture(1) reduced_still_picture_header(1)
                    stillPicture = (first & 0x08) != 0;
                } else if (type == OBU_FRAME || type == OBU_FRAME_HEADER) {
                    // show_existing_frame(1)=0 frame_type(2)=KEY_FRAME show_frame(1)=1
                    return sequence && (stillPicture || first >> 4 == 1);
                }
            }
            obu = end;
        }
        return false;
    }

    /** The index of the sequence header OBU before the first frame, -1 when there is none. */
    static int sequenceHeader(ByteBuf buf, int from, int to) {
        int obu = from;
        for (int seen = 0; obu < to && seen < Limits.MAX_OBUS; seen++) {
            int end = obuEnd(buf, obu, to);
            int type = obuType(buf.getByte(obu));
            if (end < 0 || type == OBU_FRAME || type == OBU_FRAME_HEADER) {
                return -1;
            }
            if (type == OBU_SEQUENCE_HEADER) {
                return obu;
            }
            obu = end;
        }
        return -1;
    }

    /** The format that an {@code av1C} record declares; it must hold its sequence header. */
    public static VideoFormat format(CodecConfig av1C) throws MalformedException {
        Limits.checkSize("av1C", av1C.length(), 4, Limits.MAX_CONFIG_SIZE);
        if (av1C.unsignedByte(0) != 0x81) {
            throw new MalformedException(
                    "av1C marker and version", av1C.unsignedByte(0), "129 (marker, version 1)");
        }
        ByteBuf in = Unpooled.wrappedBuffer(av1C.toArray()).skipBytes(4);
        return formatOfTemporalUnit(in);
    }

    /** The format that the sequence header of a temporal unit declares. Borrows. */
    public static VideoFormat formatOfTemporalUnit(ByteBuf temporalUnit) throws MalformedException {
        int to = temporalUnit.writerIndex();
        int obu = sequenceHeader(temporalUnit, temporalUnit.readerIndex(), to);
        if (obu < 0) {
            throw new MalformedException("AV1 OBUs", "no sequence header", "one before a frame");
        }
        int payload = obuPayload(temporalUnit, obu, to);
        int length = obuEnd(temporalUnit, obu, to) - payload;
        Limits.checkSize("AV1 sequence header", length, 1, MAX_SEQUENCE_HEADER_SIZE);
        Av1SequenceHeader header = Av1SequenceHeader.parse(temporalUnit, payload, length);
        return new VideoFormat(
                CodecId.AV1,
                header.width(),
                header.height(),
                1,
                1,
                header.frameRate(),
                record(header, temporalUnit, payload, length),
                header.codecString());
    }

    private static CodecConfig record(
            Av1SequenceHeader header, ByteBuf buf, int payload, int length) {
        ByteBuf out = Unpooled.buffer(8 + length);
        new BitWriter(out)
                .bits(8, 0x81)
                .bits(3, header.profile())
                .bits(5, header.level())
                .bits(1, header.tier())
                .flag(header.bitDepth() > 8)
                .flag(header.bitDepth() == 12)
                .flag(header.monochrome())
                .bits(1, header.subsamplingX())
                .bits(1, header.subsamplingY())
                .bits(2, header.chromaSamplePosition())
                .bits(8, 0); // reserved(3) initial_presentation_delay_present(1) reserved(4)
        out.writeByte(OBU_SEQUENCE_HEADER << 3 | 2);
        writeLeb128(out, length);
        out.writeBytes(buf, payload, length);
        return CodecConfig.copyOf(out);
    }

    /** Where the size field of the OBU is or would be; -1 when the OBU is damaged or cut off. */
    private static int sizeField(ByteBuf buf, int obu, int to) {
        if (obu >= to) {
            return -1;
        }
        int header = buf.getUnsignedByte(obu);
        int size = obu + ((header & 4) != 0 ? 2 : 1);
        if ((header & 0x80) != 0 || size > to) {
            return -1;
        }
        if ((header & 2) != 0) {
            long packed = leb128(buf, size, to);
            if (packed < 0 || leb128Value(packed) > to - size - leb128Length(packed)) {
                return -1;
            }
        }
        return size;
    }

    private static boolean hasSize(ByteBuf buf, int obu) {
        return (buf.getByte(obu) & 2) != 0;
    }
}
