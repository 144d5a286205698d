package io.wadi.ring;

import io.netty.buffer.ByteBuf;

/**
 * A run of whole 188-byte MPEG-TS packets with its times and marks: what a ring carries. From
 * frame-based sources a unit is exactly one access unit ({@link #isAccessUnit()}); from TS sources
 * it is what arrived together, cut so that a random access point always starts a unit.
 *
 * <p>A unit is a flyweight over slab memory and is reused: whoever is called with one borrows it
 * for the call.
 */
public final class Unit {
    /**
     * Starts with a random access point: PAT and PMT, then a key picture (or any unit of an
     * audio-only program).
     */
    public static final int RANDOM_ACCESS = 1;

    /** Media time or the program changed in a way that a player must be told of. */
    public static final int DISCONTINUITY = 2;

    /** Holds exactly one whole access unit: a demultiplexer can be flushed after it. */
    public static final int ACCESS_UNIT = 4;

    /** The access unit, or the first that starts in this unit, is video. */
    public static final int VIDEO = 8;

    /**
     * The first unit of a new publisher, connection or file: its times have nothing to do with
     * those before.
     */
    public static final int NEW_SOURCE = 16;

    /**
     * Others may see these bytes too: they lie in a ring, or were handed on already. Whoever has to
     * change them takes a copy.
     */
    public static final int SHARED = 32;

    /** No time known: no PES packet with a PTS starts in this unit. */
    public static final long NO_TIME = Long.MIN_VALUE;

    ByteBuf slab;
    int offset;
    int length;
    long pts;
    long dts;
    long arrivalNanos;
    int flags;
    long sequence;

    /** An empty flyweight, filled by the ring. */
    Unit() {}

    Unit set(
            ByteBuf slab,
            int offset,
            int length,
            long pts,
            long dts,
            long arrivalNanos,
            int flags,
            long sequence) {
        this.slab = slab;
        this.offset = offset;
        this.length = length;
        this.pts = pts;
        this.dts = dts;
        this.arrivalNanos = arrivalNanos;
        this.flags = flags;
        this.sequence = sequence;
        return this;
    }

    /**
     * The slab that holds the bytes, at {@link #offset()} for {@link #length()}; read by absolute
     * index only.
     */
    public ByteBuf slab() {
        return slab;
    }

    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }

    /**
     * Presentation time of the first PES packet that starts here, 90 kHz ticks, not wrapped; or
     * {@link #NO_TIME}.
     */
    public long pts() {
        return pts;
    }

    /** Decoding time, 90 kHz ticks, not wrapped; or {@link #NO_TIME}. */
    public long dts() {
        return dts;
    }

    /** {@link System#nanoTime()} when the last byte arrived. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    public int flags() {
        return flags;
    }

    /** Position in its ring, from 0, without gaps. */
    public long sequence() {
        return sequence;
    }

    public boolean isRandomAccess() {
        return (flags & RANDOM_ACCESS) != 0;
    }

    public boolean isDiscontinuity() {
        return (flags & DISCONTINUITY) != 0;
    }

    public boolean isAccessUnit() {
        return (flags & ACCESS_UNIT) != 0;
    }

    public boolean isNewSource() {
        return (flags & NEW_SOURCE) != 0;
    }

    boolean isShared() {
        return (flags & SHARED) != 0;
    }

    public boolean isVideo() {
        return (flags & VIDEO) != 0;
    }

    Unit copyOf(Unit other) {
        return set(
                other.slab,
                other.offset,
                other.length,
                other.pts,
                other.dts,
                other.arrivalNanos,
                other.flags,
                other.sequence);
    }

    /**
     * A copy that outlives the call and holds a reference on the slab: what an Exchange carries.
     * The caller releases it with {@link #release()}.
     */
    Unit retainedCopy() {
        slab.retain();
        return new Unit().set(slab, offset, length, pts, dts, arrivalNanos, flags, sequence);
    }

    void release() {
        slab.release();
    }

    /**
     * A view that keeps the bytes alive; owned by the caller, who releases it. Nobody writes to it.
     */
    public ByteBuf retainedSlice() {
        return slab.retainedSlice(offset, length);
    }
}
