package io.wadi.fanout;

import java.time.Duration;

/**
 * What an operator trades for what.
 *
 * @param sendLatency how long units are gathered before they are written, 0 to 500 ms: fewer,
 *     larger writes cost less
 * @param maxBacklogBytes what may wait for one viewer's socket before the viewer is cut back to the
 *     next random access point
 * @param maxBehind how long a viewer may stay cut back before it is dropped
 */
public record FanOutOptions(Duration sendLatency, int maxBacklogBytes, Duration maxBehind) {
    public static final Duration MAX_SEND_LATENCY = Duration.ofMillis(500);

    /** 30 ms, 8 MiB (a 10 s GOP of 6 Mbit/s), 10 s. */
    public static final FanOutOptions DEFAULT =
            new FanOutOptions(Duration.ofMillis(30), 8 * 1024 * 1024, Duration.ofSeconds(10));

    public FanOutOptions {
        if (sendLatency.isNegative() || sendLatency.compareTo(MAX_SEND_LATENCY) > 0) {
            throw new IllegalArgumentException(
                    "sendLatency " + sendLatency.toMillis() + " ms, expected 0 to 500 ms");
        }
        if (maxBacklogBytes < 1) {
            throw new IllegalArgumentException(
                    "maxBacklogBytes " + maxBacklogBytes + ", expected at least 1");
        }
        if (maxBehind.isNegative() || maxBehind.isZero()) {
            throw new IllegalArgumentException("maxBehind " + maxBehind + ", expected above 0");
        }
    }

    public FanOutOptions withSendLatency(Duration latency) {
        return new FanOutOptions(latency, maxBacklogBytes, maxBehind);
    }
}
