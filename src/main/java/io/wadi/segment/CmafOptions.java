package io.wadi.segment;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a ring is packaged as CMAF.
 *
 * @param segmentDuration what a segment should last; cuts happen on the random access point nearest
 *     to it
 * @param window segments that a playlist or MPD lists at least
 * @param history segments that it lists besides, for viewers who want to go back
 * @param stateDir where segment numbers are kept over a restart of the process; empty: they are not
 */
public record CmafOptions(
        Duration segmentDuration, int window, int history, Optional<Path> stateDir) {
    /** Shorter segments cost more requests than they save latency. */
    private static final Duration SHORTEST = Duration.ofMillis(200);

    /** Longer ones would not fit the memory of a track at high bitrates. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** A playlist of more entries than this is a recording, not a live window. */
    private static final int MAX_SEGMENTS = 10_000;

    public CmafOptions {
        if (segmentDuration.compareTo(SHORTEST) < 0 || segmentDuration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "segmentDuration " + segmentDuration + ", expected 200 ms to 30 s");
        }
        if (window < 1 || history < 0 || window + history > MAX_SEGMENTS) {
            throw new IllegalArgumentException(
                    "window "
                            + window
                            + " and history "
                            + history
                            + ", expected at least 1 and 0, together at most "
                            + MAX_SEGMENTS);
        }
    }

    long segmentTicks() {
        return segmentDuration.toMillis() * Segment.TICKS_PER_SECOND / 1000;
    }
}
