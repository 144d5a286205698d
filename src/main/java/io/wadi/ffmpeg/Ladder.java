package io.wadi.ffmpeg;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is made of a stream, in typed and checked values: nothing here is free text but a
 * watermark's.
 *
 * @param rungs by track
 * @param upscale whether rungs above the source's size are made, too
 * @param idle after which a rung that runs on demand rests
 * @param gopPictures pictures between key frames, 0 where the rungs say seconds
 * @param device number of the graphics card; empty for the one with the least to do
 * @param decoder FFmpeg's name of the video decoder, empty for its own choice
 * @param extraArguments options of the encoders, as FFmpeg spells them
 */
record Ladder(
        List<Rung> rungs,
        boolean upscale,
        Duration idle,
        AudioPlan audio,
        Interlace interlace,
        HardwareFamily hardware,
        int gopPictures,
        OptionalInt device,
        String decoder,
        List<String> extraArguments,
        Optional<Watermark> watermark,
        Optional<Thumbnail> thumbnail) {
    /** Where a document says nothing: also what segments are cut to. */
    static final double DEFAULT_KEYFRAME_SECONDS = 2;

    /** For a document that counts pictures, of a source that does not say how many come. */
    private static final double USUAL_FPS = 25;

    /**
     * Still pictures.
     *
     * @param quality 1 (best) to 31, FFmpeg's scale for JPEG
     * @param folder where they are kept as a file, too; empty for nowhere
     */
    record Thumbnail(int intervalSeconds, int width, int height, int quality, String folder) {}

    Ladder {
        rungs = List.copyOf(rungs);
        extraArguments = List.copyOf(extraArguments);
    }

    /** The same with other rungs. */
    Ladder with(List<Rung> others) {
        return with(others, device, watermark);
    }

    /** The same with another watermark, or none. */
    Ladder withMark(Optional<Watermark> other) {
        return with(rungs, device, other);
    }

    /** The same on one card. */
    Ladder on(int card) {
        return with(rungs, OptionalInt.of(card), watermark);
    }

    private Ladder with(List<Rung> others, OptionalInt card, Optional<Watermark> mark) {
        return new Ladder(
                others,
                upscale,
                idle,
                audio,
                interlace,
                hardware,
                gopPictures,
                card,
                decoder,
                extraArguments,
                mark,
                thumbnail);
    }

    /** Whether only still pictures are taken, of what nobody decodes otherwise. */
    boolean isStillsOnly() {
        return rungs.isEmpty();
    }

    /** Whether FFmpeg has nothing to do but to copy. */
    boolean isCopy() {
        return rungs.stream().allMatch(Rung::copy);
    }

    /** Seconds between the key frames of a rung. */
    double keyframeSeconds(Rung rung, double sourceFps) {
        if (rung.keyframeSeconds() > 0) {
            return rung.keyframeSeconds();
        }
        if (gopPictures > 0) {
            double fps = rung.fps() > 0 ? rung.fps() : sourceFps > 0 ? sourceFps : USUAL_FPS;
            return gopPictures / fps;
        }
        return DEFAULT_KEYFRAME_SECONDS;
    }
}
