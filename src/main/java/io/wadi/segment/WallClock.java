package io.wadi.segment;

import java.time.Clock;
import java.time.Instant;

/**
 * Tells the wall clock for a stream's ticks. A ring's timeline starts at the wall clock and says it
 * by itself; units that never went through a ring are pinned to it once. One thread.
 */
public final class WallClock {
    private static final long TICKS_PER_MS = 90;
    private static final int NANOS_PER_MS = 1_000_000;

    /**
     * September 2001 in 90 kHz ticks since 1970: an unwrapped timestamp of a source is far below.
     */
    private static final long FIRST_WALL_TICKS = 1_000_000_000_000L * TICKS_PER_MS;

    private final Clock clock;
    private boolean pinned;
    private long offsetTicks;

    public WallClock(Clock clock) {
        this.clock = clock;
    }

    /**
     * @param ticks when something was captured, 90 kHz
     * @param latestTicks the newest time known, which is now if the clock has to be asked
     */
    public Instant at(long ticks, long latestTicks) {
        if (!pinned) {
            pinned = true;
            offsetTicks =
                    latestTicks >= FIRST_WALL_TICKS
                            ? 0
                            : clock.millis() * TICKS_PER_MS - latestTicks;
        }
        long wall = ticks + offsetTicks;
        long subMillis = Math.floorMod(wall, TICKS_PER_MS) * NANOS_PER_MS / TICKS_PER_MS;
        return Instant.ofEpochMilli(Math.floorDiv(wall, TICKS_PER_MS)).plusNanos(subMillis);
    }
}
