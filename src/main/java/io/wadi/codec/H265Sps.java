package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/**
 * What a sequence parameter set says (ITU-T H.265 §7.3.2.2.1, Annex E).
 *
 * @param maxSubLayers sps_max_sub_layers_minus1 + 1
 * @param chromaFormatIdc 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
 * @param width after the conformance window, in luma samples
 * @param height after the conformance window
 * @param frameRate pictures a second (fields when the sequence is of fields), 0 when unknown
 * @param maxReorderPictures sps_max_num_reorder_pics of the highest sub-layer
 */
public record H265Sps(
        int id,
        int vpsId,
        int maxSubLayers,
        boolean temporalIdNesting,
        H265ProfileTierLevel profileTierLevel,
        int chromaFormatIdc,
        int bitDepthLuma,
        int bitDepthChroma,
        int width,
        int height,
        int sarWidth,
        int sarHeight,
        double frameRate,
        int maxReorderPictures,
        int minSpatialSegmentationIdc) {

    /**
     * Parses one SPS NAL unit, header included. Borrows, absolute indices. A VUI that is cut off or
     * wrong is taken as far as it is good, as decoders do.
     */
    public static H265Sps parse(ByteBuf buf, int index, int length) throws MalformedException {
        Limits.checkSize("H.265 SPS", length, 16, Limits.MAX_PARAMETER_SET_SIZE);
        return new H265SpsParser(BitReader.ofNalUnit("H.265 SPS", buf, index, length)).parse();
    }

    static H265Sps parse(NalUnit nal) throws MalformedException {
        Limits.checkSize("H.265 SPS", nal.length(), 16, Limits.MAX_PARAMETER_SET_SIZE);
        return new H265SpsParser(nal.reader("H.265 SPS")).parse();
    }
}
