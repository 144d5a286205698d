package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/**
 * What a sequence parameter set says (ITU-T H.264 §7.3.2.1.1, Annex E).
 *
 * @param id seq_parameter_set_id
 * @param profileIdc profile_idc
 * @param constraintFlags the byte of constraint_set0_flag to reserved_zero_2bits
 * @param levelIdc level_idc
 * @param chromaFormatIdc 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
 * @param width after cropping, in luma samples
 * @param height of a frame (not a field) after cropping
 * @param sarWidth 1 when unknown
 * @param sarHeight 1 when unknown
 * @param frameRate frames a second, 0 when the VUI does not say
 * @param frameMbsOnly false when pictures may be fields or MBAFF frames
 * @param maxReorderFrames frames that may precede in decoding order and follow in output order;
 *     inferred as §E.2.1 says when absent
 */
public record H264Sps(
        int id,
        int profileIdc,
        int constraintFlags,
        int levelIdc,
        int chromaFormatIdc,
        int bitDepthLuma,
        int bitDepthChroma,
        int width,
        int height,
        int sarWidth,
        int sarHeight,
        double frameRate,
        boolean frameMbsOnly,
        int maxReorderFrames) {

    /**
     * Parses one SPS NAL unit, header included. Borrows, absolute indices. A VUI that is cut off or
     * wrong is taken as far as it is good, as decoders do: cameras get it wrong and play.
     */
    public static H264Sps parse(ByteBuf buf, int index, int length) throws MalformedException {
        Limits.checkSize("H.264 SPS", length, 4, Limits.MAX_PARAMETER_SET_SIZE);
        return new Parser(BitReader.ofNalUnit("H.264 SPS", buf, index, length)).parse();
    }

    static H264Sps parse(NalUnit nal) throws MalformedException {
        Limits.checkSize("H.264 SPS", nal.length(), 4, Limits.MAX_PARAMETER_SET_SIZE);
        return new Parser(nal.reader("H.264 SPS")).parse();
    }

    /** Whether {@code avcC} carries chroma format and bit depths (ISO/IEC 14496-15 §5.3.3.1.2). */
    boolean hasHighProfileFields() {
        return profileIdc != 66 && profileIdc != 77 && profileIdc != 88;
    }

    /** RFC 6381 §3.3: profile_idc, constraint flags and level_idc in hexadecimal. */
    public String codecString() {
        return "avc1.%02X%02X%02X".formatted(profileIdc, constraintFlags, levelIdc);
    }

    private static final class Parser {
        /** MaxDpbMbs of Table A-1 by level_idc; 9 stands for level 1b. */
        private static final int[][] MAX_DPB_MBS = {
            {9, 396},
            {10, 396},
            {11, 900},
            {12, 2376},
            {13, 2376},
            {20, 2376},
            {21, 4752},
            {22, 8100},
            {30, 8100},
            {31, 18_000},
            {32, 20_480},
            {40, 32_768},
            {41, 32_768},
            {42, 34_816},
            {50, 110_400},
            {51, 184_320},
            {52, 184_320},
            {60, 696_320},
            {61, 696_320},
            {62, 696_320}
        };

        private static final int MAX_DPB_FRAMES = 16;

        private final BitReader in;
        private int profileIdc;
        private int constraintFlags;
        private int levelIdc;
        private int chromaFormatIdc = 1;
        private boolean separateColourPlanes;
        private int bitDepthLuma = 8;
        private int bitDepthChroma = 8;
        private int width;
        private int height;
        private int widthInMbs;
        private int frameHeightInMbs;
        private boolean frameMbsOnly;
        private int sarWidth = 1;
        private int sarHeight = 1;
        private double frameRate;
        private int maxReorderFrames = -1;

        private Parser(BitReader in) {
            this.in = in;
        }

        private H264Sps parse() throws MalformedException {
            int nalType = H264.nalType(in.bits(8));
            if (nalType != H264.NAL_SPS) {
                throw new MalformedException("H.264 SPS nal_unit_type", nalType, "7");
            }
            profileIdc = in.bits(8);
            constraintFlags = in.bits(8);
            levelIdc = in.bits(8);
            int id = in.ue("seq_parameter_set_id", 31);
            if (isHighFamily()) {
                chroma();
            }
            pictureOrder();
            pictureSize();
            if (in.flag()) {
                vui();
            }
            if (maxReorderFrames < 0) {
                maxReorderFrames = inferredReorder();
            }
            return new H264Sps(
                    id,
                    profileIdc,
                    constraintFlags,
                    levelIdc,
                    chromaFormatIdc,
                    bitDepthLuma,
                    bitDepthChroma,
                    width,
                    height,
                    sarWidth,
                    sarHeight,
                    frameRate,
                    frameMbsOnly,
                    maxReorderFrames);
        }

        private boolean isHighFamily() {
            return switch (profileIdc) {
                case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 -> true;
                default -> false;
            };
        }

        private void chroma() throws MalformedException {
            chromaFormatIdc = in.ue("chroma_format_idc", 3);
            separateColourPlanes = chromaFormatIdc == 3 && in.flag();
            bitDepthLuma = 8 + in.ue("bit_depth_luma_minus8", 6);
            bitDepthChroma = 8 + in.ue("bit_depth_chroma_minus8", 6);
            in.skip(1); // qpprime_y_zero_transform_bypass_flag
            if (in.flag()) {
                int lists = chromaFormatIdc == 3 ? 12 : 8;
                for (int i = 0; i < lists; i++) {
                    if (in.flag()) {
                        scalingList(i < 6 ? 16 : 64);
                    }
                }
            }
        }

        private void scalingList(int size) throws MalformedException {
            int last = 8;
            int next = 8;
            for (int i = 0; i < size; i++) {
                if (next != 0) {
                    next = (last + in.se("delta_scale", -128, 127)) & 0xFF;
                }
                last = next == 0 ? last : next;
            }
        }

        private void pictureOrder() throws MalformedException {
            in.ue("log2_max_frame_num_minus4", 12);
            switch (in.ue("pic_order_cnt_type", 2)) {
                case 0 -> in.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
                case 1 -> {
                    in.skip(1); // delta_pic_order_always_zero_flag
                    in.se(); // offset_for_non_ref_pic
                    in.se(); // offset_for_top_to_bottom_field
                    int cycle = in.ue("num_ref_frames_in_pic_order_cnt_cycle", 255);
                    for (int i = 0; i < cycle; i++) {
                        in.se();
                    }
                }
                default -> {
                    // Type 2: output order is decoding order.
                    maxReorderFrames = 0;
                }
            }
            in.ue("max_num_ref_frames", MAX_DPB_FRAMES);
            in.skip(1); // gaps_in_frame_num_value_allowed_flag
        }

        private void pictureSize() throws MalformedException {
            widthInMbs = 1 + in.ue("pic_width_in_mbs_minus1", Limits.MAX_PICTURE_SIDE / 16 - 1);
            int mapUnits =
                    1 + in.ue("pic_height_in_map_units_minus1", Limits.MAX_PICTURE_SIDE / 16 - 1);
            frameMbsOnly = in.flag();
            int fields = frameMbsOnly ? 1 : 2;
            frameHeightInMbs = mapUnits * fields;
            if (!frameMbsOnly) {
                in.skip(1); // mb_adaptive_frame_field_flag
            }
            in.skip(1); // direct_8x8_inference_flag
            long croppedWidth = 16L * widthInMbs;
            long croppedHeight = 16L * frameHeightInMbs;
            if (in.flag()) {
                int chromaArrayType = separateColourPlanes ? 0 : chromaFormatIdc;
                int unitX = chromaArrayType == 1 || chromaArrayType == 2 ? 2 : 1;
                int unitY = (chromaArrayType == 1 ? 2 : 1) * fields;
                croppedWidth -= unitX * (in.ue() + in.ue());
                croppedHeight -= unitY * (in.ue() + in.ue());
            }
            Limits.checkPicture("H.264 SPS picture size", croppedWidth, croppedHeight);
            width = (int) croppedWidth;
            height = (int) croppedHeight;
        }

        private void vui() {
            try {
                vuiParameters();
            } catch (MalformedException _) {
                // Kept as far as it was good, see parse().
            }
        }

        private void vuiParameters() throws MalformedException {
            if (in.flag()) {
                SampleAspectRatio sar = SampleAspectRatio.read(in);
                sarWidth = sar.width();
                sarHeight = sar.height();
            }
            if (in.flag()) {
                in.skip(1); // overscan_appropriate_flag
            }
            if (in.flag()) {
                in.skip(4); // video_format(3) video_full_range_flag(1)
                if (in.flag()) {
                    in.skip(24); // colour_primaries transfer_characteristics matrix_coefficients
                }
            }
            if (in.flag()) {
                in.ue("chroma_sample_loc_type_top_field", 5);
                in.ue("chroma_sample_loc_type_bottom_field", 5);
            }
            if (in.flag()) {
                long unitsInTick = in.bitsLong(32);
                long timeScale = in.bitsLong(32);
                in.skip(1); // fixed_frame_rate_flag
                // A tick is a field (§E.2.1).
                frameRate = FrameRate.of(timeScale, 2 * unitsInTick);
            }
            boolean nalHrd = in.flag();
            if (nalHrd) {
                hrd();
            }
            boolean vclHrd = in.flag();
            if (vclHrd) {
                hrd();
            }
            if (nalHrd || vclHrd) {
                in.skip(1); // low_delay_hrd_flag
            }
            in.skip(1); // pic_struct_present_flag
            if (in.flag()) {
                in.skip(1); // motion_vectors_over_pic_boundaries_flag
                in.ue(); // max_bytes_per_pic_denom
                in.ue(); // max_bits_per_mb_denom
                in.ue(); // log2_max_mv_length_horizontal
                in.ue(); // log2_max_mv_length_vertical
                maxReorderFrames = in.ue("max_num_reorder_frames", MAX_DPB_FRAMES);
            }
        }

        private void hrd() throws MalformedException {
            int count = 1 + in.ue("cpb_cnt_minus1", 31);
            in.skip(8); // bit_rate_scale(4) cpb_size_scale(4)
            for (int i = 0; i < count; i++) {
                in.ue(); // bit_rate_value_minus1
                in.ue(); // cpb_size_value_minus1
                in.skip(1); // cbr_flag
            }
            in.skip(20); // delay lengths(3 x 5) time_offset_length(5)
        }

        /** §E.2.1: 0 for intra-only profiles, MaxDpbFrames otherwise; Baseline has no B slices. */
        private int inferredReorder() {
            boolean constraintSet3 = (constraintFlags & 0x10) != 0;
            boolean intraOnly =
                    profileIdc == 44
                            || (constraintSet3
                                    && (profileIdc == 86
                                            || profileIdc == 100
                                            || profileIdc == 110
                                            || profileIdc == 122
                                            || profileIdc == 244));
            if (intraOnly || profileIdc == 66) {
                return 0;
            }
            int level = levelIdc == 11 && constraintSet3 ? 9 : levelIdc;
            for (int[] row : MAX_DPB_MBS) {
                if (row[0] == level) {
                    return Math.min(row[1] / (widthInMbs * frameHeightInMbs), MAX_DPB_FRAMES);
                }
            }
            return MAX_DPB_FRAMES;
        }
    }
}
