package io.wadi.stream;

import io.wadi.stream.StreamSpec.FailoverMode;
import io.wadi.stream.StreamSpec.Slate;

import java.time.Duration;
import java.util.Optional;

/**
 * When a stream changes its input, and when it changes back.
 *
 * @param packetTimeout silence after which an input counts as dead
 * @param failback whether a preferred input that came back goes on air again
 * @param failbackAfter how long it must have been well by then; also the pause between two looks at
 *     an input that is not connected while it stands by
 * @param switchCooldown between a switch and the next that is not forced
 * @param maxContinuityErrors lost packets in {@link #ERROR_WINDOW} above which an input is bad; 0
 *     is no limit
 * @param slateAfter how long no input is fit before the slate goes on air; absent: there is none
 */
record FailoverPolicy(
        FailoverMode mode,
        Duration packetTimeout,
        boolean failback,
        Duration failbackAfter,
        Duration switchCooldown,
        int maxContinuityErrors,
        Optional<Duration> slateAfter) {
    /** What an input that was connected has to bring its first unit. */
    static final Duration PROBE_TIMEOUT = Duration.ofSeconds(3);

    static final Duration ERROR_WINDOW = Duration.ofSeconds(10);

    static final Duration FAILBACK_AFTER = Duration.ofSeconds(8);
    static final Duration SWITCH_COOLDOWN = Duration.ofSeconds(12);

    /** Ten a second: nobody wants to watch that. */
    static final int MAX_CONTINUITY_ERRORS = 100;

    /** The policy of a stream; the server's packet timeout where its document has none. */
    static FailoverPolicy of(StreamSpec spec, Duration packetTimeout) {
        StreamSpec.FailoverRules rules = spec.failover();
        return new FailoverPolicy(
                rules.mode(),
                spec.inputPacketTimeout().orElse(packetTimeout),
                rules.failback().orElse(true),
                rules.failbackAfter().orElse(FAILBACK_AFTER),
                rules.switchCooldown().orElse(SWITCH_COOLDOWN),
                rules.maxContinuityErrors().orElse(MAX_CONTINUITY_ERRORS),
                spec.slate().map(slate -> slate.after().orElse(Slate.DEFAULT_AFTER)));
    }
}
