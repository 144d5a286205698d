package io.wadi.codec;

/** Reads seq_parameter_set_rbsp() of ITU-T H.265 §7.3.2.2 up to the end of its VUI. */
final class H265SpsParser {
    private static final int MAX_SHORT_TERM_SETS = 64;
    private static final int MAX_DPB_SIZE = 16;

    private final BitReader in;
    private int maxSubLayersMinus1;
    private int chromaFormatIdc;
    private int bitDepthLuma;
    private int bitDepthChroma;
    private int width;
    private int height;
    private int maxReorder;
    private int log2MaxPocLsb;
    private int sarWidth = 1;
    private int sarHeight = 1;
    private double frameRate;
    private int minSpatialSegmentation;

    H265SpsParser(BitReader in) {
        this.in = in;
    }

    H265Sps parse() throws MalformedException {
        int header = in.bits(16);
        int nalType = H265.nalType(header >> 8);
        if (nalType != H265.NAL_SPS) {
            throw new MalformedException("H.265 SPS nal_unit_type", nalType, "33");
        }
        int layer = H265.layerId(header >> 8, header & 0xFF);
        if (layer != 0) {
            throw new MalformedException("H.265 SPS nuh_layer_id", layer, "0");
        }
        int vpsId = in.bits(4);
        maxSubLayersMinus1 = in.bits(3);
        if (maxSubLayersMinus1 > 6) {
            throw new MalformedException(
                    "H.265 SPS sps_max_sub_layers_minus1", maxSubLayersMinus1, "0 to 6");
        }
        boolean nesting = in.flag();
        H265ProfileTierLevel level = H265ProfileTierLevel.read(in, maxSubLayersMinus1);
        int id = in.ue("sps_seq_parameter_set_id", 15);
        picture();
        codingTools();
        referencePictureSets();
        in.skip(2); // sps_temporal_mvp_enabled_flag strong_intra_smoothing_enabled_flag
        if (in.flag()) {
            vui();
        }
        return new H265Sps(
                id,
                vpsId,
                maxSubLayersMinus1 + 1,
                nesting,
                level,
                chromaFormatIdc,
                bitDepthLuma,
                bitDepthChroma,
                width,
                height,
                sarWidth,
                sarHeight,
                frameRate,
                maxReorder,
                minSpatialSegmentation);
    }

    private void picture() throws MalformedException {
        chromaFormatIdc = in.ue("chroma_format_idc", 3);
        boolean separatePlanes = chromaFormatIdc == 3 && in.flag();
        long croppedWidth = in.ue("pic_width_in_luma_samples", Limits.MAX_PICTURE_SIDE);
        long croppedHeight = in.ue("pic_height_in_luma_samples", Limits.MAX_PICTURE_SIDE);
        if (in.flag()) {
            int unitX = !separatePlanes && (chromaFormatIdc == 1 || chromaFormatIdc == 2) ? 2 : 1;
            int unitY = !separatePlanes && chromaFormatIdc == 1 ? 2 : 1;
            croppedWidth -= unitX * (in.ue() + in.ue());
            croppedHeight -= unitY * (in.ue() + in.ue());
        }
        Limits.checkPicture("H.265 SPS picture size", croppedWidth, croppedHeight);
        width = (int) croppedWidth;
        height = (int) croppedHeight;
        bitDepthLuma = 8 + in.ue("bit_depth_luma_minus8", 8);
        bitDepthChroma = 8 + in.ue("bit_depth_chroma_minus8", 8);
        log2MaxPocLsb = 4 + in.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
        boolean perSubLayer = in.flag();
        for (int i = perSubLayer ? 0 : maxSubLayersMinus1; i <= maxSubLayersMinus1; i++) {
            in.ue("sps_max_dec_pic_buffering_minus1", MAX_DPB_SIZE - 1);
            maxReorder = in.ue("sps_max_num_reorder_pics", MAX_DPB_SIZE - 1);
            in.ue(); // sps_max_latency_increase_plus1
        }
    }

    private void codingTools() throws MalformedException {
        in.ue("log2_min_luma_coding_block_size_minus3", 3);
        in.ue("log2_diff_max_min_luma_coding_block_size", 3);
        in.ue("log2_min_luma_transform_block_size_minus2", 3);
        in.ue("log2_diff_max_min_luma_transform_block_size", 3);
        in.ue("max_transform_hierarchy_depth_inter", 4);
        in.ue("max_transform_hierarchy_depth_intra", 4);
        boolean scalingList = in.flag();
        if (scalingList && in.flag()) {
            scalingListData();
        }
        in.skip(2); // amp_enabled_flag sample_adaptive_offset_enabled_flag
        if (in.flag()) {
            in.skip(8); // pcm_sample_bit_depth_luma_minus1(4) ..._chroma_minus1(4)
            in.ue("log2_min_pcm_luma_coding_block_size_minus3", 2);
            in.ue("log2_diff_max_min_pcm_luma_coding_block_size", 2);
            in.skip(1); // pcm_loop_filter_disabled_flag
        }
    }

