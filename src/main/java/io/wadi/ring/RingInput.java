package io.wadi.ring;

import io.wadi.ts.PacketStats;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One input of a ring, used by the thread of its source. Keeps what the supervisor looks at (is it
 * alive, how much comes in) whether or not it is the active one, and the GOP in progress.
 */
public final class RingInput implements UnitSink {
    /**
     * Why nothing comes any more.
     *
     * @param failed broken rather than over
     * @param units how many had come by then: more than that and it is back
     */
    public record Gone(boolean failed, String reason, long units) {}

    private final RingEntry entry;
    private final int priority;
    private final RingStats stats = new RingStats();
    private final PacketStats packets = new PacketStats();
    private final AtomicLong lastPictureNanos = new AtomicLong();
    private final AtomicLong mediaTicks = new AtomicLong();
    private volatile Gone gone;

    /** Somebody wants to be woken by the next unit. */
    private volatile boolean awaited;

    /** Guarded by the entry: which source this is, and what it brought lately. */
    int session;

    final HeldGop held = new HeldGop();

    private final AtomicLong pictures = new AtomicLong();
    private volatile int sources;

    RingInput(RingEntry entry, int priority) {
        this.entry = entry;
        this.priority = priority;
    }

    public int priority() {
        return priority;
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

    /** Sources that have fed this input so far. */
    public int sources() {
        return sources;
    }

    /** Pictures of the source that feeds it now. */
    public long pictures() {
        return pictures.getOpaque();
    }

    /** {@link System#nanoTime()} of the newest picture; meaningless without {@link #pictures}. */
    public long lastPictureNanos() {
        return lastPictureNanos.getOpaque();
    }

    /**
     * The newest decoding time, as the source has it: 90 kHz ticks. Of pictures if there are any.
     */
    public long mediaTicks() {
        return mediaTicks.getOpaque();
    }

    /** Why nothing comes any more, if the source said so. */
    public Optional<Gone> gone() {
        Gone last = gone;
        return last == null || stats.units() > last.units() ? Optional.empty() : Optional.of(last);
    }

    /** Wakes the listener of the ring's entry once when the next unit comes. */
    public void awaitNext() {
        awaited = true;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the source's thread only
    public void onUnit(Unit unit) {
        countPackets(unit);
        if (unit.isNewSource()) {
            pictures.setOpaque(0);
            sources++;
        }
        if (unit.isVideo()) {
            lastPictureNanos.setOpaque(unit.arrivalNanos);
            pictures.setOpaque(pictures.getPlain() + 1);
        }
        if (unit.dts != Unit.NO_TIME && (unit.isVideo() || pictures.getPlain() == 0)) {
            mediaTicks.setOpaque(unit.dts);
        }
        stats.onUnit(unit, 0, 0);
        entry.onUnit(this, unit);
        if (awaited) {
            awaited = false;
            entry.changed();
        }
    }

    @Override
    public void ended(String reason) {
        gone(new Gone(false, reason, stats.units()));
    }

    @Override
    public void failed(String reason) {
        gone(new Gone(true, reason, stats.units()));
    }

    private void gone(Gone why) {
        gone = why;
        entry.forgetHeld(this);
        entry.changed();
    }

    /** The route that fed this input stopped: memory that it lent is given back. */
    void disconnected() {
        gone = null;
        entry.forgetHeld(this);
    }
}
