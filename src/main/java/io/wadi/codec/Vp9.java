package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * VP9 frames (VP9 bitstream specification §6.2) and the {@code vpcC} record (VP Codec ISO Media
 * File Format Binding §2.2). A {@link CodecConfig} for VP9 is the body of the full box:
 *
 * <pre>
 * version=1(8) flags=0(24) profile(8) level(8) bitDepth(4) chromaSubsampling(3) fullRange(1)
 * colourPrimaries(8) transferCharacteristics(8) matrixCoefficients(8) initializationSize=0(16)
 * </pre>
 */
public final class Vp9 {
    private static final int FULL_BOX_HEADER = 4;
    private static final int RECORD_SIZE = 8;
    private static final int SYNC_CODE = 0x498342;
    private static final int COLOUR_SRGB = 7;

    /** colour_primaries and matrix_coefficients of ITU-T H.273 by color_space (§7.2.2). */
    private static final int[] PRIMARIES = {2, 5, 1, 6, 7, 9, 2, 1};

    private static final int[] TRANSFERS = {2, 6, 1, 6, 7, 14, 2, 13};
    private static final int[] MATRICES = {2, 5, 1, 6, 7, 9, 2, 0};

    /** Level, samples of a picture and samples a second: the VP9 levels' limits. */
    private static final long[][] LEVELS = {
        {10, 36_864, 829_440},
        {11, 73_728, 2_764_800},
        {20, 122_880, 4_608_000},
        {21, 245_760, 9_216_000},
        {30, 552_960, 20_736_000},
        {31, 983_040, 36_864_000},
        {40, 2_228_224, 83_558_400},
        {41, 2_228_224, 160_432_128},
        {50, 8_912_896, 311_951_360},
        {51, 8_912_896, 588_251_136},
        {52, 8_912_896, 1_176_502_272},
        {60, 35_651_584, 1_176_502_272},
        {61, 35_651_584, 2_353_004_544L},
        {62, 35_651_584, 4_706_009_088L}
    };

    /** A frame does not tell its rate: levels are declared as for this one. */
    private static final int ASSUMED_FRAME_RATE = 60;

    private Vp9() {}

    /**
     * Whether the frame (the first one of a superframe) is a key frame.
     *
     * @param frame borrowed, indices left alone
     */
    public static boolean isRandomAccess(ByteBuf frame) {
        if (!frame.isReadable()) {
            return false;
        }
        int first = frame.getUnsignedByte(frame.readerIndex());
        if (first >> 6 != 2) {
            return false;
        }
        // frame_marker(2) profile_low(1) profile_high(1) [reserved_zero(1), profile 3]
        // show_existing_frame(1) frame_type(1)
        int shift = (first & 0x30) == 0x30 ? 1 : 2;
        return (first >> shift & 3) == 0;
    }

    /** The format of a key frame. Borrows, indices left alone. */
    public static VideoFormat formatOfKeyFrame(ByteBuf frame) throws MalformedException {
        BitReader in = BitReader.of("VP9 frame header", frame);
        int marker = in.bits(2);
        int profile = in.bits(1) | in.bits(1) << 1;
        in.skip(profile == 3 ? 1 : 0); // reserved_zero
        int existingAndType = in.bits(2);
        in.skip(2); // show_frame error_resilient_mode
        if (marker != 2 || existingAndType != 0) {
            throw new MalformedException(
                    "VP9 frame header", "marker " + marker + ", not a key frame", "a key frame");
        }
        int sync = in.bits(24);
        if (sync != SYNC_CODE) {
            throw new MalformedException("VP9 frame_sync_code", sync, "0x498342");
        }
        int bitDepth = profile < 2 ? 8 : in.flag() ? 12 : 10;
        int space = in.bits(3);
        boolean fullRange;
        int chroma;
        if (space == COLOUR_SRGB) {
            if ((profile & 1) == 0) {
                throw new MalformedException("VP9 profile of RGB", profile, "1 or 3");
            }
            fullRange = true;
            chroma = 3; // 4:4:4
            in.skip(1); // reserved_zero
        } else {
            fullRange = in.flag();
            chroma = (profile & 1) != 0 ? chroma(in) : 1;
        }
        int width = 1 + in.bits(16);
        int height = 1 + in.bits(16);
        Limits.checkPicture("VP9 frame size", width, height);
        return format(width, height, profile, bitDepth, chroma, fullRange, space);
    }

