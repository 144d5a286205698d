package io.wadi.ffmpeg;

import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the source carries, as far as the arguments depend on it.
 *
 * @param audioPids of the tracks that really carry sound
 * @param aacPids of those of them that carry AAC
 * @param fed all of them, the picture first, where FFmpeg is fed them as Matroska; empty where it
 *     is fed MPEG-TS, which says by itself what is in it
 */
record SourceTracks(
        Optional<Video> video, List<Integer> audioPids, Set<Integer> aacPids, List<Fed> fed) {
    /** A track as the header of the feed has it. */
    record Fed(int pid, TrackFormat format, String language) {}

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
        fed = List.copyOf(fed);
    }

    /** Fed as MPEG-TS. */
    SourceTracks(Optional<Video> video, List<Integer> audioPids, Set<Integer> aacPids) {
        this(video, audioPids, aacPids, List.of());
    }

    /** With sound that is not AAC. */
    SourceTracks(Optional<Video> video, List<Integer> audioPids) {
        this(video, audioPids, Set.of());
    }

    boolean isFedAsMatroska() {
        return !fed.isEmpty();
    }

    /** FFmpeg's name of a track that it is fed: Matroska's tracks have no PIDs. */
    String input(int pid) {
        for (int i = 0; i < fed.size(); i++) {
            if (fed.get(i).pid() == pid) {
                return "0:" + i;
            }
        }
        return "0:i:" + pid;
    }

    /** Whether a process that was started for the other can go on with this. */
    boolean continues(SourceTracks other) {
        return audioPids.equals(other.audioPids)
                && video.map(v -> v.pid() + v.codec())
                        .equals(other.video.map(v -> v.pid() + v.codec()))
                && setUps().equals(other.setUps());
    }

    /** What is in the header of the feed only: the others have it in each frame. */
    private List<Fed> setUps() {
        return fed.stream().filter(track -> track.format().codec() == CodecId.AAC).toList();
    }
}
