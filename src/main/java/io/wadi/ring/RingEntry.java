package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.codec.TrackFormat;
import io.wadi.ts.ContinuityCounters;
import io.wadi.ts.ContinuityMarks;
import io.wadi.ts.PmtVersions;
import io.wadi.ts.SoundSeam;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTimestamps;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The way into a ring: lets only the active input through, and makes its time continuous, so that
 * whatever a source or a switch between sources does, what follows the ring sees one steady clock.
 */
public final class RingEntry {
    private static final int NONE = -1;

    private final Ring ring;
    private final Timeline timeline;
    private final ConcurrentSkipListMap<Integer, RingInput> inputs = new ConcurrentSkipListMap<>();
    private volatile int active;

    /** Takes over at its next random access point; the active input goes on until then. */
    private volatile int successor = NONE;

    /** Whether a switch is possible at all: then the active input's GOP is held too. */
    private volatile boolean several;

    private volatile Runnable listener = () -> {};
    private final TrackProbe probe = new TrackProbe();
    private final ContinuityCounters counters = new ContinuityCounters();
    private final ContinuityMarks marks = new ContinuityMarks();
    private final PmtVersions versions = new PmtVersions();
    private final SoundSeam seam = new SoundSeam();
    private final SpinLock entering = new SpinLock();

    /** For the probe: a held unit as it entered. */
    private final Unit entered = new Unit();

    private long lastShift;
    private int currentPriority = NONE;
    private int currentSession;
    private volatile long newestRenditionDts = Unit.NO_TIME;
    private volatile Optional<RenditionOffer> offer = Optional.empty();

    RingEntry(Ring ring) {
        this.ring = ring;
        this.timeline = new Timeline(Clock.systemUTC().millis() * Timeline.TICKS_PER_MS);
    }

    public Ring ring() {
        return ring;
    }

    /** The input with this priority, made when it is not there. */
    public RingInput input(int priority) {
        RingInput input = inputs.computeIfAbsent(priority, p -> new RingInput(this, p));
        several = inputs.size() > 1;
        return input;
    }

    /** Forgets an input. */
    public void removeInput(int priority) {
        RingInput removed = inputs.remove(priority);
        several = inputs.size() > 1;
        if (removed != null) {
            forgetHeld(removed);
        }
    }

    /**
     * Is called when an input ends, fails, brings what was {@link RingInput#awaitNext awaited}, or
     * takes over: on the thread of a source, so it must only hand over.
     */
    public void onChange(Runnable called) {
        listener = called;
    }

    void changed() {
        listener.run();
    }

    /** A snapshot of the inputs by priority. */
    public Map<Integer, RingInput> inputs() {
        return new TreeMap<>(inputs);
    }

    /** The priority of the input that is let through. */
    public int activeInput() {
        return active;
    }

    /**
     * Lets another input through at once: what it brought since its newest random access point
     * enters the ring now, in a moment, and time goes on where the input before left it. An input
     * that holds nothing comes from its next random access point on.
     */
    public void activate(int priority) {
        entering.lock();
        try {
            successor = NONE;
            if (active != priority) {
                active = priority;
                RingInput input = inputs.get(priority);
                if (input != null && !input.held.isEmpty()) {
                    enterHeld(input);
                }
            }
        } finally {
            entering.unlock();
        }
    }

    /**
     * Lets another input through from its next random access point on; the active one goes on until
     * then. For a switch that is not in a hurry: no picture is lost or shown twice.
     */
    public void handOver(int priority) {
        entering.lock();
        try {
            successor = priority == active ? NONE : priority;
        } finally {
            entering.unlock();
        }
    }

    /** The priority of the input that takes over at its next random access point. */
    public OptionalInt successor() {
        int next = successor;
        return next == NONE ? OptionalInt.empty() : OptionalInt.of(next);
    }

    void forgetHeld(RingInput input) {
        entering.lock();
        try {
            input.held.clear();
        } finally {
            entering.unlock();
        }
    }

    /** The ring ends: all memory is given back. */
    void close() {
        inputs.values().forEach(this::forgetHeld);
        ring.close();
    }

    /** What the tracks carry, as far as it is known. */
    public List<TrackFormat> tracks() {
        return probe.tracks();
    }

    /** The same by PID. */
    public Map<Integer, TrackFormat> formats() {
        return probe.formats();
    }

    /** The program map of what comes in, empty until one was seen. */
    public Optional<TsProgram> program() {
        return probe.program();
    }

