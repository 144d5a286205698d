package io.wadi.app;

import io.wadi.ring.RingEntry;
import io.wadi.ring.RingStats;
import io.wadi.ring.Rings;

import org.apache.camel.CamelContext;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Bitrate and frame rate of every ring, from its totals, over the last few seconds. */
final class Rates implements AutoCloseable {
    /** A rate is taken over so many samples, one a second: long enough for two GOPs. */
    private static final int WINDOW = 5;

    /**
     * @param since when the ring was first seen with a unit in it
     */
    record Rate(double bitsPerSecond, double picturesPerSecond, Instant since) {}

    private static final class History {
        final long[] nanos = new long[WINDOW + 1];
        final long[] bytes = new long[WINDOW + 1];
        final long[] pictures = new long[WINDOW + 1];
        Instant since = Instant.now();
        int samples;

        Rate sample(RingStats stats, long now) {
            if (samples > 0 && stats.units() == 0) {
                samples = 0;
            }
            int newest = samples % nanos.length;
            nanos[newest] = now;
            bytes[newest] = stats.bytes();
            pictures[newest] = stats.pictures();
            samples++;
            int oldest = samples > nanos.length ? samples % nanos.length : 0;
            double seconds = (now - nanos[oldest]) / 1e9;
            if (seconds <= 0) {
                return new Rate(0, 0, since);
            }
            return new Rate(
                    8 * (bytes[newest] - bytes[oldest]) / seconds,
                    (pictures[newest] - pictures[oldest]) / seconds,
                    since);
        }
    }

    private final CamelContext context;
    private final Map<String, History> histories = new HashMap<>();
    private final Map<String, Rate> rates = new ConcurrentHashMap<>();
    private final ScheduledExecutorService sampler =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("rates").factory());

    Rates(CamelContext context) {
        this.context = context;
        sampler.scheduleAtFixedRate(this::sample, 1, 1, TimeUnit.SECONDS);
    }

    private void sample() {
        long now = System.nanoTime();
        Rings rings = Rings.of(context);
        var ids = rings.ids();
        histories.keySet().retainAll(ids);
        rates.keySet().retainAll(ids);
        for (RingEntry entry : rings.all()) {
            RingStats stats = entry.ring().stats();
            if (stats.units() > 0) {
                String id = entry.ring().id();
                History history = histories.computeIfAbsent(id, key -> new History());
                rates.put(id, history.sample(stats, now));
            }
        }
    }

    /** The newest rate of a ring; zero rates when it has none yet. */
    Rate of(String ringId) {
        return rates.getOrDefault(ringId, new Rate(0, 0, Instant.EPOCH));
    }

    @Override
    public void close() {
        sampler.shutdownNow();
    }
}
