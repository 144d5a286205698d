package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/** H.264 NAL units and access units (ITU-T H.264 §7.3, §7.4). */
public final class H264 {
    public static final int NAL_SLICE = 1;
    public static final int NAL_PARTITION_C = 4;
    public static final int NAL_IDR = 5;
    public static final int NAL_SEI = 6;
    public static final int NAL_SPS = 7;
    public static final int NAL_PPS = 8;
    public static final int NAL_AUD = 9;
    public static final int NAL_END_OF_SEQUENCE = 10;
    public static final int NAL_END_OF_STREAM = 11;
    public static final int NAL_FILLER = 12;
    public static final int NAL_SPS_EXTENSION = 13;

    /** Bytes that {@link #writeAccessUnitDelimiter} writes. */
    public static final int ACCESS_UNIT_DELIMITER_SIZE = 6;

    private static final int SEI_RECOVERY_POINT = 6;

    private H264() {}

    /** nal_unit_type of a NAL unit's first byte. */
    public static int nalType(int header) {
        return header & 0x1F;
    }

    static boolean isSlice(int nalType) {
        return nalType >= NAL_SLICE && nalType <= NAL_IDR;
    }

    /**
     * Whether decoding can start with this access unit: an IDR picture, a recovery point SEI
     * message (open GOP, intra refresh), or an SPS followed by an I slice, which is how encoders
     * that send neither mark their GOPs. Looks no further than the first slice.
     *
     * @param accessUnit Annex B, borrowed, indices left alone
     */
    public static boolean isRandomAccess(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        boolean sps = false;
        int seen = 0;
        for (int nal = AnnexB.nalStart(accessUnit, accessUnit.readerIndex(), to);
                nal >= 0 && nal < to && seen < Limits.MAX_NAL_UNITS;
                seen++) {
            int type = nalType(accessUnit.getByte(nal));
            if (isSlice(type)) {
                return type == NAL_IDR || (sps && isIntraSlice(accessUnit, nal, to));
            }
            int end = AnnexB.nalEnd(accessUnit, nal, to);
            if (type == NAL_SEI && hasRecoveryPoint(accessUnit, nal + 1, end)) {
                return true;
            }
            sps |= type == NAL_SPS;
            nal = AnnexB.nalStart(accessUnit, end, to);
        }
        return false;
    }

    /**
     * Writes an access unit delimiter NAL unit that allows any slice type, start code included.
     *
     * @param out borrowed
     */
    public static void writeAccessUnitDelimiter(ByteBuf out) {
        out.writeInt(1).writeShort(NAL_AUD << 8 | 0xF0);
    }

    /** Whether an Annex B access unit starts with an access unit delimiter. Borrows. */
    public static boolean startsWithAccessUnitDelimiter(ByteBuf accessUnit) {
        int to = accessUnit.writerIndex();
        int nal = AnnexB.nalStart(accessUnit, accessUnit.readerIndex(), to);
        return nal >= 0 && nal < to && nalType(accessUnit.getByte(nal)) == NAL_AUD;
    }

    /** The format that an {@code avcC} record declares, as FLV, RTMP and MP4 carry it. */
    public static VideoFormat format(CodecConfig avcC) throws MalformedException {
        return AvcConfig.parse(avcC).format();
    }

    /**
     * The Annex B bytes to put before a key picture that lacks them: access unit delimiter, SPS,
     * PPS.
     */
    public static byte[] parameterSetsPrefix(CodecConfig avcC) throws MalformedException {
        return AvcConfig.parse(avcC).parameterSetsPrefix();
    }

    /** Walks sei_message()s (§7.3.2.3.1) to a recovery point; tolerates whatever it finds. */
    private static boolean hasRecoveryPoint(ByteBuf buf, int from, int end) {
        int index = from;
        // The last byte is rbsp_trailing_bits when it is 0x80.
        while (index + 1 < end) {
            int type = 0;
            while (index < end && buf.getUnsignedByte(index) == 0xFF) {
                type += 255;
                index++;
            }
            if (index + 1 >= end) {
                return false;
            }
            type += buf.getUnsignedByte(index++);
            if (type == SEI_RECOVERY_POINT) {
                return true;
            }
            int size = 0;
            while (index < end && buf.getUnsignedByte(index) == 0xFF) {
                size += 255;
                index++;
            }
            if (index >= end) {
                return false;
            }
            size += buf.getUnsignedByte(index++);
            index = skipPayload(buf, index, end, size);
        }
        return false;
    }

    /** The index after {@code size} RBSP bytes: emulation prevention bytes do not count. */
    private static int skipPayload(ByteBuf buf, int from, int end, int size) {
        int index = from;
        int zeros = 0;
        for (int rest = size; rest > 0 && index < end; index++) {
            int b = buf.getByte(index);
            if (zeros >= 2 && b == 3) {
                zeros = 0;
            } else {
                zeros = b == 0 ? zeros + 1 : 0;
                rest--;
            }
        }
        // An emulation prevention byte after the last payload byte belongs to the payload.
        return zeros >= 2 && index < end && buf.getByte(index) == 3 ? index + 1 : index;
    }

    /** Reads first_mb_in_slice and slice_type (§7.3.3), which take at most a few bytes. */
    private static boolean isIntraSlice(ByteBuf buf, int nal, int to) {
        long window = 0;
        for (int i = 1; i <= 8; i++) {
            window = window << 8 | (nal + i < to ? buf.getUnsignedByte(nal + i) : 0);
        }
        int zeros = Long.numberOfLeadingZeros(window);
        if (zeros > 20) {
            return false;
        }
        window <<= 2 * zeros + 1;
        zeros = Long.numberOfLeadingZeros(window);
        if (zeros > 3) {
            return false;
        }
        int sliceType = (int) (window >>> (63 - 2 * zeros)) - 1;
        return sliceType == 2 || sliceType == 7;
    }
}
