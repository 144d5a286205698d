package io.wadi.fanout;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Unit;

import java.util.Arrays;

/**
 * What is written in one go: units that lie side by side in a slab are one run. Holds one reference
 * on the slab of each run until it is cleared. Reused; owned by one event loop.
 */
final class Batch {
    private static final int ENTRY = 6;

    private ByteBuf[] slabs = new ByteBuf[8];
    private int[] from = new int[8];
    private int[] to = new int[8];
    private int runs;
    private int units;

    /** The random access units: a row each, of its sequence, run, offset in it, unit and times. */
    private long[] entries = new long[8 * ENTRY];

    private int entryCount;
    private long bytes;

    boolean isEmpty() {
        return units == 0;
    }

    int units() {
        return units;
    }

    int runs() {
        return runs;
    }

    ByteBuf slab(int run) {
        return slabs[run];
    }

    int from(int run) {
        return from[run];
    }

    int to(int run) {
        return to[run];
    }

    /** The newest random access unit, or -1. */
    int newestEntry() {
        return entryCount - 1;
    }

    /** The oldest random access unit with this sequence or a higher one, or -1. */
    int entryFrom(long sequence) {
        for (int entry = 0; entry < entryCount; entry++) {
            if (entries[entry * ENTRY] >= sequence) {
                return entry;
            }
        }
        return -1;
    }

    int entryRun(int entry) {
        return (int) entries[entry * ENTRY + 1];
    }

    int entryOffset(int entry) {
        return (int) entries[entry * ENTRY + 2];
    }

    /** Units before the entry. */
    int entryUnit(int entry) {
        return (int) entries[entry * ENTRY + 3];
    }

    long entryPts(int entry) {
        return entries[entry * ENTRY + 4];
    }

    long entryDts(int entry) {
        return entries[entry * ENTRY + 5];
    }

    long bytes() {
        return bytes;
    }

    /** Adds a unit; borrows it and retains its slab when it starts a new run. */
    @SuppressWarnings("ReferenceEquality") // the very same slab
    void add(Unit unit) {
        int last = runs - 1;
        boolean adjacent = last >= 0 && slabs[last] == unit.slab() && to[last] == unit.offset();
        if (!adjacent) {
            open(unit);
            last = runs - 1;
        }
        if (unit.isRandomAccess()) {
            addEntry(unit, last);
        }
        to[last] = unit.offset() + unit.length();
        bytes += unit.length();
        units++;
    }

    private void addEntry(Unit unit, int run) {
        int at = entryCount * ENTRY;
        if (at == entries.length) {
            entries = Arrays.copyOf(entries, at * 2);
        }
        entries[at] = unit.sequence();
        entries[at + 1] = run;
        entries[at + 2] = unit.offset();
        entries[at + 3] = units;
        entries[at + 4] = unit.pts();
        entries[at + 5] = unit.dts();
        entryCount++;
    }

    private void open(Unit unit) {
        if (runs == slabs.length) {
            slabs = Arrays.copyOf(slabs, runs * 2);
            from = Arrays.copyOf(from, runs * 2);
            to = Arrays.copyOf(to, runs * 2);
        }
        slabs[runs] = unit.slab().retain();
        from[runs] = unit.offset();
        runs++;
    }

    void clear() {
        for (int i = 0; i < runs; i++) {
            slabs[i].release();
            slabs[i] = null;
        }
        runs = 0;
        units = 0;
        bytes = 0;
        entryCount = 0;
    }
}
