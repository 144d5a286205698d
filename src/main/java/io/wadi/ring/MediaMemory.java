package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;

import java.util.ArrayDeque;
import java.util.Iterator;

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

    /**
     * Readers let go of slabs in the order in which they were filled, but for a slow one now and
     * then: the oldest tell whether there is one to take back.
     */
    private static final int OLDEST = 4;

    /** All are looked at every so many times, for those behind several that stay held. */
    private static final int LOOK_AT_ALL = 16;

    private final ByteBufAllocator allocator;
    private final long limitBytes;

    /** Oldest first. */
    private final ArrayDeque<ByteBuf> slabs = new ArrayDeque<>();

    private int looks;
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
        looks = (looks + 1) % LOOK_AT_ALL;
        ByteBuf free = collect(minBytes, looks == 0);
        int capacity = Math.max(minBytes, SLAB_BYTES);
        if (free == null && usedBytes + capacity > limitBytes) {
            free = collect(minBytes, true);
            if (free == null && usedBytes + capacity > limitBytes) {
                return null;
            }
        }
        if (free == null) {
            free = allocator.directBuffer(capacity, capacity);
            count(capacity);
        }
        slabs.add(free);
        return free;
    }

    /**
     * Takes back slabs that only this memory still holds: among the oldest, or all.
     *
     * @return one of them to be filled again, null when none fits; the others go to the allocator
     */
    private ByteBuf collect(int minBytes, boolean all) {
        ByteBuf free = null;
        int held = 0;
        Iterator<ByteBuf> oldest = slabs.iterator();
        while (oldest.hasNext() && (all || held < OLDEST)) {
            ByteBuf slab = oldest.next();
            if (slab.refCnt() > 1) {
                held++;
                continue;
            }
            oldest.remove();
            if (free == null && minBytes <= SLAB_BYTES && slab.capacity() == SLAB_BYTES) {
                free = slab.clear();
            } else {
                count(-slab.capacity());
                slab.release();
            }
        }
        return free;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer thread
    private void count(int bytes) {
        usedBytes += bytes;
    }

    /** Bytes of slabs that this writer holds. */
    public long usedBytes() {
        return usedBytes;
    }

    /** Lets go of every slab; those that readers still hold live until they release them. */
    @Override
    public void close() {
        closed = true;
        slabs.forEach(ByteBuf::release);
        slabs.clear();
        usedBytes = 0;
    }
}