    /** The threads of several inputs meet here; each holds the lock for one unit. */
    void onUnit(RingInput input, Unit unit) {
        boolean tookOver = false;
        entering.lock();
        try {
            if (unit.isNewSource()) {
                input.session++;
                input.held.clear();
            }
            int priority = input.priority();
            if (priority == successor && unit.isRandomAccess()) {
                successor = NONE;
                active = priority;
                tookOver = true;
            }
            if (priority != active) {
                input.held.add(unit, HeldGop.UNSEEN);
            } else if (admits(input, unit)) {
                enter(unit);
                if (several) {
                    input.held.add(unit, lastShift);
                }
            }
        } finally {
            entering.unlock();
        }
        if (tookOver) {
            changed();
        }
    }

    /**
     * See {@link Timeline#catchUp}. The held units stay held as they are: the input may be left and
     * come back within the same GOP.
     */
    private void enterHeld(RingInput input) {
        HeldGop held = input.held;
        currentPriority = input.priority();
        currentSession = input.session;
        seam.switchSource();
        Unit newest = null;
        Unit first = null;
        for (int i = 0; i < held.size(); i++) {
            Unit unit = held.get(i);
            boolean timed = unit.dts != Unit.NO_TIME;
            first = first == null && timed ? unit : first;
            newest = timed && (newest == null || unit.dts > newest.dts) ? unit : newest;
        }
        if (newest == null || !timeline.isStarted()) {
            // Then none of them has been in the ring.
            timeline.sourceChanged();
            counters.switchSource();
            for (int i = 0; i < held.size(); i++) {
                enter(held.get(i));
            }
            held.clear();
        } else {
            Timeline.CatchUp times =
                    timeline.catchUp(first.dts, newest.dts, newest.arrivalNanos, held.pictures());
            int mark = Unit.DISCONTINUITY;
            for (int i = 0; i < held.size(); i++) {
                // Some were rewritten already and some are left out: each continues the one before.
                counters.switchSource();
                mark = enterHeld(held.get(i), held.shift(i), times, first.dts, mark);
            }
        }
        counters.switchSource();
    }

    /** Returns the marks that the next unit gets: none when this one took them. */
    private int enterHeld(Unit unit, long shift, Timeline.CatchUp times, long firstDts, int mark) {
        boolean timed = unit.dts != Unit.NO_TIME;
        boolean sound = timed && !unit.isVideo() && !unit.isRandomAccess();
        if (sound && times.isHeard(unit.dts)) {
            return mark;
        }
        long near = timed ? unit.dts : firstDts;
        boolean seen = shift != HeldGop.UNSEEN;
        long moved = seen ? shift : 0;
        // What was in the ring already has readers, and all of it stays held.
        ByteBuf bytes = unit.slab.alloc().directBuffer(unit.length, unit.length);
        try {
            bytes.writeBytes(unit.slab, unit.offset, unit.length);
            seam.learn(bytes, 0, unit.length);
            TsTimestamps.map(
                    bytes,
                    0,
                    unit.length,
                    near + moved,
                    seam,
                    sound
                            ? ticks -> times.sound(ticks - moved)
                            : ticks -> times.picture(ticks - moved),
                    ticks -> times.sound(ticks - moved),
                    ticks -> times.clock(ticks - moved));
            append(unit, bytes, sound, times, mark);
        } finally {
            bytes.release();
        }
        return 0;
    }

    private void append(Unit unit, ByteBuf bytes, boolean sound, Timeline.CatchUp times, int mark) {
        long pts = unit.pts;
        long dts = unit.dts;
        if (dts != Unit.NO_TIME) {
            times.passed(sound ? 1 : 0, pts, dts);
            pts = sound ? times.sound(pts) : times.picture(pts);
            dts = sound ? times.sound(dts) : times.picture(dts);
            lastShift = dts - unit.dts;
        }
        seam.pass(bytes, 0, unit.length);
        counters.rewrite(bytes, 0, unit.length);
        ring.append(bytes, 0, unit.length, pts, dts, unit.arrivalNanos, unit.flags | mark);
        probe.onUnit(
                entered.set(
                        bytes, 0, unit.length, pts, dts, unit.arrivalNanos, unit.flags | mark, 0));
    }

    private void enter(Unit unit) {
        long pts = unit.pts;
        long dts = unit.dts;
        int flags = unit.flags;
        long shift = lastShift;
        if (dts != Unit.NO_TIME) {
            shift = timeline.offsetFor(unit.isVideo() ? 0 : 1, pts, dts, unit.arrivalNanos);
            pts += shift;
            dts += shift;
            lastShift = shift;
            if (timeline.isDiscontinuity()) {
                flags |= Unit.DISCONTINUITY;
            }
        }
        // Nobody else has seen these bytes yet, so they may be changed in place.
        if (shift != 0) {
            TsTimestamps.shift(unit.slab, unit.offset, unit.length, shift);
        }
        if (several) {
            seam.pass(unit.slab, unit.offset, unit.length);
        }
        counters.rewrite(unit.slab, unit.offset, unit.length);
        if (probe.onUnit(unit) && unit.isRandomAccess()) {
            flags |= Unit.DISCONTINUITY; // an encoder that was set up anew without reconnecting
        }
        ring.append(unit.slab, unit.offset, unit.length, pts, dts, unit.arrivalNanos, flags);
    }

