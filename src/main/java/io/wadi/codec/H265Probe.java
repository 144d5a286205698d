package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.List;

/** Finds the format of an H.265 track; only the base layer (nuh_layer_id 0) counts. */
final class H265Probe extends ParameterSetProbe {
    private final ParameterSets vps = new ParameterSets();
    private final ParameterSets sps = new ParameterSets();
    private final ParameterSets pps = new ParameterSets();
    private int activeSps = -1;
    private TrackFormat active;

    @Override
    boolean isSlice(int header) {
        return H265.isSlice(H265.nalType(header));
    }

    @Override
    boolean isIdr(int header) {
        return isIrap(header);
    }

    private static boolean isIrap(int header) {
        int type = H265.nalType(header);
        return type >= H265.NAL_BLA_W_LP && type <= H265.NAL_RSV_IRAP_VCL23;
    }

    @Override
    boolean store(ByteBuf buf, int nal, int length) throws MalformedException {
        int type = H265.nalType(buf.getByte(nal));
        if (type < H265.NAL_VPS || type > H265.NAL_PPS) {
            return false;
        }
        Limits.checkSize("H.265 parameter set", length, 3, Limits.MAX_PARAMETER_SET_SIZE);
        if (H265.layerId(buf.getByte(nal), buf.getUnsignedByte(nal + 1)) != 0) {
            return false;
        }
        boolean added =
                switch (type) {
                    case H265.NAL_VPS -> storeVps(buf, nal, length);
                    case H265.NAL_SPS -> storeSps(buf, nal, length);
                    default -> storePps(buf, nal, length);
                };
        if (added) {
            active = null;
        }
        return added;
    }

    private boolean storeVps(ByteBuf buf, int nal, int length) throws MalformedException {
        if (vps.has(buf, nal, length)) {
            return false;
        }
        int id = buf.getUnsignedByte(nal + 2) >> 4;
        vps.put(id, new ParameterSets.Entry(NalUnit.copyOf(buf, nal, length), -1));
        return true;
    }

    private boolean storeSps(ByteBuf buf, int nal, int length) throws MalformedException {
        if (sps.has(buf, nal, length)) {
            return false;
        }
        H265Sps parsed = H265Sps.parse(buf, nal, length);
        if (sps.get(parsed.id()) != null) {
            pps.removeReferring(parsed.id());
        }
        sps.put(
                parsed.id(),
                new ParameterSets.Entry(NalUnit.copyOf(buf, nal, length), parsed.vpsId()));
        return true;
    }

    private boolean storePps(ByteBuf buf, int nal, int length) throws MalformedException {
        if (pps.has(buf, nal, length)) {
            return false;
        }
        NalUnit unit = NalUnit.copyOf(buf, nal, length);
        H265Pps parsed = H265Pps.parse(unit);
        pps.put(parsed.id(), new ParameterSets.Entry(unit, parsed.spsId()));
        return true;
    }

    @Override
    TrackFormat activeFormat(ByteBuf buf, int nal, int length) throws MalformedException {
        BitReader in = BitReader.ofNalUnit("H.265 slice header", buf, nal, length);
        boolean irap = isIrap(in.bits(16) >> 8);
        in.skip(irap ? 2 : 1); // first_slice_segment_in_pic_flag no_output_of_prior_pics_flag
        int ppsId = in.ue("slice_pic_parameter_set_id", 63);
        ParameterSets.Entry picture = pps.get(ppsId);
        ParameterSets.Entry sequence = picture == null ? null : sps.get(picture.refersTo());
        ParameterSets.Entry video = sequence == null ? null : vps.get(sequence.refersTo());
        if (video == null) {
            return null;
        }
        if (active == null || activeSps != picture.refersTo()) {
            activeSps = picture.refersTo();
            active =
                    HevcConfig.of(
                                    List.of(video.nal()),
                                    List.of(sequence.nal()),
                                    pps.referring(activeSps))
                            .format();
        }
        return active;
    }
}