    /** scaling_list_data(), §7.3.4. */
    private void scalingListData() throws MalformedException {
        for (int sizeId = 0; sizeId < 4; sizeId++) {
            int coefficients = Math.min(64, 1 << (4 + (sizeId << 1)));
            for (int matrixId = 0; matrixId < 6; matrixId += sizeId == 3 ? 3 : 1) {
                if (!in.flag()) {
                    in.ue("scaling_list_pred_matrix_id_delta", 5);
                    continue;
                }
                if (sizeId > 1) {
                    in.se("scaling_list_dc_coef_minus8", -7, 247);
                }
                for (int i = 0; i < coefficients; i++) {
                    in.se("scaling_list_delta_coef", -128, 127);
                }
            }
        }
    }

    private void referencePictureSets() throws MalformedException {
        int sets = in.ue("num_short_term_ref_pic_sets", MAX_SHORT_TERM_SETS);
        int previous = 0;
        for (int i = 0; i < sets; i++) {
            previous = shortTermSet(i, previous);
        }
        if (in.flag()) {
            int longTerm = in.ue("num_long_term_ref_pics_sps", 32);
            in.skip(longTerm * (log2MaxPocLsb + 1)); // lt_ref_pic_poc_lsb_sps, used flag
        }
    }

    /**
     * st_ref_pic_set(), §7.3.7.
     *
     * @param previous NumDeltaPocs of the set before, which prediction refers to in an SPS
     * @return NumDeltaPocs of this set
     */
    private int shortTermSet(int index, int previous) throws MalformedException {
        int count = 0;
        if (index > 0 && in.flag()) {
            in.skip(1); // delta_rps_sign
            in.ue("abs_delta_rps_minus1", 32_767);
            for (int j = 0; j <= previous; j++) {
                boolean used = in.flag();
                boolean useDelta = used || in.flag();
                count += useDelta ? 1 : 0;
            }
        } else {
            count = in.ue("num_negative_pics", MAX_DPB_SIZE);
            count += in.ue("num_positive_pics", MAX_DPB_SIZE);
            for (int j = 0; j < count && count <= MAX_DPB_SIZE; j++) {
                in.ue("delta_poc_minus1", 32_767);
                in.skip(1); // used_by_curr_pic_flag
            }
        }
        if (count > MAX_DPB_SIZE) {
            throw new MalformedException("H.265 SPS NumDeltaPocs", count, "0 to " + MAX_DPB_SIZE);
        }
        return count;
    }

    private void vui() {
        try {
            vuiParameters();
        } catch (MalformedException _) {
            // Kept as far as it was good, see H265Sps.parse().
        }
    }

    /** vui_parameters(), §E.2.1. */
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
                in.skip(24); // colour_primaries transfer_characteristics matrix_coeffs
            }
        }
        if (in.flag()) {
            in.ue("chroma_sample_loc_type_top_field", 5);
            in.ue("chroma_sample_loc_type_bottom_field", 5);
        }
        in.skip(3); // neutral_chroma_indication_flag field_seq_flag frame_field_info_present_flag
        if (in.flag()) {
            // default display window: a hint, not cropping
            for (int i = 0; i < 4; i++) {
                in.ue();
            }
        }
        if (in.flag()) {
            timing();
        }
        if (in.flag()) {
            // tiles_fixed_structure motion_vectors_over_pic_boundaries restricted_ref_pic_lists
            in.skip(3);
            minSpatialSegmentation = in.ue("min_spatial_segmentation_idc", 4095);
        }
    }

    private void timing() throws MalformedException {
        long unitsInTick = in.bitsLong(32);
        long timeScale = in.bitsLong(32);
        frameRate = FrameRate.of(timeScale, unitsInTick);
        if (in.flag()) {
            in.ue(); // vui_num_ticks_poc_diff_one_minus1
        }
        if (in.flag()) {
            hrd();
        }
    }

    /** hrd_parameters(1, maxSubLayersMinus1), §E.2.2. */
    private void hrd() throws MalformedException {
        boolean nal = in.flag();
        boolean vcl = in.flag();
        boolean subPicture = false;
        if (nal || vcl) {
            subPicture = in.flag();
            if (subPicture) {
                in.skip(19); // tick_divisor_minus2(8) lengths(5, 1, 5)
            }
            in.skip(8); // bit_rate_scale(4) cpb_size_scale(4)
            if (subPicture) {
                in.skip(4); // cpb_size_du_scale
            }
            in.skip(15); // delay lengths(3 x 5)
        }
        for (int i = 0; i <= maxSubLayersMinus1; i++) {
            boolean fixedGeneral = in.flag();
            boolean fixedWithinCvs = fixedGeneral || in.flag();
            boolean lowDelay = false;
            if (fixedWithinCvs) {
                in.ue("elemental_duration_in_tc_minus1", 2047);
            } else {
                lowDelay = in.flag();
            }
            int buffers = lowDelay ? 1 : 1 + in.ue("cpb_cnt_minus1", 31);
            for (int kind = (nal ? 1 : 0) + (vcl ? 1 : 0); kind > 0; kind--) {
                subLayerHrd(buffers, subPicture);
            }
        }
    }

    private void subLayerHrd(int buffers, boolean subPicture) throws MalformedException {
        for (int i = 0; i < buffers; i++) {
            in.ue(); // bit_rate_value_minus1
            in.ue(); // cpb_size_value_minus1
            if (subPicture) {
                in.ue(); // cpb_size_du_value_minus1
                in.ue(); // bit_rate_du_value_minus1
            }
            in.skip(1); // cbr_flag
        }
    }
}
