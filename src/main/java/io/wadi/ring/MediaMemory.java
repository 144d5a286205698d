package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

import java.util.ArrayDeque;

/**
 * The off-heap memory that one writer fills: direct slabs, each written once from front to back and
 * then shared by reference count. A slab that nobody else holds any more is filled again; one that
 * stays held (a segment in a window, a slow viewer) simply stays out of turn. Used by one thread;
 * {@link #usedBytes()} may be read by any.
 */
public final class MediaMemory implements AutoCloseable {
    /**
     * 348 packets: large enough that a segment is a handful of slabs, small enough that an idle
     * stream costs little.
     */
    public static final int SLAB_BYTES = 64 * 1024;

    /** One access unit of 4K intra video at its worst; more is an attack or a broken encoder. */
    public static final int MAX_UNIT_BYTES = 16 * 1024 * 1024;

    /** Free slabs kept for the next unit; the rest goes back to the allocator. */
    private static final int SPARE_SLABS = 2;

    private final ByteBufAllocator allocator;
    private final long limitBytes;
    private final ArrayDeque<ByteBuf> slabs = new ArrayDeque<>();
    private final ArrayDeque<ByteBuf> spare = new ArrayDeque<>();
    private volatile long usedBytes;
    private boolean closed;

    /**
     * @param limitBytes what this writer's slabs may take together, those still held by readers
     *     included
     */
    public MediaMemory(long limitBytes) {
        this(PooledByteBufAllocator.DEFAULT, limitBytes);
    }

    MediaMemory(ByteBufAllocator allocator, long limitBytes) {
        this.allocator = allocator;
        this.limitBytes = limitBytes;
    }

    /**
     * A slab with at least {@code minBytes} free and both indices 0, or null when the limit is
     * reached. The memory keeps the ownership; whoever shares the slab retains it.
     */
    ByteBuf next(int minBytes) {
        if (closed) {
            throw new IllegalStateException("media memory is closed");
        }
        collect();
        if (minBytes <= SLAB_BYTES && !spare.isEmpty()) {
            ByteBuf slab = spare.poll().clear();
            slabs.add(slab);
            return slab;
        }
        int capacity = Math.max(minBytes, SLAB_BYTES);
        if (usedBytes + capacity > limitBytes) {
            return null;
        }
        ByteBuf slab = allocator.directBuffer(capacity, capacity);
        slabs.add(slab);
        count(capacity);
        return slab;
    }

    /** Takes back the slabs that only this memory still holds. */
    private void collect() {
        for (int i = slabs.size(); i > 0; i--) {
            ByteBuf slab = slabs.poll();
            if (slab.refCnt() > 1) {
                slabs.add(slab);
            } else if (slab.capacity() == SLAB_BYTES && spare.size() < SPARE_SLABS) {
                spare.add(slab);
            } else {
                count(-slab.capacity());
                slab.release();
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer thread
    private void count(int bytes) {
        usedBytes += bytes;
    }

    /** Bytes of slabs that this writer holds, spare ones included. */
    public long usedBytes() {
        return usedBytes;
    }

    /** Lets go of every slab; those that readers still hold live until they release them. */
    @Override
    public void close() {
        closed = true;
        slabs.forEach(ByteBuf::release);
        spare.forEach(ByteBuf::release);
        slabs.clear();
        spare.clear();
        usedBytes = 0;
    }
}
