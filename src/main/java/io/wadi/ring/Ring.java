package io.wadi.ring;

import io.netty.buffer.ByteBuf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The in-memory buffer of one stream or one rendition: one writer that never waits, many readers.
 *
 * <p>Units sit in slots by sequence number and hold a reference on their slab. The writer keeps at
 * least {@code capacityPackets} packets and everything from the newest random access point on,
 * within {@link #MAX_BYTES} and {@link #MAX_UNITS}; what is older is given back. Direct sinks are
 * called by the writer; {@link RingReader}s follow with a cursor of their own and lose units when
 * they are overtaken. Loss is not an error: it is counted.
 *
 * <p>A slot is a sequence lock: the writer clears its sequence, fills it and sets the sequence
 * again; a reader copies, retains the slab, and looks at the sequence once more before it believes
 * what it copied.
 */
public final class Ring {
    /** What a ring may hold in bytes, whatever the GOP is: 16 s at 16 Mbit/s. */
    static final long MAX_BYTES = 32L * 1024 * 1024;

    /**
     * What a ring may hold in units: a 20 s GOP of 50 pictures and 150 audio frames a second twice
     * over.
     */
    static final int MAX_UNITS = 8192;

    private static final int FIRST_SLOTS = 256;
    private static final int PACKET = 188;
    private static final UnitSink[] NO_SINKS = {};
    private static final RingReader[] NO_READERS = {};

    private static final VarHandle SEQUENCE;
    private static final VarHandle HEAD;
    private static final VarHandle TAIL;

    static {
        try {
            var lookup = MethodHandles.lookup();
            SEQUENCE = lookup.findVarHandle(Unit.class, "sequence", long.class);
            HEAD = lookup.findVarHandle(Ring.class, "head", long.class);
            TAIL = lookup.findVarHandle(Ring.class, "tail", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final String id;
    private final int capacityPackets;
    private final RingStats stats = new RingStats();
    private final SinkFailures failures;

    private volatile Unit[] slots = {};
    private long head;
    private long tail;
    private volatile long newestRandomAccess = -1;

    /** Random access points come: one was there, be it long gone. */
    private volatile boolean joinable;

    private long heldBytes;
    private boolean closed;

    /** Held while somebody appends or changes the sinks. */
    private final SpinLock writing = new SpinLock();

    private UnitSink[] sinks = NO_SINKS;
    private volatile UnitSink[] joining = NO_SINKS;
    private volatile RingReader[] readers = NO_READERS;

    public Ring(String id, int capacityPackets) {
        if (capacityPackets < 1) {
            throw new IllegalArgumentException(
                    "a ring of " + capacityPackets + " packets, expected at least 1");
        }
        this.id = id;
        this.capacityPackets = capacityPackets;
        this.failures = new SinkFailures(id);
    }

    /** The stream's code, with {@code /track_n} for a rendition. */
    public String id() {
        return id;
    }

    public RingStats stats() {
        return stats;
    }

    /**
     * Appends a unit; borrows it and retains its slab. Never waits for a reader. One writer at a
     * time: the entry of the ring sees to that.
     */
    public void append(Unit unit) {
        append(
                unit.slab,
                unit.offset,
                unit.length,
                unit.pts,
                unit.dts,
                unit.arrivalNanos,
                unit.flags);
    }

    void append(
            ByteBuf slab,
            int offset,
            int length,
            long pts,
            long dts,
            long arrivalNanos,
            int flags) {
        writing.lock();
        try {
            if (closed) {
                return;
            }
            long sequence = head;
            makeRoom(length);
            if ((flags & Unit.RANDOM_ACCESS) != 0) {
                newestRandomAccess = sequence;
                joinable = true;
            }
            Unit[] table = slots;
            Unit slot = table[(int) sequence & (table.length - 1)];
            SEQUENCE.setOpaque(slot, -1L);
            VarHandle.storeStoreFence();
            slab.retain();
            slot.slab = slab;
            slot.offset = offset;
            slot.length = length;
            slot.pts = pts;
            slot.dts = dts;
            slot.arrivalNanos = arrivalNanos;
            slot.flags = flags | Unit.SHARED;
            SEQUENCE.setRelease(slot, sequence);
            heldBytes += length;
            HEAD.setRelease(this, sequence + 1);
            stats.onUnit(slot, (int) (sequence + 1 - tail), heldBytes);
            if (joining.length > 0) {
                joinSinks();
            }
            for (UnitSink sink : sinks) {
                deliver(sink, slot);
            }
        } finally {
            writing.unlock();
        }
        wakeReaders();
    }

    private void deliver(UnitSink sink, Unit unit) {
        try {
            sink.onUnit(unit);
        } catch (RuntimeException e) {
            failures.report(sink, e);
        }
    }

    /**
     * Gives back what is older than the ring has to keep, and doubles the slots when they are too
     * few.
     */
    private void makeRoom(int length) {
        Unit[] table = slots;
        while (head > tail && mayDropOldest(length)) {
            drop(table);
        }
        if (head - tail == table.length) {
            grow(table);
        }
    }

    private boolean mayDropOldest(int length) {
        if (heldBytes + length > MAX_BYTES || head - tail >= MAX_UNITS) {
            return true;
        }
        boolean needed = newestRandomAccess >= 0 && tail >= newestRandomAccess;
        boolean overCapacity = heldBytes + length > (long) capacityPackets * PACKET;
        return overCapacity && !needed;
    }

    private void grow(Unit[] table) {
        int length = table.length == 0 ? FIRST_SLOTS : table.length * 2;
        Unit[] grown = new Unit[length];
        for (long s = tail; s < head; s++) {
            grown[(int) s & (length - 1)] = table[(int) s & (table.length - 1)];
        }
        for (int i = 0; i < length; i++) {
            if (grown[i] == null) {
                grown[i] = new Unit();
                grown[i].sequence = -1;
            }
        }
        slots = grown;
    }

    /**
     * Adds a sink that the writer calls inline. It is first called with what the ring holds from
     * the newest random access point on, together with the next unit that arrives.
     */
    public void addSink(UnitSink sink) {
        writing.lock();
        try {
            joining = with(joining, sink);
        } finally {
            writing.unlock();
        }
    }

    /** Removes a sink; when this returns the sink is not being called and never will be again. */
    public void removeSink(UnitSink sink) {
        writing.lock();
        try {
            joining = without(joining, sink);
            sinks = without(sinks, sink);
        } finally {
            writing.unlock();
        }
    }

    private void joinSinks() {
        UnitSink[] joined = joining;
        joining = NO_SINKS;
        Unit[] table = slots;
        // The unit just appended is delivered with the others.
        long from = newestRandomAccess < 0 ? head - 1 : Math.max(newestRandomAccess, tail);
        for (UnitSink sink : joined) {
            for (long s = from; s < head - 1; s++) {
                deliver(sink, table[(int) s & (table.length - 1)]);
            }
            sinks = with(sinks, sink);
        }
    }

    private static UnitSink[] with(UnitSink[] sinks, UnitSink sink) {
        UnitSink[] more = Arrays.copyOf(sinks, sinks.length + 1);
        more[sinks.length] = sink;
        return more;
    }

    @SuppressWarnings("ReferenceEquality") // this sink, not one like it
    private static UnitSink[] without(UnitSink[] sinks, UnitSink sink) {
        UnitSink[] fewer = Arrays.stream(sinks).filter(s -> s != sink).toArray(UnitSink[]::new);
        return fewer.length == 0 ? NO_SINKS : fewer;
    }

    /**
     * Opens a reader at the newest random access point (at the head when there is none yet).
     *
     * @param wake called on the writer's thread when units came after {@link RingReader#arm()};
     *     must only hand over
     */
    public RingReader openReader(Runnable wake) {
        return openReader(wake, entryPoint());
    }

    /**
     * Opens a cursor at a place in the ring; where that is overwritten already, the first poll goes
     * to the newest random access point.
     */
    public RingReader openReader(Runnable wake, long sequence) {
        RingReader reader = new RingReader(this, wake, sequence);
        writing.lock();
        try {
            RingReader[] more = Arrays.copyOf(readers, readers.length + 1);
            more[readers.length] = reader;
            readers = more;
        } finally {
            writing.unlock();
        }
        return reader;
    }

    /**
     * The sequence of the newest random access point that is so much older than the newest unit, or
     * of the oldest that the ring has. Never from before a discontinuity: other pictures were
     * there.
     *
     * @param back 90 kHz ticks; 0 for the newest random access point
     */
    public long randomAccessBefore(long back) {
        if (back == 0) {
            return entryPoint();
        }
        writing.lock();
        try {
            return searchBack(back);
        } finally {
            writing.unlock();
        }
    }

    private long searchBack(long back) {
        Unit[] table = slots;
        long found = entryPoint();
        long newest = Unit.NO_TIME;
        long time = Unit.NO_TIME;
        boolean cut = false;
        for (long s = head - 1; s >= tail; s--) {
            Unit unit = table[(int) s & (table.length - 1)];
            cut |= unit.isDiscontinuity();
            time = unit.dts == Unit.NO_TIME ? time : unit.dts;
            newest = newest == Unit.NO_TIME ? time : newest;
            if (unit.isRandomAccess()) {
                found = s;
                if (cut || (time != Unit.NO_TIME && newest - time >= back)) {
                    break;
                }
            }
        }
        return found;
    }

    /** How long nobody has taken what comes of this ring, see {@link UnitSink#idleNanos}. */
    public long idleNanos() {
        writing.lock();
        try {
            if (readers.length > 0) {
                return 0;
            }
            long idle = Long.MAX_VALUE;
            for (UnitSink sink : sinks) {
                idle = Math.min(idle, sink.idleNanos());
            }
            for (UnitSink sink : joining) {
                idle = Math.min(idle, sink.idleNanos());
            }
            return idle;
        } finally {
            writing.unlock();
        }
    }

    /** What somebody waits for that never came, see {@link UnitSink#wantedDts}. */
    public long wantedDts() {
        writing.lock();
        try {
            return earlier(earliestWanted(sinks), earliestWanted(joining));
        } finally {
            writing.unlock();
        }
    }

    private static long earliestWanted(UnitSink[] of) {
        long wanted = Unit.NO_TIME;
        for (UnitSink sink : of) {
            wanted = earlier(wanted, sink.wantedDts());
        }
        return wanted;
    }

    private static long earlier(long a, long b) {
        if (a == Unit.NO_TIME || b == Unit.NO_TIME) {
            return a == Unit.NO_TIME ? b : a;
        }
        return Math.min(a, b);
    }

    void closeReader(RingReader reader) {
        writing.lock();
        try {
            RingReader[] fewer =
                    Arrays.stream(readers).filter(r -> r != reader).toArray(RingReader[]::new);
            readers = fewer.length == 0 ? NO_READERS : fewer;
        } finally {
            writing.unlock();
        }
    }

    private void wakeReaders() {
        RingReader[] waiting = readers;
        if (waiting.length > 0) {
            // Orders the new head before the look at each reader's flag; RingReader.arm() does the
            // reverse.
            VarHandle.fullFence();
            for (RingReader reader : waiting) {
                reader.wakeIfArmed();
            }
        }
    }

    /** The sequence that the next unit will get. */
    long head() {
        return (long) HEAD.getAcquire(this);
    }

    long tail() {
        return (long) TAIL.getAcquire(this);
    }

    /**
     * The sequence of the newest random access unit, or of the next unit when there is none: where
     * a reader starts, or goes on after it was overtaken.
     */
    public long entryPoint() {
        long randomAccess = newestRandomAccess;
        return randomAccess >= 0 && randomAccess >= tail() ? randomAccess : head();
    }

    /** Whether a random access point has come at all: then a reader may wait for another. */
    boolean hasRandomAccess() {
        return joinable;
    }

    /**
     * Copies the unit with this sequence into {@code into} and retains its slab.
     *
     * @return false when the writer has overwritten it
     */
    boolean read(long sequence, Unit into) {
        Unit[] table = slots;
        Unit slot = table[(int) sequence & (table.length - 1)];
        if ((long) SEQUENCE.getAcquire(slot) != sequence) {
            return false;
        }
        ByteBuf slab = slot.slab;
        int offset = slot.offset;
        int length = slot.length;
        long pts = slot.pts;
        long dts = slot.dts;
        long arrivalNanos = slot.arrivalNanos;
        int flags = slot.flags;
        if (slab == null || !tryRetain(slab)) {
            return false;
        }
        VarHandle.loadLoadFence();
        if ((long) SEQUENCE.getOpaque(slot) != sequence) {
            slab.release();
            return false;
        }
        into.set(slab, offset, length, pts, dts, arrivalNanos, flags, sequence);
        return true;
    }

    private static boolean tryRetain(ByteBuf slab) {
        try {
            slab.retain();
            return true;
        } catch (io.netty.util.IllegalReferenceCountException overwritten) {
            return false;
        }
    }

    /**
     * Forgets every unit and gives their memory back; sinks, which forget too, and readers stay.
     */
    public void clear() {
        writing.lock();
        try {
            dropAll();
            for (UnitSink sink : sinks) {
                sink.forget();
            }
        } finally {
            writing.unlock();
        }
    }

    /**
     * Gives the memory back and lets go of the sinks. Readers see the end of what they had; later
     * appends are ignored.
     */
    public void close() {
        writing.lock();
        try {
            closed = true;
            dropAll();
            sinks = NO_SINKS;
            joining = NO_SINKS;
        } finally {
            writing.unlock();
        }
    }

    private void dropAll() {
        Unit[] table = slots;
        while (tail < head) {
            drop(table);
        }
        newestRandomAccess = -1;
    }

    private void drop(Unit[] table) {
        Unit oldest = table[(int) tail & (table.length - 1)];
        SEQUENCE.setOpaque(oldest, -1L);
        VarHandle.storeStoreFence();
        heldBytes -= oldest.length;
        oldest.slab.release();
        oldest.slab = null;
        TAIL.setRelease(this, tail + 1);
    }
}
