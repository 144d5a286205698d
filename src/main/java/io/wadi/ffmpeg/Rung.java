package io.wadi.ffmpeg;

import java.util.OptionalInt;

/**
 * One rung of the ladder.
 *
 * @param track position in the ladder from 1: {@code track_1} and so on
 * @param copy the source's video as it is; nothing below counts then but its codec
 * @param width 0: follows from the height; both 0: the source's size
 * @param maxBitrateBps 0: the bit rate itself
 * @param fps 0: the source's
 * @param keyframeSeconds 0: {@link Ladder#DEFAULT_KEYFRAME_SECONDS}
 * @param encoder named by the document, empty for the family's own
 * @param sar sample aspect ratio as num:den, empty for square pixels
 * @param onDemand encoded only while somebody takes it
 */
record Rung(
        int track,
        boolean copy,
        int width,
        int height,
        long bitrateBps,
        long maxBitrateBps,
        double fps,
        double keyframeSeconds,
        VideoCodec codec,
        String encoder,
        String preset,
        String profile,
        String level,
        OptionalInt bframes,
        OptionalInt refs,
        String sar,
        Resize resize,
        boolean onDemand) {
    long effectiveMaxBitrate() {
        return maxBitrateBps == 0 ? bitrateBps : Math.max(maxBitrateBps, bitrateBps);
    }

    /** As rings and routes name it. */
    String name() {
        return "track_" + track;
    }

    /** Whether the picture has the source's size, whatever that is. */
    boolean isSourceSize() {
        return copy || (width == 0 && height == 0);
    }

    /** Whether it leaves FFmpeg as fragmented MP4, and not as MPEG-TS. */
    boolean isSentAsMp4() {
        return !codec.isForMpegTs();
    }

    /** Whether the profile is one of 10 bits a sample: main10, high10, VP9's profile 2. */
    boolean isTenBit() {
        return profile.contains("10") || (codec == VideoCodec.VP9 && profile.endsWith("2"));
    }

    Rung atSourceSize() {
        return with(0, 0, codec);
    }

    /** What is copied has the source's codec. */
    Rung copying(VideoCodec source) {
        return copy ? with(width, height, source) : this;
    }

    private Rung with(int width, int height, VideoCodec codec) {
        return new Rung(
                track,
                copy,
                width,
                height,
                bitrateBps,
                maxBitrateBps,
                fps,
                keyframeSeconds,
                codec,
                encoder,
                preset,
                profile,
                level,
                bframes,
                refs,
                sar,
                resize,
                onDemand);
    }
}
