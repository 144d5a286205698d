package io.wadi.fmp4;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;

/**
 * A track as its init segment announces it.
 *
 * @param id track_ID, at least 1
 * @param timescale ticks a second of its media times
 * @param language ISO 639-2/T code, "" when it is not known
 */
public record Fmp4Track(int id, int timescale, TrackFormat format, String language) {
    /** Timescale of video tracks: that of MPEG-TS, so that no time is rounded. */
    public static final int VIDEO_TIMESCALE = 90_000;

    private static final int OPUS_TIMESCALE = 48_000;

    public Fmp4Track {
        if (id < 1 || timescale < 1) {
            throw new IllegalArgumentException(
                    "track_ID " + id + " and timescale " + timescale + ", expected at least 1");
        }
    }

    /** A track with the timescale that suits its format. */
    public static Fmp4Track of(int id, TrackFormat format, String language) {
        return new Fmp4Track(id, timescaleOf(format), format, language);
    }

    /**
     * 90 kHz for video; the sample rate for audio, so that every frame has a whole duration. Opus
     * counts at 48 kHz whatever its input was (RFC 7845 §4).
     */
    public static int timescaleOf(TrackFormat format) {
        return switch (format) {
            case VideoFormat video -> VIDEO_TIMESCALE;
            case AudioFormat audio ->
                    switch (audio.codec()) {
                        case OPUS -> OPUS_TIMESCALE;
                        case AAC, MP3, AC3, EAC3, FLAC, H264, H265, AV1, VP9 -> audio.sampleRate();
                    };
        };
    }
}
