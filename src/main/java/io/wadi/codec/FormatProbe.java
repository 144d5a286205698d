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
    /**
     * Looks at one access unit; borrows it and leaves its indices alone.
     *
     * @return whether the format became known or changed with this unit
     */
    boolean inspect(ByteBuf accessUnit);

    /** The newest format, empty until parameter sets or a header were seen. */
    Optional<TrackFormat> format();
}