    /**
     * The format of a {@code vpcC} record, with or without the full box's version and flags. The
     * record has no picture size: that is the sample entry's, or unknown (0).
     */
    public static VideoFormat format(CodecConfig vpcC, int width, int height)
            throws MalformedException {
        ByteBuf in = Unpooled.wrappedBuffer(vpcC.toArray());
        Limits.checkSize("vpcC", in.readableBytes(), RECORD_SIZE, FULL_BOX_HEADER + RECORD_SIZE);
        if (in.readableBytes() == FULL_BOX_HEADER + RECORD_SIZE) {
            int version = in.readInt() >>> 24;
            if (version != 1) {
                throw new MalformedException("vpcC version", version, "1");
            }
        }
        Limits.checkSize("vpcC record", in.readableBytes(), RECORD_SIZE, RECORD_SIZE);
        int profile = in.getUnsignedByte(in.readerIndex());
        int level = in.getUnsignedByte(in.readerIndex() + 1);
        int bitDepth = in.getUnsignedByte(in.readerIndex() + 2) >> 4;
        if (profile > 3 || (bitDepth != 8 && bitDepth != 10 && bitDepth != 12)) {
            throw new MalformedException(
                    "vpcC",
                    "profile " + profile + ", " + bitDepth + " bits",
                    "profile 0 to 3, 8, 10 or 12 bits");
        }
        ByteBuf body = Unpooled.buffer(FULL_BOX_HEADER + RECORD_SIZE);
        body.writeInt(1 << 24).writeBytes(in);
        return new VideoFormat(
                CodecId.VP9,
                width,
                height,
                1,
                1,
                0,
                CodecConfig.copyOf(body),
                codecString(profile, level, bitDepth));
    }

    private static int chroma(BitReader in) throws MalformedException {
        int subsampling = in.bits(2);
        in.skip(1); // reserved_zero
        return switch (subsampling) {
            case 0 -> 3; // 4:4:4
            case 2 -> 2; // 4:2:2
            case 1 -> 4; // 4:4:0
            default ->
                    throw new MalformedException(
                            "VP9 subsampling of profile 1 or 3", "4:2:0", "anything else");
        };
    }

    private static VideoFormat format(
            int width,
            int height,
            int profile,
            int bitDepth,
            int chroma,
            boolean fullRange,
            int space) {
        int level = level(width, height);
        ByteBuf out = Unpooled.buffer(FULL_BOX_HEADER + RECORD_SIZE);
        out.writeInt(1 << 24).writeByte(profile).writeByte(level);
        out.writeByte(bitDepth << 4 | chromaCode(chroma) << 1 | (fullRange ? 1 : 0));
        out.writeByte(PRIMARIES[space]).writeByte(TRANSFERS[space]).writeByte(MATRICES[space]);
        out.writeShort(0);
        return new VideoFormat(
                CodecId.VP9,
                width,
                height,
                1,
                1,
                0,
                CodecConfig.copyOf(out),
                codecString(profile, level, bitDepth));
    }

    /** chromaSubsampling: 1 is 4:2:0 collocated with luma, 2 is 4:2:2, 3 is 4:4:4 (and 4:4:0). */
    private static int chromaCode(int chroma) {
        return Math.min(chroma, 3);
    }

    private static int level(int width, int height) {
        long picture = (long) width * height;
        for (long[] level : LEVELS) {
            if (picture <= level[1] && picture * ASSUMED_FRAME_RATE <= level[2]) {
                return (int) level[0];
            }
        }
        return 62;
    }

    /**
     * The codecs parameter of 4:2:0 pictures, as {@link #formatOfKeyFrame} finds it.
     *
     * @param tenBit 10 bits a sample instead of 8
     */
    public static String codecString(int width, int height, boolean tenBit) {
        return codecString(tenBit ? 2 : 0, level(width, height), tenBit ? 10 : 8);
    }

    private static String codecString(int profile, int level, int bitDepth) {
        return "vp09.%02d.%02d.%02d".formatted(profile, level, bitDepth);
    }

    static final class Probe extends HeaderProbe {
        /** Frame header to frame_height: at most 9 bytes and a bit. */
        private static final int KEY_BYTES = 10;

        @Override
        long key(ByteBuf unit) {
            if (!isRandomAccess(unit) || unit.readableBytes() < KEY_BYTES) {
                return -1;
            }
            // The sync code is left out: profile, and what follows it to the size.
            int index = unit.readerIndex();
            long tail = 0;
            for (int i = 4; i < KEY_BYTES; i++) {
                tail = tail << 8 | unit.getUnsignedByte(index + i);
            }
            return (unit.getUnsignedByte(index) & 0x30L) << 48 | tail;
        }

        @Override
        TrackFormat parse(ByteBuf unit) throws MalformedException {
            return formatOfKeyFrame(unit);
        }
    }
}
