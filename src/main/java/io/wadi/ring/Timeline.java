package io.wadi.ring;

import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * The clock of a stream. Turns the times of whatever source feeds it into one that only goes
 * forward: 90 kHz ticks that start at the wall clock, run on with the source, and bridge a
 * restarted publisher, a switch to another source, a jump of hours or a small step backwards. Pure:
 * time comes in with the units. One thread at a time.
 *
 * <p>Audio and video of one source interleave, so around a jump old and new times alternate. Each
 * kind therefore keeps the offset it runs on, and takes over the newest one when its own times jump
 * too.
 */
final class Timeline {
    static final long TICKS_PER_SECOND = 90_000;
    static final long TICKS_PER_MS = 90;

    /**
     * A source may run ahead of its arrival by this much (a file read in bursts, a publisher
     * catching up).
     */
    private static final long MAX_AHEAD = 3 * TICKS_PER_SECOND;

    /**
     * Time of one kind may step back by this much without being a jump: several audio tracks share
     * one kind.
     */
    private static final long MAX_INTERLEAVE = TICKS_PER_SECOND / 2;

    /**
     * A kind that did not jump with the other within this time follows it, so that both stay
     * together.
     */
    private static final long FOLLOW_AFTER = TICKS_PER_SECOND;

    private static final long NANOS_PER_TICK_NUMERATOR = 100_000; // 1e9 ns / 90000 = 100000 / 9
    private static final long NANOS_PER_TICK_DENOMINATOR = 9;

    private static final int KINDS = 2;

    private final long startTicks;
    private final long[] offset = new long[KINDS];
    private final long[] lastIn = new long[KINDS];
    private final long[] lastOut = new long[KINDS];
    private final boolean[] running = new boolean[KINDS];
    private long newestOffset;
    private long jumpedAtOut;
    private long lastArrivalNanos;
    private boolean started;
    private boolean restart;
    private boolean discontinuity;

    /**
     * @param startTicks where the stream's time starts, 90 kHz ticks
     */
    Timeline(long startTicks) {
        this.startTicks = startTicks;
    }

    /** The next unit comes from another source or a new session of the same one. */
    void sourceChanged() {
        restart = started;
    }

    /** Whether the unit of the last {@link #offsetFor} started a new run of time. */
    boolean isDiscontinuity() {
        return discontinuity;
    }

    /**
     * The ticks to add to every time in this unit.
     *
     * @param kind 0 for video, 1 for anything else
     * @param dts the unit's decoding time as the source has it, 90 kHz, not wrapped
     */
    long offsetFor(int kind, long dts, long arrivalNanos) {
        discontinuity = false;
        long elapsed = started ? toTicks(arrivalNanos - lastArrivalNanos) : 0;
        if (!started) {
            started = true;
            jump(kind, dts, startTicks);
            discontinuity = false;
        } else if (restart) {
            restart = false;
            running[0] = false;
            running[1] = false;
            jump(kind, dts, newestOut() + Math.max(elapsed, 1));
        } else if (!running[kind]) {
            begin(kind, dts, elapsed);
        } else if (jumps(kind, dts, elapsed)) {
            takeJump(kind, dts, elapsed);
        } else if (offset[kind] != newestOffset
                && dts + offset[kind] - jumpedAtOut > FOLLOW_AFTER) {
            offset[kind] = newestOffset;
        }
        lastArrivalNanos = arrivalNanos;
        return settle(kind, dts);
    }

    /** The first unit of a kind belongs to the time of the other, unless it is nowhere near it. */
    private void begin(int kind, long dts, long elapsed) {
        long out = dts + newestOffset;
        if (out > newestOut() - MAX_AHEAD && out < newestOut() + elapsed + MAX_AHEAD) {
            running[kind] = true;
            offset[kind] = newestOffset;
        } else {
            jump(kind, dts, newestOut() + Math.max(elapsed, 1));
        }
    }

    private boolean jumps(int kind, long dts, long elapsed) {
        long step = dts - lastIn[kind];
        long backwards = kind == 0 ? 0 : -MAX_INTERLEAVE;
        return step < backwards || step > elapsed + MAX_AHEAD;
    }

