package io.wadi.stream;

import java.time.Duration;

/**
 * The server's settings that shape routes.
 *
 * @param rtmpPort the shared RTMP listener's port; an input URL that names it means that listener
 * @param srtPort the shared SRT listener's port, likewise
 * @param segment target length of HLS and DASH segments
 * @param window segments in a playlist
 * @param history segments kept behind the playlist
 */
public record Settings(int rtmpPort, int srtPort, Duration segment, int window, int history) {
    public static final Settings DEFAULT = new Settings(1935, 9999, Duration.ofSeconds(2), 12, 0);
}
