package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.List;

/** Finds the format of an H.264 track. */
final class H264Probe extends ParameterSetProbe {
    private final ParameterSets sps = new ParameterSets();
    private final ParameterSets pps = new ParameterSets();
    private int activeSps = -1;
    private TrackFormat active;

    @Override
    boolean isSlice(int header) {
        return H264.isSlice(H264.nalType(header));
    }

    @Override
    boolean isIdr(int header) {
        return H264.nalType(header) == H264.NAL_IDR;
    }

    @Override
    boolean store(ByteBuf buf, int nal, int length) throws MalformedException {
        int type = H264.nalType(buf.getByte(nal));
        if (type == H264.NAL_SPS && !sps.has(buf, nal, length)) {
            H264Sps parsed = H264Sps.parse(buf, nal, length);
            if (sps.get(parsed.id()) != null) {
                pps.removeReferring(parsed.id());
            }
            sps.put(parsed.id(), new ParameterSets.Entry(NalUnit.copyOf(buf, nal, length), -1));
            active = null;
            return true;
        }
        if (type == H264.NAL_PPS && !pps.has(buf, nal, length)) {
            Limits.checkSize("H.264 PPS", length, 2, Limits.MAX_PARAMETER_SET_SIZE);
            BitReader in = BitReader.ofNalUnit("H.264 PPS", buf, nal + 1, length - 1);
            int id = in.ue("pic_parameter_set_id", 255);
            int spsId = in.ue("seq_parameter_set_id", 31);
            pps.put(id, new ParameterSets.Entry(NalUnit.copyOf(buf, nal, length), spsId));
            active = null;
            return true;
        }
        return false;
    }

    @Override
    TrackFormat activeFormat(ByteBuf buf, int nal, int length) throws MalformedException {
        BitReader in = BitReader.ofNalUnit("H.264 slice header", buf, nal + 1, length - 1);
        in.ue(); // first_mb_in_slice
        in.ue("slice_type", 9);
        int ppsId = in.ue("pic_parameter_set_id", 255);
        ParameterSets.Entry picture = pps.get(ppsId);
        ParameterSets.Entry sequence = picture == null ? null : sps.get(picture.refersTo());
        if (sequence == null) {
            return null;
        }
        if (active == null || activeSps != picture.refersTo()) {
            activeSps = picture.refersTo();
            active = AvcConfig.of(List.of(sequence.nal()), pps.referring(activeSps)).format();
        }
        return active;
    }
}
