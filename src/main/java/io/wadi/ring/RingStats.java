package io.wadi.ring;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counters of one ring. Written by the ring's writer (losses by its readers), read by anybody:
 * totals since the ring was made, from which rates are computed by whoever asks.
 */
public final class RingStats {
    private final AtomicLong units = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong pictures = new AtomicLong();
    private final AtomicLong discontinuities = new AtomicLong();
    private final AtomicLong lastArrivalNanos = new AtomicLong();
    private final AtomicLong depthUnits = new AtomicLong();
    private final AtomicLong depthBytes = new AtomicLong();
    private final AtomicLong lostUnits = new AtomicLong();

    /** One writer: opaque writes, so that counting costs no fence. */
    void onUnit(Unit unit, int depth, long held) {
        add(bytes, unit.length);
        if (unit.isVideo()) {
            add(pictures, 1);
        }
        if (unit.isDiscontinuity()) {
            add(discontinuities, 1);
        }
        depthUnits.setOpaque(depth);
        depthBytes.setOpaque(held);
        lastArrivalNanos.setOpaque(unit.arrivalNanos);
        add(units, 1);
    }

    private static void add(AtomicLong counter, long more) {
        counter.setOpaque(counter.getPlain() + more);
    }

    void onLost(long units) {
        lostUnits.addAndGet(units);
    }

    public long units() {
        return units.getOpaque();
    }

    public long bytes() {
        return bytes.getOpaque();
    }

    /** Units that carry a picture: pictures of a frame-based source. */
    public long pictures() {
        return pictures.getOpaque();
    }

    public long discontinuities() {
        return discontinuities.getOpaque();
    }

    /**
     * {@link System#nanoTime()} of the newest unit's arrival; meaningless while {@link #units()} is
     * 0.
     */
    public long lastArrivalNanos() {
        return lastArrivalNanos.getOpaque();
    }

    public int depthUnits() {
        return (int) depthUnits.getOpaque();
    }

    public long depthBytes() {
        return depthBytes.getOpaque();
    }

    /** Units that readers were overtaken by, all readers together. */
    public long lostUnits() {
        return lostUnits.get();
    }
}
