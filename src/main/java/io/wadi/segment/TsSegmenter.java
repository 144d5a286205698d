package io.wadi.segment;

import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

import java.util.function.Consumer;

/**
 * Cuts units into MPEG-TS segments. A segment starts with a random access point and with PAT and
 * PMT, and ends where the random access point nearest to the target length starts. Pure: time comes
 * in with the units. One thread.
 *
 * <p>Where it cuts:
 *
 * <ol>
 *   <li>at a random access point that is a discontinuity, or the first one after a discontinuity
 *       that came without one: media before and after never share a segment;
 *   <li>at a random access point at or past the target length, or just before it when the next one
 *       would, by the distance of the last two, land further away or more than a second late;
 *   <li>without a random access point only where {@link SegmentLimits} would be broken otherwise.
 * </ol>
 */
public final class TsSegmenter implements UnitSink, AutoCloseable {
    /** A playlist announces the target length plus one second. */
    private static final long LATE_TICKS = Segment.TICKS_PER_SECOND;

    /** Millisecond timestamps round: a GOP of two seconds may measure 1.999. */
    private static final long ROUNDING_TICKS = Segment.TICKS_PER_SECOND / 50;

    /** A step this long, and three times the one before, is a stall: its time holds no media. */
    private static final long STALL_TICKS = 2L * Segment.TICKS_PER_SECOND;

    private static final int STALL_FACTOR = 3;

    /** How long a picture is taken to last until a second one came. */
    private static final long FIRST_STEP_TICKS = Segment.TICKS_PER_SECOND / 25;

    private final SegmentLimits limits;
    private final Consumer<CutSegment> output;
    private final ProgramPackets program = new ProgramPackets();
    private final SegmentBytes bytes = new SegmentBytes();

    private boolean open;
    private boolean started;
    private boolean independent;
    private boolean discontinuity;
    private boolean changed;
    private boolean announced;
    private long startTicks;
    private long newestTicks = Unit.NO_TIME;
    private long lastStep = FIRST_STEP_TICKS;
    private long stalledTicks;
    private long lastRandomAccess = Unit.NO_TIME;
    private int pictures;
    private boolean countable;

    /**
     * @param output takes each segment and the ownership of its bytes
     */
    public TsSegmenter(SegmentLimits limits, Consumer<CutSegment> output) {
        this.limits = limits;
        this.output = output;
    }

    /** The next segment follows something else than what its viewers saw last. */
    public void markDiscontinuity() {
        changed = true;
    }

    @Override
    public void onUnit(Unit unit) {
        program.inspect(unit.slab(), unit.offset(), unit.length());
        // Before the first segment there is nothing that could have changed for its viewers.
        changed |= started && (unit.isDiscontinuity() || unit.isNewSource());
        boolean timed = unit.dts() != Unit.NO_TIME;
        if (timed) {
            advance(unit.dts());
        }
        // Tables that a cutter put before a picture are a unit of their own and have no time yet.
        announced |= unit.isRandomAccess();
        if (announced && timed && program.isComplete()) {
            announced = false;
            onRandomAccess(unit);
        } else if (open && timed && isOverLimit(unit)) {
            cut(unit.dts());
            begin(unit, false);
        }
        if (open) {
            append(unit);
        }
    }

    /** Follows time as it comes, and sets aside what of it was no media. */
    private void advance(long ticks) {
        if (newestTicks == Unit.NO_TIME) {
            newestTicks = ticks;
            return;
        }
        long step = ticks - newestTicks;
        if (step < 0 && -step <= STALL_TICKS) {
            return; // audio behind video, or the other way round
        }
        if (step < 0 || (step > STALL_TICKS && step > STALL_FACTOR * lastStep)) {
            stalledTicks += step - lastStep;
            changed |= started;
        } else if (step > 0) {
            lastStep = step;
        }
        newestTicks = ticks;
    }

    private void onRandomAccess(Unit unit) {
        long ticks = unit.dts();
        if (!open) {
            begin(unit, true);
        } else if (changed || isBestCut(ticks)) {
            cut(ticks);
            begin(unit, true);
        }
        lastRandomAccess = ticks;
    }

    private boolean isBestCut(long ticks) {
        long elapsed = ticks - startTicks;
        long missing = limits.targetTicks() - elapsed;
        if (missing <= ROUNDING_TICKS) {
            return true;
        }
        long overshoot = ticks - lastRandomAccess - missing;
        return overshoot >= missing || overshoot > LATE_TICKS;
    }

    private boolean isOverLimit(Unit unit) {
        return unit.dts() - startTicks - stalledTicks >= limits.maxTicks()
                || bytes.length() + unit.length() > limits.maxBytes();
    }

    private void begin(Unit unit, boolean randomAccess) {
        open = true;
        started = true;
        independent = randomAccess;
        discontinuity = changed && randomAccess;
        changed &= !randomAccess;
        startTicks = unit.dts();
        stalledTicks = 0;
        pictures = 0;
        countable = true;
        if (!ProgramPackets.startsWithPat(unit.slab(), unit.offset())) {
            bytes.add(program.repeat());
        }
    }

    private void append(Unit unit) {
        bytes.add(unit);
        if (unit.isVideo()) {
            pictures++;
            countable &= unit.isAccessUnit();
        }
    }

    private void cut(long endTicks) {
        open = false;
        long duration = Math.max(1, endTicks - startTicks - stalledTicks);
        output.accept(
                new CutSegment(
                        startTicks,
                        duration,
                        discontinuity,
                        independent,
                        countable ? pictures : 0,
                        bytes.take()));
    }

    /** Gives up what was not cut yet; what comes next does not follow it. */
    @Override
    public void forget() {
        changed |= started;
        announced = false;
        newestTicks = Unit.NO_TIME;
        lastRandomAccess = Unit.NO_TIME;
        close();
    }

    /** Gives up what was not cut yet. */
    @Override
    public void close() {
        open = false;
        bytes.release();
    }
}
