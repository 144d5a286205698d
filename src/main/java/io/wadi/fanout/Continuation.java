package io.wadi.fanout;

import io.wadi.ring.Unit;

/**
 * Joins the units of one route to those of the route before it, for the same viewers: they go on at
 * the first random access point behind what they have, so that time does not go back. One thread at
 * a time.
 */
public final class Continuation {
    /** A stream whose time is that far behind began anew: its viewers would wait for too long. */
    private static final long HOPELESS_TICKS = 10 * 90_000L;

    private final Runnable hopeless;
    private long newest = Unit.NO_TIME;
    private volatile boolean waiting;

    /**
     * @param hopeless disconnects the viewers, whose time has nothing to do with what comes
     */
    public Continuation(Runnable hopeless) {
        this.hopeless = hopeless;
    }

    /** Another route follows. Any thread, while no units come. */
    public void next() {
        waiting = true;
    }

    /** Whether viewers get the unit; borrows it. */
    public boolean admits(Unit unit) {
        long dts = unit.dts();
        if (waiting && newest != Unit.NO_TIME) {
            if (!unit.isRandomAccess() || dts == Unit.NO_TIME) {
                return false;
            }
            if (dts <= newest - HOPELESS_TICKS) {
                hopeless.run();
                newest = dts;
            } else if (dts <= newest) {
                return false;
            }
        }
        waiting = false;
        if (dts != Unit.NO_TIME && (newest == Unit.NO_TIME || dts > newest)) {
            newest = dts;
        }
        return true;
    }
}
