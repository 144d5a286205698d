package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * FLAC frames and STREAMINFO (RFC 9639 §8.2, §9.1) and the {@code dfLa} box (Encapsulation of FLAC
 * in ISO Base Media File Format §3.3.2).
 *
 * <pre>
 * dfLa:       version=0(8) flags=0(24) { last(1) type(7) length(24) metadata block }*
 * STREAMINFO: min_block(16) max_block(16) min_frame(24) max_frame(24) rate(20) channels-1(3)
 *             bits-1(5) total_samples(36) md5(128)
 * </pre>
 */
public final class Flac {
    private static final int STREAMINFO_SIZE = 34;
    private static final int SIGNATURE = 0x664C6143; // "fLaC"
    private static final int FRAME_HEADER_MIN = 6;
    private static final int[] RATES = {
        0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000
    };
    private static final int[] SAMPLE_SIZES = {0, 8, 12, 0, 16, 20, 24, 32};

    private Flac() {}

    /**
     * The format of a {@code dfLa} body, of a native stream's start ("fLaC" and metadata blocks) or
     * of a bare STREAMINFO block; the format's config is {@code dfLa} with STREAMINFO alone.
     */
    public static AudioFormat format(CodecConfig config) throws MalformedException {
        ByteBuf in = Unpooled.wrappedBuffer(config.toArray());
        Limits.checkSize(
                "FLAC configuration", in.readableBytes(), STREAMINFO_SIZE, Limits.MAX_CONFIG_SIZE);
        if (in.readableBytes() > STREAMINFO_SIZE) {
            int first = in.readInt();
            if (first != SIGNATURE && first != 0) {
                throw new MalformedException(
                        "FLAC configuration",
                        Integer.toHexString(first),
                        "\"fLaC\" or dfLa version 0");
            }
            int block = in.readInt();
            if ((block & 0x7FFFFFFF) != STREAMINFO_SIZE || in.readableBytes() < STREAMINFO_SIZE) {
                throw new MalformedException(
                        "FLAC first metadata block",
                        "type " + (block >> 24 & 0x7F) + ", " + (block & 0xFFFFFF) + " bytes",
                        "STREAMINFO, type 0, 34 bytes");
            }
        }
        return format(in.readSlice(STREAMINFO_SIZE));
    }

    /** "fLaC" and the STREAMINFO block of a {@code dfLa} body, as Enhanced RTMP has it. */
    public static byte[] streamHeader(CodecConfig dfLa) throws MalformedException {
        byte[] header = format(dfLa).config().toArray();
        Unpooled.wrappedBuffer(header).setInt(0, SIGNATURE);
        return header;
    }

    /** Samples a channel of a frame, 0 when it is none. Borrows, indices left alone. */
    public static int samples(ByteBuf frame) {
        int index = frame.readerIndex();
        if (!isFrame(frame)) {
            return 0;
        }
        int code = frame.getUnsignedByte(index + 2) >> 4;
        return switch (code) {
            case 0 -> 0;
            case 1 -> 192;
            case 2, 3, 4, 5 -> 144 << code;
            case 6, 7 -> explicitBlockSize(frame, code - 5);
            default -> 1 << code;
        };
    }

    private static int explicitBlockSize(ByteBuf frame, int bytes) {
        int index = frame.readerIndex() + 4;
        // coded number: as many bytes as leading ones, one when there are none (§9.1.5)
        int ones = Integer.numberOfLeadingZeros(~(frame.getByte(index) << 24));
        index += Math.max(1, ones);
        if (ones == 1 || ones > 7 || index + bytes > frame.writerIndex()) {
            return 0;
        }
        return 1 + (bytes == 1 ? frame.getUnsignedByte(index) : frame.getUnsignedShort(index));
    }

    private static boolean isFrame(ByteBuf unit) {
        int index = unit.readerIndex();
        return unit.readableBytes() >= FRAME_HEADER_MIN
                && (unit.getUnsignedShort(index) & 0xFFFE) == 0xFFF8
                && (unit.getByte(index + 2) & 0xF) != 15
                && (unit.getUnsignedByte(index + 3) >> 4) <= 10;
    }

    private static AudioFormat format(ByteBuf streamInfo) throws MalformedException {
        BitReader in = BitReader.of("FLAC STREAMINFO", streamInfo);
        int minBlock = in.bits(16);
        int maxBlock = in.bits(16);
        in.skip(48); // frame sizes
        int rate = in.bits(20);
        int channels = 1 + in.bits(3);
        int sampleSize = 1 + in.bits(5);
        if (minBlock < 16 || maxBlock < minBlock || rate == 0 || sampleSize < 4) {
            throw new MalformedException(
                    "FLAC STREAMINFO",
                    "blocks "
                            + minBlock
                            + " to "
                            + maxBlock
                            + ", "
                            + rate
                            + " Hz, "
                            + sampleSize
                            + " bits",
                    "blocks of 16 or more, a rate, 4 bits or more");
        }
        ByteBuf out = Unpooled.buffer(42);
        out.writeInt(0).writeInt(0x80000000 | STREAMINFO_SIZE);
        out.writeBytes(streamInfo, streamInfo.readerIndex(), STREAMINFO_SIZE);
        return new AudioFormat(
                CodecId.FLAC,
                rate,
                channels,
                minBlock == maxBlock ? maxBlock : 0,
                CodecConfig.copyOf(out),
                "fLaC");
    }

    /**
     * Makes a STREAMINFO from the frame header. Frames that leave their rate or sample size to a
     * STREAMINFO cannot be announced from frames.
     */
    static final class Probe extends HeaderProbe {
        @Override
        long key(ByteBuf unit) {
            int index = unit.readerIndex();
            if (!isFrame(unit)) {
                return -1;
            }
            // rate, channels, sample size: not the block size, the last block is shorter
            return (unit.getByte(index + 2) & 0xF)
                    | channels(unit, index) << 4
                    | (unit.getByte(index + 3) & 0xE) << 8;
        }

        @Override
        TrackFormat parse(ByteBuf unit) throws MalformedException {
            int index = unit.readerIndex();
            int rateCode = unit.getByte(index + 2) & 0xF;
            int rate = rateCode < RATES.length ? RATES[rateCode] : 0;
            int sampleSize = SAMPLE_SIZES[unit.getByte(index + 3) >> 1 & 7];
            int block = samples(unit);
            if (rate == 0 || sampleSize == 0 || block < 16) {
                throw new MalformedException(
                        "FLAC frame header",
                        "rate code " + rateCode + ", sample size " + sampleSize,
                        "a frame that states its rate and sample size");
            }
            ByteBuf out = Unpooled.buffer(STREAMINFO_SIZE);
            new BitWriter(out)
                    .bits(16, block)
                    .bits(16, block)
                    .bits(24, 0)
                    .bits(24, 0)
                    .bits(20, rate)
                    .bits(3, channels(unit, index) - 1)
                    .bits(5, sampleSize - 1)
                    .bits(4, 0);
            out.writeZero(4 + 16); // total samples and MD5: unknown
            return Flac.format(out);
        }

        private static int channels(ByteBuf unit, int index) {
            int code = unit.getUnsignedByte(index + 3) >> 4;
            return code < 8 ? code + 1 : 2; // 8 to 10: stereo decorrelation
        }
    }
}
