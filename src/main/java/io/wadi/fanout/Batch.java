package io.wadi.fanout;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Unit;

import java.util.Arrays;

/**
 * What is written in one go: units that lie side by side in a slab are one run. Holds one reference
 * on the slab of each run until it is cleared. Reused; owned by one event loop.
 */
final class Batch {
    private ByteBuf[] slabs = new ByteBuf[8];
    private int[] from = new int[8];
    private int[] to = new int[8];
    private int runs;
    private int units;

    /** Where the newest random access unit of this batch starts: a run, an offset in it, a unit. */
    private int entryRun = -1;

    private int entryFrom;
    private int entryUnit;
    private long entryPts;
    private long entryDts;
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

    boolean hasEntry() {
        return entryRun >= 0;
    }

    int entryRun() {
        return entryRun;
    }

    int entryFrom() {
        return entryFrom;
    }

    long entryPts() {
        return entryPts;
    }

    long entryDts() {
        return entryDts;
    }

    long bytes() {
        return bytes;
    }

    /** Units before the entry. */
    int entryUnit() {
        return entryUnit;
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
            entryRun = last;
            entryFrom = unit.offset();
            entryUnit = units;
            entryPts = unit.pts();
            entryDts = unit.dts();
        }
        to[last] = unit.offset() + unit.length();
        bytes += unit.length();
        units++;
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
        entryRun = -1;
    }
}
