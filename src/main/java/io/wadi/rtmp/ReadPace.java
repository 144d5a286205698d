package io.wadi.rtmp;

import io.netty.util.concurrent.EventExecutor;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How often connections that send media are read: whenever something has come, or once in a period.
 * A publisher writes every picture and every piece of sound by itself; who reads them together pays
 * for one read instead of ten. All threads; {@link ReadTicks} belong to their event loops.
 */
final class ReadPace {
    /** What a viewer may have to wait in addition; more would have players run dry. */
    private static final Duration MAX = Duration.ofMillis(500);

    private final LongSupplier clock;
    private final Map<EventExecutor, ReadTicks> ticks = new ConcurrentHashMap<>();
    private volatile long periodNanos;

    /**
     * @param clock as {@link System#nanoTime()}
     */
    ReadPace(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Changes the period from the next tick on.
     *
     * @param period 0 reads at once
     */
    void setPeriod(Duration period) {
        if (period.isNegative() || period.compareTo(MAX) > 0) {
            throw new IllegalArgumentException(
                    "rtmp: receiveLatency " + period.toMillis() + " ms, expected 0 to 500 ms");
        }
        periodNanos = period.toNanos();
    }

    boolean isOn() {
        return periodNanos > 0;
    }

    /** From now to the next multiple of the period: the same moment for all connections. */
    long nanosToTick() {
        long period = periodNanos;
        return period == 0 ? 0 : period - Math.floorMod(clock.getAsLong(), period);
    }

    /** The ticks of a connection's event loop. */
    ReadTicks of(EventExecutor loop) {
        return ticks.computeIfAbsent(loop, l -> new ReadTicks(l, this));
    }
}
