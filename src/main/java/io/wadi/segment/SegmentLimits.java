package io.wadi.segment;

import java.time.Duration;

/**
 * How long and how large segments may get.
 *
 * @param targetTicks the length to cut near, 90 kHz
 * @param maxTicks where a segment is cut without a random access point, 90 kHz
 * @param maxBytes where a segment is cut whatever its length
 */
public record SegmentLimits(long targetTicks, long maxTicks, int maxBytes) {
    private static final long TICKS_PER_MS = Segment.TICKS_PER_SECOND / 1000;

    /** Cameras with a key picture every ten seconds exist; every minute is a fault. */
    private static final long LONGEST_TICKS = 30L * Segment.TICKS_PER_SECOND;

    /** Four seconds of a 128 Mbit/s contribution feed; a window of twelve stays below 1 GiB. */
    private static final int LARGEST_BYTES = 64 * 1024 * 1024;

    public SegmentLimits {
        if (targetTicks < Segment.TICKS_PER_SECOND / 10 || targetTicks > maxTicks) {
            throw new IllegalArgumentException(
                    "segments of "
                            + targetTicks / TICKS_PER_MS
                            + " ms, expected 100 to "
                            + maxTicks / TICKS_PER_MS);
        }
    }

    /** The usual limits around a target length. */
    public static SegmentLimits of(Duration target) {
        long ticks = target.toMillis() * TICKS_PER_MS;
        return new SegmentLimits(ticks, Math.max(LONGEST_TICKS, 4 * ticks), LARGEST_BYTES);
    }
}
