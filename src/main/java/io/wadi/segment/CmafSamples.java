package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.Aac;
import io.wadi.codec.AnnexB;
import io.wadi.codec.Av1;
import io.wadi.codec.CodecId;
import io.wadi.codec.H264;
import io.wadi.codec.H265;

/** Turns access units in elementary form into samples, copying each byte once. */
final class CmafSamples {
    /** NAL units or OBUs in one access unit: what a 4 MiB picture in 1200-byte slices has. */
    private static final int MAX_PARTS = 8192;

    /** The size of what cannot be a sample. */
    static final int INVALID = -1;

    private CmafSamples() {}

    /**
     * Writes one sample.
     *
     * @param unit borrowed, indices left alone
     * @return its size; {@link #INVALID} when the unit holds nothing to decode or there is no
     *     memory, and nothing is written then
     */
    static int write(CodecId codec, ByteBuf unit, CmafSampleBytes out) {
        long before = out.size();
        boolean written =
                switch (codec) {
                    case H264, H265 -> writeNalUnits(codec == CodecId.H265, unit, out);
                    case AV1 -> writeObus(unit, out);
                    case AAC -> writeAdtsFrame(unit, out);
                    case VP9, MP3, AC3, EAC3, OPUS, FLAC ->
                            out.write(unit, unit.readerIndex(), unit.readableBytes());
                };
        long size = out.size() - before;
        if (written && size > 0) {
            return (int) size;
        }
        out.truncate(before);
        return INVALID;
    }

    /**
     * Start codes become four-byte lengths. Parameter sets are left out, they are in the
     * configuration; so are delimiters and filler (ISO/IEC 14496-15 §5.3.2, §5.4.3.4).
     */
    private static boolean writeNalUnits(boolean hevc, ByteBuf unit, CmafSampleBytes out) {
        int to = unit.writerIndex();
        int parts = 0;
        int nal = AnnexB.nalStart(unit, unit.readerIndex(), to);
        while (nal >= 0) {
            int end = AnnexB.nalEnd(unit, nal, to);
            if (++parts > MAX_PARTS) {
                return false;
            }
            if (end > nal && isStored(hevc, unit.getByte(nal))) {
                if (!out.writeInt(end - nal) || !out.write(unit, nal, end - nal)) {
                    return false;
                }
            }
            nal = AnnexB.nalStart(unit, end, to);
        }
        return true;
    }

    private static boolean isStored(boolean hevc, int header) {
        if (hevc) {
            int type = H265.nalType(header);
            return type != H265.NAL_AUD
                    && type != H265.NAL_FILLER
                    && (type < H265.NAL_VPS || type > H265.NAL_PPS);
        }
        int type = H264.nalType(header);
        return type != H264.NAL_AUD
                && type != H264.NAL_FILLER
                && type != H264.NAL_SPS
                && type != H264.NAL_PPS
                && type != H264.NAL_SPS_EXTENSION;
    }

    /** Temporal delimiters are not stored (AV1 in ISOBMFF §2.4). */
    private static boolean writeObus(ByteBuf unit, CmafSampleBytes out) {
        int to = unit.writerIndex();
        int obu = unit.readerIndex();
        for (int parts = 0; obu < to; parts++) {
            int end = Av1.obuEnd(unit, obu, to);
            if (end <= obu || end > to || parts == MAX_PARTS) {
                return false;
            }
            boolean stored = Av1.obuType(unit.getByte(obu)) != Av1.OBU_TEMPORAL_DELIMITER;
            if (stored && !out.write(unit, obu, end - obu)) {
                return false;
            }
            obu = end;
        }
        return true;
    }

    private static boolean writeAdtsFrame(ByteBuf unit, CmafSampleBytes out) {
        int from = unit.readerIndex();
        int to = unit.writerIndex();
        if (!Aac.isAdts(unit, from, to)) {
            return false;
        }
        int header = Aac.headerSize(unit, from);
        int end = Math.min(to, from + Aac.frameLength(unit, from));
        return end > from + header && out.write(unit, from + header, end - from - header);
    }
}
