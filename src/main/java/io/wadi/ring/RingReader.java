package io.wadi.ring;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A cursor on a ring, used by one thread. When the writer overtakes it, it goes on at the newest
 * random access point, or where that is gone too (one GOP filled the ring) waits for the next; what
 * it lost it counts. Nobody who follows a ring is given the middle of a GOP without its start.
 */
public final class RingReader implements AutoCloseable {
    private static final VarHandle ARMED;

    static {
        try {
            ARMED = MethodHandles.lookup().findVarHandle(RingReader.class, "armed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Ring ring;
    private final Runnable wake;
    private final Unit unit = new Unit();
    private long cursor;
    private boolean held;

    /** Was overtaken: the next unit is a random access point, and told as a discontinuity. */
    private boolean overtaken;

    private volatile long lostUnits;
    private volatile boolean armed;

    RingReader(Ring ring, Runnable wake, long sequence) {
        this.ring = ring;
        this.wake = wake;
        this.cursor = sequence;
    }

    /**
     * The next unit, or null when there is none yet. The unit is valid until the next call of
     * {@code poll} or {@code close}. The first after a loss is marked as a discontinuity.
     */
    public Unit poll() {
        letGo();
        while (cursor < ring.head()) {
            if (!ring.read(cursor, unit)) {
                overtaken = true;
                long next = Math.max(cursor + 1, ring.entryPoint());
                lose(next - cursor);
                cursor = next;
                continue;
            }
            held = true;
            cursor++;
            if (!overtaken) {
                return unit;
            }
            if (unit.isRandomAccess() || !ring.hasRandomAccess()) {
                overtaken = false;
                unit.flags |= Unit.DISCONTINUITY;
                return unit;
            }
            letGo();
            lose(1);
        }
        return null;
    }

    /**
     * Asks for one wake-up when units come.
     *
     * @return false when there is something to poll already (no wake-up will come)
     */
    public boolean arm() {
        armed = true;
        if (cursor < ring.head()) {
            armed = false;
            return false;
        }
        return true;
    }

    void wakeIfArmed() {
        if (armed && ARMED.compareAndSet(this, true, false)) {
            wake.run();
        }
    }

    /** The sequence of the unit that {@link #poll} gives next, unless it is overtaken before. */
    public long position() {
        return cursor;
    }

    /** Units between the cursor and the writer. */
    public long backlog() {
        return ring.head() - cursor;
    }

    public long lostUnits() {
        return lostUnits;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one reader thread
    private void lose(long units) {
        if (units > 0) {
            lostUnits += units;
            ring.stats().onLost(units);
        }
    }

    private void letGo() {
        if (held) {
            held = false;
            unit.slab.release();
            unit.slab = null;
        }
    }

    @Override
    public void close() {
        letGo();
        ring.closeReader(this);
    }
}
