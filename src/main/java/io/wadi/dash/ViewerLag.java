package io.wadi.dash;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * How far behind the newest segment the players of a stream fetched of late. One that goes to
 * another rung goes on there about as far behind, and its request for the init segment does not say
 * so. Any thread.
 */
final class ViewerLag {
    /** A player that plays fetches a segment more often than this. */
    private static final long SPAN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long NONE = -1;

    private long spanNanos;
    private long farthest = NONE;
    private long farthestBefore = NONE;

    /** A segment was fetched. */
    synchronized void fetched(long behindTicks, long nowNanos) {
        turn(nowNanos);
        farthest = Math.max(farthest, behindTicks);
    }

    /** Of the last 5 to 10 s. */
    synchronized OptionalLong farthest(long nowNanos) {
        turn(nowNanos);
        long found = Math.max(farthest, farthestBefore);
        return found == NONE ? OptionalLong.empty() : OptionalLong.of(found);
    }

    private void turn(long nowNanos) {
        long passed = nowNanos - spanNanos;
        if (passed < SPAN_NANOS) {
            return;
        }
        farthestBefore = passed < 2 * SPAN_NANOS ? farthest : NONE;
        farthest = NONE;
        spanNanos = nowNanos;
    }
}
