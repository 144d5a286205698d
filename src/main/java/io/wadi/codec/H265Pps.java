package io.wadi.codec;

/**
 * The start of a picture parameter set (ITU-T H.265 §7.3.2.3.1).
 *
 * @param parallelism parallelismType of {@code hvcC}: 0 mixed, 1 slices, 2 tiles, 3 wavefronts
 */
record H265Pps(int id, int spsId, int parallelism) {
    static H265Pps parse(NalUnit nal) throws MalformedException {
        Limits.checkSize("H.265 PPS", nal.length(), 3, Limits.MAX_PARAMETER_SET_SIZE);
        BitReader in = nal.reader("H.265 PPS");
        in.skip(16); // nal_unit_header
        int id = in.ue("pps_pic_parameter_set_id", 63);
        int spsId = in.ue("pps_seq_parameter_set_id", 15);
        // dependent_slice_segments_enabled(1) output_flag_present(1) num_extra_slice_header_bits(3)
        // sign_data_hiding_enabled(1) cabac_init_present(1)
        in.skip(7);
        in.ue("num_ref_idx_l0_default_active_minus1", 14);
        in.ue("num_ref_idx_l1_default_active_minus1", 14);
        in.se("init_qp_minus26", -74, 25);
        in.skip(2); // constrained_intra_pred_flag transform_skip_enabled_flag
        if (in.flag()) {
            in.ue("diff_cu_qp_delta_depth", 3);
        }
        in.se("pps_cb_qp_offset", -12, 12);
        in.se("pps_cr_qp_offset", -12, 12);
        // slice_chroma_qp_offsets_present(1) weighted_pred(1) weighted_bipred(1)
        // transquant_bypass_enabled(1)
        in.skip(4);
        boolean tiles = in.flag();
        boolean wavefronts = in.flag();
        int parallelism = tiles ? wavefronts ? 0 : 2 : wavefronts ? 3 : 1;
        return new H265Pps(id, spsId, parallelism);
    }
}
