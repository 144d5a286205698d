package io.wadi.ring;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;

/** Sums up what sinks throw, so that a broken one costs a log line a second and nothing else. */
final class SinkFailures {
    private static final Logger LOG = LoggerFactory.getLogger(Ring.class);
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String ringId;
    private long lastLog = System.nanoTime() - QUIET_NANOS;
    private long unreported;

    SinkFailures(String ringId) {
        this.ringId = ringId;
    }

    void report(UnitSink sink, RuntimeException failure) {
        unreported++;
        long now = System.nanoTime();
        if (now - lastLog >= QUIET_NANOS) {
            LOG.error("Ring {}: {} failed on {} unit(s)", ringId, sink, unreported, failure);
            unreported = 0;
            lastLog = now;
        }
    }
}
