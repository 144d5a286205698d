package io.wadi.ffmpeg;

import io.wadi.ring.RingEntry;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

/**
 * The way of a rung into its ring, over all lives of its encoder. A new encoder starts at the
 * newest key frame of the source, which may be older than what its predecessor sent last: it is let
 * through from the first random access point behind that on, so that no viewer sees time go back.
 *
 * <p>FFmpeg keeps the stream's times ({@code -copyts}) modulo 2^33; which wrap they are of is known
 * from what was fed.
 */
final class RungOutput implements UnitSink, HangWatch.Output {
    private static final long WRAP = 1L << 33;

    /** What sound may come before the picture that it belongs to. */
    private static final int TICKS_PER_MS = 90;

    private final Rung rung;
    private final RingEntry entry;
    private final SourceWatch source;
    private final boolean continued;
    private boolean waiting = true;
    private boolean first;
    private boolean started;
    private boolean rested;
    private boolean resting;
    private boolean forgotten;
    private boolean shiftKnown;
    private long shift;
    private long lastDts = Unit.NO_TIME;
    private volatile long advancedNanos;
    private volatile boolean delivered;
    private volatile long latencyMs;
    private volatile Rung made;

    RungOutput(Rung rung, RingEntry entry, SourceWatch source) {
        this.rung = rung;
        this.made = rung;
        this.entry = entry;
        this.source = source;
        this.continued = entry.newestRenditionDts() != Unit.NO_TIME;
    }

    Rung rung() {
        return rung;
    }

    /** The rung as it is made of the source at hand. */
    Rung made() {
        return made;
    }

    void make(Rung chosen) {
        made = chosen;
    }

    @Override
    public String name() {
        return rung.name();
    }

    RingEntry entry() {
        return entry;
    }

    /** Nothing is made for a while: what comes next does not follow what came last. */
    void rest() {
        if (!resting) {
            resting = true;
            rested = true;
            forgotten = true;
            entry.ring().clear();
        }
    }

    /** What comes next does not follow what came last. */
    void breakOff() {
        rested = true;
    }

    /** A new encoder follows; nothing of the old one comes any more. */
    void newLife(long nowNanos) {
        resting = false;
        waiting = true;
        shiftKnown = false;
        delivered = false;
        lastDts = Unit.NO_TIME;
        advancedNanos = nowNanos;
    }

    @Override
    public void onUnit(Unit unit) {
        long dts = unit.dts();
        if (dts != Unit.NO_TIME) {
            if (!shiftKnown) {
                shift = Math.round((source.newestDts() - dts) / (double) WRAP) * WRAP;
                shiftKnown = true;
            }
            dts += shift;
            advance(dts, unit.arrivalNanos());
        }
        if (waiting && !admits(unit, dts)) {
            return;
        }
        boolean discontinuity = first && (started ? rested : continued);
        entry.onRendition(unit, shift, first, discontinuity);
        rested &= !first;
        started = true;
        first = false;
    }

    private boolean admits(Unit unit, long dts) {
        if (!unit.isRandomAccess()) {
            return false;
        }
        long reached = entry.newestRenditionDts();
        long at = dts == Unit.NO_TIME ? lastDts : dts;
        // After a rest nobody has what came before it: a player may wait for a part of that.
        if (!forgotten && reached != Unit.NO_TIME && at <= reached) {
            return false;
        }
        forgotten = false;
        waiting = false;
        first = true;
        return true;
    }

    private void advance(long dts, long nowNanos) {
        if (lastDts == Unit.NO_TIME || dts > lastDts) {
            lastDts = dts;
            advancedNanos = nowNanos;
            delivered = true;
            latencyMs = Math.max(0, (source.newestDts() - dts) / TICKS_PER_MS);
        }
    }

    /** The time up to which viewers have the rung, {@link Unit#NO_TIME} before the first. */
    long reachedDts() {
        return entry.newestRenditionDts();
    }

    @Override
    public long advancedNanos() {
        return advancedNanos;
    }

    @Override
    public void excuse(long nowNanos) {
        advancedNanos = nowNanos;
    }

    @Override
    public boolean hasDelivered() {
        return delivered;
    }

    /** Media time that the encoder is behind the source. */
    long latencyMs() {
        return latencyMs;
    }
}