    /**
     * Lets a unit of a rendition in. Its times are those of the stream that it was made from, and
     * are kept, so that all renditions stand on one timeline; only continuity counters go on from
     * one encoder to the next.
     *
     * @param shift what makes its times the stream's unwrapped ones: a multiple of 2^33
     * @param first whether an encoder starts with it
     */
    public void onRendition(Unit unit, long shift, boolean first, boolean discontinuity) {
        entering.lock();
        try {
            if (first) {
                counters.switchSource();
            }
            counters.rewrite(unit.slab, unit.offset, unit.length);
            // Each encoder counts from 0, whatever the one before it sent.
            versions.rewrite(unit.slab, unit.offset, unit.length);
            boolean timed = unit.dts != Unit.NO_TIME;
            int flags = unit.flags & ~Unit.NEW_SOURCE;
            ring.append(
                    unit.slab,
                    unit.offset,
                    unit.length,
                    timed ? unit.pts + shift : unit.pts,
                    timed ? unit.dts + shift : unit.dts,
                    unit.arrivalNanos,
                    discontinuity ? flags | Unit.DISCONTINUITY : flags);
            if (timed && unit.isVideo()) {
                newestRenditionDts = unit.dts + shift;
            }
            probe.onUnit(unit);
        } finally {
            entering.unlock();
        }
    }

    /**
     * Lets a unit in that lies in another ring, as it is. Who follows one rendition after another
     * sees by the mark where they meet, and who takes the bytes by packets in front of it that
     * announce other continuity counters, and by the version of the program map where that differs.
     */
    public void onShared(Unit unit, boolean discontinuity) {
        entering.lock();
        try {
            if (discontinuity) {
                marks.switchSource();
            }
            ByteBuf announced =
                    marks.before(
                            unit.slab, unit.offset, unit.length, PooledByteBufAllocator.DEFAULT);
            if (announced != null) {
                announce(announced, unit.arrivalNanos);
            }
            int flags = discontinuity ? unit.flags | Unit.DISCONTINUITY : unit.flags;
            if (versions.differs(unit.slab, unit.offset, unit.length)) {
                appendWithVersion(unit, flags);
            } else {
                append(unit, unit.slab, unit.offset, flags);
            }
            if (unit.dts != Unit.NO_TIME) {
                newestRenditionDts = unit.dts;
            }
        } finally {
            entering.unlock();
        }
    }

    /** A copy, because the bytes lie in another ring: of the units with a program map only. */
    private void appendWithVersion(Unit unit, int flags) {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(unit.length, unit.length);
        try {
            bytes.writeBytes(unit.slab, unit.offset, unit.length);
            versions.rewrite(bytes, 0, unit.length);
            append(unit, bytes, 0, flags);
        } finally {
            bytes.release();
        }
    }

    private void append(Unit unit, ByteBuf bytes, int offset, int flags) {
        ring.append(bytes, offset, unit.length, unit.pts, unit.dts, unit.arrivalNanos, flags);
    }

    /** A unit of its own, without a time. Takes ownership. */
    private void announce(ByteBuf packets, long arrivalNanos) {
        try {
            ring.append(
                    packets,
                    0,
                    packets.readableBytes(),
                    Unit.NO_TIME,
                    Unit.NO_TIME,
                    arrivalNanos,
                    0);
        } finally {
            packets.release();
        }
    }

    /** Decoding time of the newest picture of a rendition, or {@link Unit#NO_TIME}. */
    public long newestRenditionDts() {
        return newestRenditionDts;
    }

    /** What the maker of a rendition says of it; empty while it has not decided, or has none. */
    public Optional<RenditionOffer> offer() {
        return offer;
    }

    public void setOffer(Optional<RenditionOffer> offer) {
        this.offer = offer;
    }

    /** A new source starts with a random access point, new time and new continuity counters. */
    private boolean admits(RingInput input, Unit unit) {
        int session = input.session;
        if (input.priority() == currentPriority && session == currentSession) {
            return true;
        }
        if (!unit.isRandomAccess()) {
            return false;
        }
        currentPriority = input.priority();
        currentSession = session;
        timeline.sourceChanged();
        seam.switchSource();
        counters.switchSource();
        return true;
    }
}
