package io.wadi.ring;

import java.util.Arrays;

/**
 * What an input that is not on air brought since its newest random access point: so that a switch
 * to it need not wait for the next one. Bounded; a GOP that does not fit is not held. Holds
 * references on the slabs of the input's own memory. Guarded by the ring's entry.
 */
final class HeldGop {
    /** A 20 s GOP of 50 pictures and 150 audio frames a second. */
    static final int MAX_UNITS = 4096;

    /** 8 s at 16 Mbit/s; a longer GOP waits for its next random access point. */
    static final long MAX_BYTES = 16L * 1024 * 1024;

    private static final int FIRST_UNITS = 128;

    /** In place of a shift: the bytes have not entered the ring, and are nobody else's yet. */
    static final long UNSEEN = Long.MIN_VALUE;

    private Unit[] units = {};

    /** By how much the times in each unit's bytes were moved when it entered the ring. */
    private long[] shifts = {};

    private int count;
    private int pictures;
    private long bytes;

    /**
     * Holds a unit from a random access point on; borrows it and retains its slab.
     *
     * @param shift of the times in its bytes, or {@link #UNSEEN}
     */
    void add(Unit unit, long shift) {
        if (unit.isRandomAccess()) {
            clear();
        } else if (count == 0) {
            return;
        }
        if (count == MAX_UNITS || bytes + unit.length > MAX_BYTES) {
            clear();
            return;
        }
        if (count == units.length) {
            grow();
        }
        unit.slab.retain();
        shifts[count] = shift;
        units[count++].copyOf(unit);
        bytes += unit.length;
        pictures += unit.isVideo() ? 1 : 0;
    }

    private void grow() {
        int before = units.length;
        units = Arrays.copyOf(units, Math.max(FIRST_UNITS, before * 2));
        shifts = Arrays.copyOf(shifts, units.length);
        for (int i = before; i < units.length; i++) {
            units[i] = new Unit();
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    int size() {
        return count;
    }

    int pictures() {
        return pictures;
    }

    Unit get(int index) {
        return units[index];
    }

    long shift(int index) {
        return shifts[index];
    }

    /** Gives the memory back. */
    void clear() {
        for (int i = 0; i < count; i++) {
            units[i].release();
            units[i].slab = null;
        }
        count = 0;
        pictures = 0;
        bytes = 0;
    }
}
