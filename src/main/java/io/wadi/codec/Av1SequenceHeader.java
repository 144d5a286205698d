package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/**
 * What sequence_header_obu() says (AV1 specification §5.5).
 *
 * @param level seq_level_idx[0]
 * @param tier seq_tier[0]
 * @param chromaSamplePosition 0 when unknown
 * @param frameRate 0 unless the picture interval is declared equal
 */
public record Av1SequenceHeader(
        int profile,
        int level,
        int tier,
        int bitDepth,
        boolean monochrome,
        int subsamplingX,
        int subsamplingY,
        int chromaSamplePosition,
        int colourPrimaries,
        int transferCharacteristics,
        int matrixCoefficients,
        boolean fullRange,
        int width,
        int height,
        double frameRate) {

    /** Parses the payload of a sequence header OBU. Borrows, absolute indices. */
    public static Av1SequenceHeader parse(ByteBuf buf, int index, int length)
            throws MalformedException {
        return new Parser(BitReader.of("AV1 sequence header", buf, index, length)).parse();
    }

    /**
     * The codecs parameter of the MP4 binding §5. Its optional part is all or nothing; it is left
     * out when everything is the default or not specified.
     */
    public String codecString() {
        String text =
                "av01.%d.%02d%s.%02d".formatted(profile, level, tier == 0 ? "M" : "H", bitDepth);
        boolean plain =
                !monochrome
                        && subsamplingX == 1
                        && subsamplingY == 1
                        && isDefault(colourPrimaries)
                        && isDefault(transferCharacteristics)
                        && isDefault(matrixCoefficients)
                        && !fullRange;
        if (plain) {
            return text;
        }
        int position = subsamplingX == 1 && subsamplingY == 1 ? chromaSamplePosition : 0;
        return text
                + ".%d.%d%d%d.%02d.%02d.%02d.%d"
                        .formatted(
                                monochrome ? 1 : 0,
                                subsamplingX,
                                subsamplingY,
                                position,
                                colourPrimaries,
                                transferCharacteristics,
                                matrixCoefficients,
                                fullRange ? 1 : 0);
    }

    /** BT.709 is the default of the codecs parameter; 2 is unspecified. */
    private static boolean isDefault(int colourCode) {
        return colourCode == 1 || colourCode == 2;
    }

    private static final class Parser {
        private static final int UNSPECIFIED = 2;
        private static final int SELECT_SCREEN_CONTENT_TOOLS = 2;

        private final BitReader in;
        private int profile;
        private boolean reduced;
        private int level;
        private int tier;
        private double frameRate;
        private int bitDepth;
        private boolean monochrome;
        private int subsamplingX = 1;
        private int subsamplingY = 1;
        private int position;
        private int primaries = UNSPECIFIED;
        private int transfer = UNSPECIFIED;
        private int matrix = UNSPECIFIED;
        private boolean fullRange;

        private Parser(BitReader in) {
            this.in = in;
        }

        private Av1SequenceHeader parse() throws MalformedException {
            profile = in.bits(3);
            if (profile > 2) {
                throw new MalformedException("AV1 seq_profile", profile, "0 to 2");
            }
            in.skip(1); // still_picture
            reduced = in.flag();
            if (reduced) {
                level = in.bits(5);
            } else {
                operatingPoints();
            }
            int widthBits = 1 + in.bits(4);
            int heightBits = 1 + in.bits(4);
            int width = 1 + in.bits(widthBits);
            int height = 1 + in.bits(heightBits);
            Limits.checkPicture("AV1 max_frame_width and max_frame_height", width, height);
            tools();
            colour();
            return new Av1SequenceHeader(
                    profile,
                    level,
                    tier,
                    bitDepth,
                    monochrome,
                    subsamplingX,
                    subsamplingY,
                    position,
                    primaries,
                    transfer,
                    matrix,
                    fullRange,
                    width,
                    height,
                    frameRate);
        }

        private void operatingPoints() throws MalformedException {
            boolean decoderModel = false;
            int delayBits = 0;
            if (in.flag()) {
                timing();
                decoderModel = in.flag();
                if (decoderModel) {
                    delayBits = 1 + in.bits(5);
                    // num_units_in_decoding_tick(32) buffer_removal_time_length_minus_1(5)
                    // frame_presentation_time_length_minus_1(5)
                    in.skip(42);
                }
            }
            boolean displayDelay = in.flag();
            int points = 1 + in.bits(5);
            for (int i = 0; i < points; i++) {
                in.skip(12); // operating_point_idc
                int pointLevel = in.bits(5);
                int pointTier = pointLevel > 7 ? in.bits(1) : 0;
                if (i == 0) {
                    level = pointLevel;
                    tier = pointTier;
                }
                if (decoderModel && in.flag()) {
                    in.skip(2 * delayBits + 1); // operating_parameters_info()
                }
                if (displayDelay && in.flag()) {
                    in.skip(4);
                }
            }
        }

        private void timing() throws MalformedException {
            long unitsInTick = in.bitsLong(32);
            long timeScale = in.bitsLong(32);
            if (in.flag()) {
                long ticksPerPicture = 1 + in.ue(); // uvlc() is ue(v)
                frameRate =
                        ticksPerPicture > Integer.MAX_VALUE
                                ? 0
                                : FrameRate.of(timeScale, unitsInTick * ticksPerPicture);
            }
        }

        private void tools() throws MalformedException {
            if (!reduced && in.flag()) {
                in.skip(7); // delta_frame_id_length_minus_2(4) additional_..._minus_1(3)
            }
            in.skip(3); // superblock size, filter intra, intra edge filter
            if (!reduced) {
                in.skip(4); // interintra, masked, warped motion, dual filter
                boolean orderHint = in.flag();
                if (orderHint) {
                    in.skip(2); // enable_jnt_comp enable_ref_frame_mvs
                }
                int screenContent = in.flag() ? SELECT_SCREEN_CONTENT_TOOLS : in.bits(1);
                if (screenContent > 0 && !in.flag()) {
                    in.skip(1); // seq_force_integer_mv
                }
                if (orderHint) {
                    in.skip(3); // order_hint_bits_minus_1
                }
            }
            in.skip(3); // superres, cdef, restoration
        }

        /** color_config(), §5.5.2. */
        private void colour() throws MalformedException {
            boolean highBitDepth = in.flag();
            boolean twelveBit = profile == 2 && highBitDepth && in.flag();
            bitDepth = twelveBit ? 12 : highBitDepth ? 10 : 8;
            monochrome = profile != 1 && in.flag();
            if (in.flag()) {
                primaries = in.bits(8);
                transfer = in.bits(8);
                matrix = in.bits(8);
            }
            if (monochrome) {
                fullRange = in.flag();
                return;
            }
            if (primaries == 1 && transfer == 13 && matrix == 0) { // sRGB
                fullRange = true;
                subsamplingX = 0;
                subsamplingY = 0;
                return;
            }
            fullRange = in.flag();
            if (profile == 1) {
                subsamplingX = 0;
                subsamplingY = 0;
            } else if (profile == 2) {
                subsamplingX = bitDepth == 12 ? in.bits(1) : 1;
                subsamplingY = bitDepth == 12 && subsamplingX == 1 ? in.bits(1) : 0;
            }
            if (subsamplingX == 1 && subsamplingY == 1) {
                position = in.bits(2);
            }
        }
    }
}
