package io.wadi.app;

import io.wadi.http.ViewerCounter;
import io.wadi.ring.RingEntry;
import io.wadi.ring.RingInput;
import io.wadi.ring.RingStats;
import io.wadi.ring.Rings;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import org.apache.camel.CamelContext;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Bit rates and frame rates of rings, inputs and viewers over the last seconds, from totals. */
final class Rates implements AutoCloseable {
    /** A rate is taken over so many samples, one a second: long enough for two GOPs. */
    private static final int WINDOW = 5;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final Rate NONE = new Rate(0, 0, Instant.EPOCH);

    /**
     * @param since when this was first seen to move
     */
    record Rate(double bitsPerSecond, double picturesPerSecond, Instant since) {}

    private static final int ALL = -1;

    /** What a rate is of: the input is -1 for the ring itself, the PID for all of an input. */
    private record Key(String id, int input, int pid, boolean viewers) {
        static Key of(String ringId) {
            return new Key(ringId, ALL, ALL, false);
        }

        static Key ofInput(String ringId, int priority) {
            return new Key(ringId, priority, ALL, false);
        }

        static Key ofViewers(String code) {
            return new Key(code, ALL, ALL, true);
        }
    }

    /** The last few totals. */
    private static final class History {
        private final long[] nanos = new long[WINDOW + 1];
        private final long[] bytes = new long[WINDOW + 1];
        private final long[] pictures = new long[WINDOW + 1];
        private final Instant since = Instant.now();
        private int samples;

        Rate sample(long totalBytes, long totalPictures, long now) {
            int newest = samples % nanos.length;
            if (samples > 0 && totalBytes < bytes[(samples - 1) % nanos.length]) {
                // Another ring by the same name.
                samples = 0;
                newest = 0;
            }
            nanos[newest] = now;
            bytes[newest] = totalBytes;
            pictures[newest] = totalPictures;
            samples++;
            int oldest = samples > nanos.length ? samples % nanos.length : 0;
            double seconds = (now - nanos[oldest]) / NANOS_PER_SECOND;
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
    private final Map<Key, History> histories = new HashMap<>();
    private final Map<Key, Rate> rates = new ConcurrentHashMap<>();
    private final ScheduledExecutorService sampler =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("rates").factory());

    Rates(CamelContext context) {
        this.context = context;
        sampler.scheduleAtFixedRate(this::sample, 1, 1, TimeUnit.SECONDS);
    }

    private void sample() {
        long now = System.nanoTime();
        Set<Key> seen = new HashSet<>();
        for (RingEntry entry : Rings.of(context).all()) {
            String id = entry.ring().id();
            sample(Key.of(id), entry.ring().stats(), now, seen);
            entry.inputs()
                    .forEach(
                            (priority, input) -> {
                                sample(Key.ofInput(id, priority), input.stats(), now, seen);
                                sampleTracks(entry, input, now, seen);
                            });
        }
        sampleViewers(now, seen);
        histories.keySet().retainAll(seen);
        rates.keySet().retainAll(seen);
    }

    private void sample(Key key, RingStats stats, long now, Set<Key> seen) {
        if (stats.units() > 0) {
            put(key, stats.bytes(), stats.pictures(), now, seen);
        }
    }

    private void sampleTracks(RingEntry entry, RingInput input, long now, Set<Key> seen) {
        for (TsTrack track : entry.program().map(TsProgram::tracks).orElse(List.of())) {
            long bytes = input.packets().payloadBytes(track.pid());
            if (bytes > 0) {
                Key key = new Key(entry.ring().id(), input.priority(), track.pid(), false);
                put(key, bytes, 0, now, seen);
            }
        }
    }

    private void sampleViewers(long now, Set<Key> seen) {
        ViewerCounter counter = ViewerCounter.of(context);
        Map<String, Long> sent = new HashMap<>();
        for (ViewerCounter.Key key : counter.keys()) {
            sent.merge(key.code(), counter.bytes(key.code(), key.protocol()), Long::sum);
        }
        sent.forEach((code, bytes) -> put(Key.ofViewers(code), bytes, 0, now, seen));
    }

    private void put(Key key, long bytes, long pictures, long now, Set<Key> seen) {
        seen.add(key);
        History history = histories.computeIfAbsent(key, _ -> new History());
        rates.put(key, history.sample(bytes, pictures, now));
    }

    /** The newest rate of a ring; zero when it has none yet. */
    Rate of(String ringId) {
        return rates.getOrDefault(Key.of(ringId), NONE);
    }

    /** The newest rate of one input of a ring. */
    Rate ofInput(String ringId, int priority) {
        return rates.getOrDefault(Key.ofInput(ringId, priority), NONE);
    }

    /** The newest rate of one track of an input, without what the transport stream adds. */
    Rate ofTrack(String ringId, int priority, int pid) {
        return rates.getOrDefault(new Key(ringId, priority, pid, false), NONE);
    }

    /** The newest rate of what a stream's viewers are sent. */
    Rate ofViewers(String code) {
        return rates.getOrDefault(Key.ofViewers(code), NONE);
    }

    @Override
    public void close() {
        sampler.shutdownNow();
    }
}
