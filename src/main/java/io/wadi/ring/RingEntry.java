package io.wadi.ring;

import io.wadi.codec.TrackFormat;
import io.wadi.ts.ContinuityCounters;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTimestamps;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The way into a ring: lets only the active input through, and makes its time continuous, so that
 * whatever a source or a switch between sources does, what follows the ring sees one steady clock.
 */
public final class RingEntry {
    private final Ring ring;
    private final Timeline timeline;
    private final ConcurrentSkipListMap<Integer, RingInput> inputs = new ConcurrentSkipListMap<>();
    private volatile int active;
    private final TrackProbe probe = new TrackProbe();
    private final ContinuityCounters counters = new ContinuityCounters();
    private final SpinLock entering = new SpinLock();
    private long lastShift;
    private int currentPriority = -1;
    private int currentSession;
    private volatile long newestRenditionDts = Unit.NO_TIME;

    RingEntry(Ring ring) {
        this.ring = ring;
        this.timeline = new Timeline(Clock.systemUTC().millis() * Timeline.TICKS_PER_MS);
    }

    public Ring ring() {
        return ring;
    }

    /** The input with this priority, made when it is not there. */
    public RingInput input(int priority) {
        return inputs.computeIfAbsent(priority, p -> new RingInput(this, p));
    }

    /** Forgets an input. */
    public void removeInput(int priority) {
        inputs.remove(priority);
    }

    /** A snapshot of the inputs by priority. */
    public Map<Integer, RingInput> inputs() {
        return new TreeMap<>(inputs);
    }

    /** The priority of the input that is let through. */
    public int activeInput() {
        return active;
    }

    /** Lets another input through, from its next random access point on. */
    public void activate(int priority) {
        active = priority;
    }

    /** What the tracks carry, as far as it is known. */
    public List<TrackFormat> tracks() {
        return probe.tracks();
    }

    /** The program map of what comes in, empty until one was seen. */
    public Optional<TsProgram> program() {
        return probe.program();
    }

    /** Two inputs' threads meet here only while the active one changes. */
    void onUnit(RingInput input, Unit unit) {
        entering.lock();
        try {
            if (active == input.priority() && admits(input, unit)) {
                enter(unit);
            }
        } finally {
            entering.unlock();
        }
    }

    private void enter(Unit unit) {
        long pts = unit.pts;
        long dts = unit.dts;
        int flags = unit.flags;
        long shift = lastShift;
        if (dts != Unit.NO_TIME) {
            shift = timeline.offsetFor(unit.isVideo() ? 0 : 1, dts, unit.arrivalNanos);
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
        counters.rewrite(unit.slab, unit.offset, unit.length);
        ring.append(unit.slab, unit.offset, unit.length, pts, dts, unit.arrivalNanos, flags);
        probe.onUnit(unit);
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

    /** Decoding time of the newest picture of a rendition, or {@link Unit#NO_TIME}. */
    public long newestRenditionDts() {
        return newestRenditionDts;
    }

    /** A new source starts with a random access point, new time and new continuity counters. */
    private boolean admits(RingInput input, Unit unit) {
        int session = input.session();
        if (input.priority() == currentPriority && session == currentSession) {
            return true;
        }
        if (!unit.isRandomAccess()) {
            return false;
        }
        currentPriority = input.priority();
        currentSession = session;
        timeline.sourceChanged();
        counters.switchSource();
        return true;
    }
}
