package io.wadi.ffmpeg;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the source carries, as far as the arguments depend on it.
 *
 * @param audioPids of the tracks that really carry sound
 * @param aacPids of those of them that carry AAC
 */
record SourceTracks(Optional<Video> video, List<Integer> audioPids, Set<Integer> aacPids) {
    /**
     * The picture.
     *
     * @param codec as the bitstream's format has it
     * @param fps 0 when the bitstream does not say
     * @param shownWidth in square pixels, for the same height
     */
    record Video(
            int pid,
            String codec,
            int width,
            int height,
            boolean squarePixels,
            double fps,
            int shownWidth) {
        /** With square pixels. */
        Video(int pid, String codec, int width, int height, boolean squarePixels, double fps) {
            this(pid, codec, width, height, squarePixels, fps, width);
        }
    }

    SourceTracks {
        audioPids = List.copyOf(audioPids);
        aacPids = Set.copyOf(aacPids);
    }

    /** With sound that is not AAC. */
    SourceTracks(Optional<Video> video, List<Integer> audioPids) {
        this(video, audioPids, Set.of());
    }
}
