package io.wadi.fmp4;

import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;

import java.util.Optional;

/**
 * What an init segment says of one track.
 *
 * @param id track_ID
 * @param timescale ticks a second
 * @param language ISO 639-2/T, {@code und} when it is not known
 * @param sampleEntry {@link FourCc} of the first sample entry
 * @param codec what the sample entry, and the {@code esds} of {@code mp4a}, say it is; empty for
 *     what Wadi does not carry
 * @param config body of its configuration box ({@code avcC}, {@code dOps}, ...), for {@code mp4a}
 *     the DecoderSpecificInfo
 * @param width coded width, 0 for audio
 * @param height coded height, 0 for audio
 * @param channels 0 for video
 * @param sampleRate 0 for video and for rates that do not fit the entry
 * @param defaultDuration of {@code trex}
 * @param defaultSize of {@code trex}
 * @param defaultFlags of {@code trex}
 */
public record TrackHeader(
        int id,
        int timescale,
        String language,
        int sampleEntry,
        Optional<CodecId> codec,
        CodecConfig config,
        int width,
        int height,
        int channels,
        int sampleRate,
        int defaultDuration,
        int defaultSize,
        int defaultFlags) {

    TrackHeader withDefaults(int duration, int size, int flags) {
        return new TrackHeader(
                id,
                timescale,
                language,
                sampleEntry,
                codec,
                config,
                width,
                height,
                channels,
                sampleRate,
                duration,
                size,
                flags);
    }
}