    /**
     * The other kind may have jumped already: then this one joins it; otherwise it is the first to
     * jump.
     */
    private void takeJump(int kind, long dts, long elapsed) {
        long joined = dts + newestOffset;
        boolean otherJumped = offset[kind] != newestOffset;
        if (otherJumped
                && joined > lastOut[kind] - MAX_AHEAD
                && joined < lastOut[kind] + elapsed + MAX_AHEAD) {
            offset[kind] = newestOffset;
        } else {
            jump(kind, dts, newestOut() + Math.max(elapsed, 1));
        }
    }

    private void jump(int kind, long dts, long out) {
        newestOffset = out - dts;
        jumpedAtOut = out;
        offset[kind] = newestOffset;
        running[kind] = true;
        discontinuity = true;
    }

    /** Keeps the time of each kind from going backwards, whatever the offset says. */
    private long settle(int kind, long dts) {
        long out = dts + offset[kind];
        long slack = kind == 0 ? 0 : MAX_INTERLEAVE;
        long floor = lastOut[kind] - slack;
        long shift = offset[kind];
        if (lastOut[kind] != 0 && out < floor) {
            shift += floor - out;
            out = floor;
        }
        lastIn[kind] = dts;
        lastOut[kind] = Math.max(lastOut[kind], out);
        return shift;
    }

    private long newestOut() {
        return Math.max(lastOut[0], lastOut[1]);
    }

    /** Whether anything has come yet. */
    boolean isStarted() {
        return started;
    }

    /**
     * The next units are another source's, held since its newest random access point; the newest of
     * them is the present. Their time is mapped so that it follows what the ring has and ends at
     * the present: what the ring has no media for yet keeps its pace; the pictures before that,
     * which only serve to decode those, are squeezed into a moment in front of it. So time neither
     * goes back nor runs ahead of the clock, however often inputs switch.
     *
     * @param firstDts of the random access point
     * @param newestDts of the newest unit
     * @param newestArrivalNanos when that arrived
     * @param pictures how many are held
     */
    CatchUp catchUp(long firstDts, long newestDts, long newestArrivalNanos, int pictures) {
        long floor = newestOut();
        long present = floor + Math.max(toTicks(newestArrivalNanos - lastArrivalNanos), 1);
        long shift = present - newestDts;
        long knee = floor;
        if (firstDts + shift <= floor) {
            knee = floor + (pictures + 1) * SQUEEZED_STEP;
            shift += Math.max(0, knee - present);
        }
        restart = false;
        running[0] = false;
        running[1] = false;
        Arrays.fill(offset, shift);
        newestOffset = shift;
        jumpedAtOut = floor;
        lastArrivalNanos = newestArrivalNanos;
        return new CatchUp(firstDts, floor, knee, shift);
    }

    /** One millisecond a picture, as RTMP has no finer time. */
    private static final long SQUEEZED_STEP = TICKS_PER_MS;

    /** The time of held units, see {@link #catchUp}. */
    final class CatchUp implements LongUnaryOperator {
        private final long first;
        private final long floor;
        private final long knee;
        private final long shift;

        private CatchUp(long first, long floor, long knee, long shift) {
            this.first = first;
            this.floor = floor;
            this.knee = knee;
            this.shift = shift;
        }

        /** Never falls, and stays the same or above the floor from the first unit on. */
        @Override
        public long applyAsLong(long ticks) {
            long plain = ticks + shift;
            long squeezed = knee - (first + shift);
            if (plain >= knee || squeezed <= 0) {
                return plain;
            }
            // From first to the knee: from just above the floor to the knee.
            return floor + 1 + (ticks - first) * (knee - floor - 1) / squeezed;
        }

        /** Whether this time of sound was heard already: it would only be heard again, squeezed. */
        boolean isHeard(long dts) {
            return dts + shift <= lastOut[1] || dts + shift < knee;
        }

        /** A unit was passed on. */
        void passed(int kind, long dts) {
            running[kind] = true;
            lastIn[kind] = dts;
            lastOut[kind] = Math.max(lastOut[kind], applyAsLong(dts));
        }
    }

    private static long toTicks(long nanos) {
        return Math.max(0, nanos) / NANOS_PER_TICK_NUMERATOR * NANOS_PER_TICK_DENOMINATOR
                + Math.max(0, nanos)
                        % NANOS_PER_TICK_NUMERATOR
                        * NANOS_PER_TICK_DENOMINATOR
                        / NANOS_PER_TICK_NUMERATOR;
    }
}
