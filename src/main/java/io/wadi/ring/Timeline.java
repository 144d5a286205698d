package io.wadi.ring;

import io.wadi.ts.TsMuxer;

import java.util.Arrays;

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

    /** The longest way from decoding to showing a picture of this source so far. */
    private long reorder;

    /** How far time runs ahead of the clock, since switches needed more than the pause gave. */
    private long debt;

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

    /** {@link #offsetFor(int, long, long, long)} of a unit that is shown when it is decoded. */
    long offsetFor(int kind, long dts, long arrivalNanos) {
        return offsetFor(kind, dts, dts, arrivalNanos);
    }

    /**
     * The ticks to add to every time in this unit.
     *
     * @param kind 0 for video, 1 for anything else
     * @param pts the unit's presentation time as the source has it, 90 kHz, not wrapped
     * @param dts its decoding time
     */
    long offsetFor(int kind, long pts, long dts, long arrivalNanos) {
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
            long delay = kind == 0 ? Math.max(0, pts - dts) : 0;
            jump(kind, dts, startAt(elapsed, Math.max(newestOut(), shownUntil() - delay) + 1));
            reorder = 0;
        } else if (!running[kind]) {
            begin(kind, dts, elapsed);
        } else if (jumps(kind, dts, elapsed)) {
            takeJump(kind, dts, elapsed);
        } else if (offset[kind] != newestOffset
                && dts + offset[kind] - jumpedAtOut > FOLLOW_AFTER) {
            offset[kind] = newestOffset;
        }
        lastArrivalNanos = arrivalNanos;
        reorder = kind == 0 ? Math.max(reorder, pts - dts) : reorder;
        return settle(kind, dts);
    }

    /** Where another source starts: after the pause, but not before {@code earliest}. */
    private long startAt(long elapsed, long earliest) {
        long clock = newestOut() + elapsed - debt;
        long start = Math.max(clock, earliest);
        debt = start - clock;
        return start;
    }

    /** Pictures may be shown until then: those of another source come after it. */
    private long shownUntil() {
        return lastOut[0] + reorder;
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
     * goes back nor runs away from the clock, however often inputs switch.
     *
     * @param firstDts of the random access point
     * @param newestDts of the newest unit
     * @param newestArrivalNanos when that arrived
     * @param pictures how many are held
     */
    CatchUp catchUp(long firstDts, long newestDts, long newestArrivalNanos, int pictures) {
        long elapsed = toTicks(newestArrivalNanos - lastArrivalNanos);
        long floor = Math.max(newestOut(), shownUntil());
        boolean fits = firstDts - newestDts + newestOut() + elapsed - debt > floor;
        long knee = fits ? floor : floor + (pictures + 1) * SQUEEZED_STEP;
        long present = startAt(elapsed, knee);
        restart = false;
        running[0] = false;
        running[1] = false;
        reorder = 0;
        newestOffset = present - newestDts;
        Arrays.fill(offset, newestOffset);
        jumpedAtOut = floor;
        lastArrivalNanos = newestArrivalNanos;
        return new CatchUp(firstDts, floor, knee, newestOffset);
    }

    /** One millisecond a picture, as RTMP has no finer time. */
    private static final long SQUEEZED_STEP = TICKS_PER_MS;

    /** The time of held units, see {@link #catchUp}. */
    final class CatchUp {
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

        /**
         * The stream's time of a picture: never falls, and is above the floor from the first on.
         */
        long picture(long ticks) {
            long plain = ticks + shift;
            long squeezed = knee - (first + shift);
            if (plain >= knee || squeezed <= 0) {
                return plain;
            }
            // From first to the knee: from just above the floor to the knee.
            return floor + 1 + (ticks - first) * (knee - floor - 1) / squeezed;
        }

        /** Of sound, which is never squeezed. */
        long sound(long ticks) {
            return ticks + shift;
        }

        /** Of a clock reference, which stays as far behind the pictures as our multiplexer's is. */
        long clock(long ticks) {
            return picture(ticks + TsMuxer.PCR_LEAD) - TsMuxer.PCR_LEAD;
        }

        /** Whether sound of this time was heard already. */
        boolean isHeard(long dts) {
            return dts + shift <= lastOut[1];
        }

        /** A unit was passed on. */
        void passed(int kind, long pts, long dts) {
            running[kind] = true;
            lastIn[kind] = dts;
            long out = kind == 0 ? picture(dts) : sound(dts);
            lastOut[kind] = Math.max(lastOut[kind], out);
            reorder = kind == 0 ? Math.max(reorder, picture(pts) - out) : reorder;
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
