package io.wadi.ring;

/**
 * One input of a ring, used by the thread of its source. Keeps what the supervisor looks at (is it
 * alive, how much comes in) whether or not it is the active one.
 */
public final class RingInput implements UnitSink {
    private final RingEntry entry;
    private final int priority;
    private int session;
    private final RingStats stats = new RingStats();

    RingInput(RingEntry entry, int priority) {
        this.entry = entry;
        this.priority = priority;
    }

    public int priority() {
        return priority;
    }

    int session() {
        return session;
    }

    /** What arrived on this input, active or not. */
    public RingStats stats() {
        return stats;
    }

    @Override
    public void onUnit(Unit unit) {
        stats.onUnit(unit, 0, 0);
        if (unit.isNewSource()) {
            session++;
        }
        if (entry.activeInput() == priority) {
            entry.onUnit(this, unit);
        }
    }
}
