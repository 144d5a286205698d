package io.wadi.ring;

import io.wadi.ts.Pts33;

/**
 * Puts the 33-bit times that a demultiplexer finds in units on the stream's timeline. One thread.
 *
 * <p>A unit that is one access unit says its time itself. In the others the ring has moved the 33
 * bits in the packets: they are the low bits of the stream's time.
 */
public final class UnitTimes {
    private long reference = Unit.NO_TIME;

    /** What to add to the times in the unit at hand, when it says them itself. */
    private long shift;

    private boolean shiftKnown;
    private boolean saysItsTime;

    /** The unit that is demultiplexed from now on; borrows it. */
    public void onUnit(Unit unit) {
        saysItsTime = unit.isAccessUnit() && unit.dts() != Unit.NO_TIME;
        shiftKnown = false;
        if (unit.dts() != Unit.NO_TIME) {
            reference = unit.dts();
        }
    }

    /** What comes out of the demultiplexer now is of no unit in particular. */
    public void afterUnit() {
        saysItsTime = false;
    }

    /** Whether the timeline is known: a unit has said its time. */
    public boolean isKnown() {
        return reference != Unit.NO_TIME;
    }

    /**
     * The stream's time, while {@link #isKnown}.
     *
     * @param dts as the demultiplexer says it, 90 kHz
     */
    public long toStream(long dts) {
        if (saysItsTime) {
            if (!shiftKnown) {
                shift = reference - dts;
                shiftKnown = true;
            }
            return dts + shift;
        }
        return reference + Pts33.distance(Pts33.wrap(reference), Pts33.wrap(dts));
    }
}
