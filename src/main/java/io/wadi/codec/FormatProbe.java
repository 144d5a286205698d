package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.Optional;

/**
 * Finds the {@link TrackFormat} of one track from its access units. The unit's bytes are as in an
 * MPEG-TS elementary stream: Annex B for H.264 and H.265, one ADTS frame for AAC, one sync frame
 * for MP3, AC-3 and E-AC-3, one bare Opus packet, one AV1 temporal unit of low-overhead OBUs, one
 * VP9 frame or superframe. One owner thread.
 */
public interface FormatProbe {
    /** A new probe for one track. */
    static FormatProbe of(CodecId codec) {
        return switch (codec) {
            case H264 -> new H264Probe();
            case H265 -> new H265Probe();
            case AV1 -> new Av1Probe();
            case VP9 -> new Vp9.Probe();
            case AAC -> new Aac.Probe();
            case MP3 -> new MpegAudio.Probe();
            case AC3, EAC3 -> new Ac3.Probe(codec);
            case OPUS -> new Opus.Probe();
            case FLAC -> new Flac.Probe();
        };
    }

    /**
     * Looks at one access unit; borrows it and leaves its indices alone.
     *
     * @return whether the format became known or changed with this unit
     */
    boolean inspect(ByteBuf accessUnit);

    /** The newest format, empty until parameter sets or a header were seen. */
    Optional<TrackFormat> format();
}
