package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.ring.Unit;

import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a segment while it grows: runs of slab memory, each with one reference on its slab
 * however many units it covers. Nothing is copied. One thread.
 */
final class SegmentBytes {
    private final List<ByteBuf> runs = new ArrayList<>();
    private ByteBuf slab;
    private int from;
    private int to;
    private int length;

    int length() {
        return length;
    }

    /** Appends a unit's bytes; borrows the unit and retains its slab when a new run starts. */
    @SuppressWarnings("ReferenceEquality") // the same memory, not the same content
    void add(Unit unit) {
        if (slab == unit.slab() && to == unit.offset()) {
            to += unit.length();
        } else {
            endRun();
            slab = unit.slab().retain();
            from = unit.offset();
            to = from + unit.length();
        }
        length += unit.length();
    }

    /** Appends a buffer of its own; takes ownership. */
    void add(ByteBuf bytes) {
        endRun();
        runs.add(bytes);
        length += bytes.readableBytes();
    }

    private void endRun() {
        if (slab != null) {
            // The slice shares the slab's count, so the run's reference becomes the slice's.
            runs.add(slab.slice(from, to - from));
            slab = null;
        }
    }

    /**
     * Everything added since the last call, owned by the caller. Always a composite, also of one
     * run: it has a reference count of its own, so that nobody can revive a slab that is already
     * being filled again through a segment that was dropped.
     */
    ByteBuf take() {
        endRun();
        CompositeByteBuf all =
                new CompositeByteBuf(
                        PooledByteBufAllocator.DEFAULT, true, Math.max(2, runs.size()));
        all.addComponents(true, runs);
        runs.clear();
        length = 0;
        return all;
    }

    void release() {
        endRun();
        runs.forEach(ByteBuf::release);
        runs.clear();
        length = 0;
    }
}
