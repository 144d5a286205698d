package io.wadi.ring;

import io.netty.buffer.ByteBuf;

/**
 * Builds units in media memory: {@link #begin} hands out room in the current slab, the caller
 * writes whole packets at its writer index, {@link #end} passes what was written to a sink as one
 * unit. No byte is copied after that. One thread.
 */
public final class UnitWriter implements AutoCloseable {
    /** What one input's writer may hold by default. */
    public static final long DEFAULT_LIMIT_BYTES = 256L * 1024 * 1024;

    private final MediaMemory memory;
    private final Unit unit = new Unit();
    private ByteBuf slab;
    private int start;
    private long sequence;
    private long droppedUnits;

    public UnitWriter() {
        this(new MediaMemory(DEFAULT_LIMIT_BYTES));
    }

    public UnitWriter(MediaMemory memory) {
        this.memory = memory;
    }

    /**
     * Room for at least {@code maxBytes} more at the returned buffer's writer index. The buffer is
     * borrowed: write to it only until {@link #end} or the next {@code begin}, and only forwards.
     *
     * @return null when the memory limit is reached (the unit must be dropped, and is counted)
     * @throws IllegalArgumentException when {@code maxBytes} is above {@link
     *     MediaMemory#MAX_UNIT_BYTES}
     */
    public ByteBuf begin(int maxBytes) {
        if (maxBytes > MediaMemory.MAX_UNIT_BYTES) {
            throw new IllegalArgumentException(
                    "a unit of "
                            + maxBytes
                            + " bytes, expected at most "
                            + MediaMemory.MAX_UNIT_BYTES);
        }
        if (slab == null || slab.writableBytes() < maxBytes) {
            slab = memory.next(maxBytes);
            if (slab == null) {
                droppedUnits++;
                return null;
            }
        }
        start = slab.writerIndex();
        return slab;
    }

    /**
     * Passes what was written since {@link #begin} to the sink; nothing is passed when nothing was
     * written.
     *
     * @param pts 90 kHz ticks, not wrapped, or {@link Unit#NO_TIME}
     * @param dts 90 kHz ticks, not wrapped, or {@link Unit#NO_TIME}
     * @param flags of {@link Unit}
     */
    public void end(long pts, long dts, long arrivalNanos, int flags, UnitSink sink) {
        int length = slab.writerIndex() - start;
        if (length > 0) {
            sink.onUnit(unit.set(slab, start, length, pts, dts, arrivalNanos, flags, sequence++));
        }
        start = slab.writerIndex();
    }

    /**
     * Passes a part of what was written since {@link #begin} to the sink as one unit, by absolute
     * index; may be called for any number of parts.
     */
    void pass(
            int offset,
            int length,
            long pts,
            long dts,
            long arrivalNanos,
            int flags,
            UnitSink sink) {
        sink.onUnit(unit.set(slab, offset, length, pts, dts, arrivalNanos, flags, sequence++));
    }

    /** Forgets what was written since {@link #begin}. */
    public void cancel() {
        slab.writerIndex(start);
    }

    /** Units that found no memory. */
    public long droppedUnits() {
        return droppedUnits;
    }

    public MediaMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        slab = null;
        memory.close();
    }
}
