package io.wadi.hls;

import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResponse;

import java.util.List;

/** One rung of a stream, or the whole of a stream without a ladder. Served on any thread. */
interface Rendition {
    /** {@code track_n}, or "" for the stream itself. */
    String name();

    /** Whether there is a segment to play. */
    boolean isReady();

    /** The playlist of the stream when this is all there is. */
    Document index();

    /** What the master playlist says of this rendition; nothing while it is not ready. */
    List<Description> describe();

    /**
     * Answers a request for one of this rendition's files other than {@code index.m3u8}.
     *
     * @param file below the rendition, without a slash
     * @return bytes that were sent, or -1 when this rendition knows no such name
     */
    int serve(String file, MediaRequest request, MediaResponse response);

    /**
     * A variant of the master playlist (RFC 8216 §4.3.4.2).
     *
     * @param playlist the variant's playlist, seen from the rendition
     * @param peakBps the highest bitrate of any segment, audio included
     * @param averageBps over all segments, audio included
     * @param codecs RFC 6381, empty while not known
     * @param width 0 while not known or without video
     * @param height 0 while not known or without video
     * @param frameRate 0 while not known or without video
     * @param audioPlaylist the audio that is not in the variant's own segments, "" for none
     * @param audioChannels of that audio, 0 while not known
     */
    record Description(
            String playlist,
            long peakBps,
            long averageBps,
            List<String> codecs,
            int width,
            int height,
            double frameRate,
            boolean independent,
            String audioPlaylist,
            int audioChannels) {}
}
