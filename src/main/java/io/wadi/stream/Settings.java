package io.wadi.stream;

import java.time.Duration;

/**
 * The server's settings that shape routes.
 *
 * @param rtmpPort the shared RTMP listener's port; an input URL that names it means that listener
 * @param srtPort the shared SRT listener's port, likewise
 * @param sendLatency how long media for endless connections (RTMP, HTTP-TS, HTTP-FLV) is gathered
 *     before it is written, where a document does not say
 */
public record Settings(
        int rtmpPort, int srtPort, Segments hls, Segments dash, Duration sendLatency) {
    public static final Settings DEFAULT =
            new Settings(1935, 9999, Segments.DEFAULT, Segments.DEFAULT, Duration.ofMillis(30));

    /**
     * How a live stream is cut where its document does not say.
     *
     * @param length target length of a segment
     * @param window segments in a playlist
     * @param history segments kept behind the playlist
     */
    public record Segments(Duration length, int window, int history) {
        public static final Segments DEFAULT = new Segments(Duration.ofSeconds(2), 12, 0);
    }
}
