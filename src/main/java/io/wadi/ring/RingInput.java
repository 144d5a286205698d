package io.wadi.ring;

import io.wadi.ts.PacketStats;

/**
 * One input of a ring, used by the thread of its source. Keeps what the supervisor looks at (is it
 * alive, how much comes in) whether or not it is the active one.
 */
public final class RingInput implements UnitSink {
    private final RingEntry entry;
    private final int priority;
    private int session;
    private final RingStats stats = new RingStats();
    private final PacketStats packets = new PacketStats();

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

    /** The same by PID, with what the source lost on its way here. */
    public PacketStats packets() {
        return packets;
    }

    private void countPackets(Unit unit) {
        if (unit.isNewSource()) {
            packets.switchSource();
        }
        packets.count(unit.slab, unit.offset, unit.length, unit.isAccessUnit());
    }

    @Override
    public void onUnit(Unit unit) {
        countPackets(unit);
        stats.onUnit(unit, 0, 0);
        if (unit.isNewSource()) {
            session++;
        }
        if (entry.activeInput() == priority) {
            entry.onUnit(this, unit);
        }
    }
}
