package io.wadi.stream;

import io.wadi.stream.InputHealth.State;

import java.util.Locale;

/** What {@link Failover} decided: what to do, or to tell. */
sealed interface FailoverDecision {
    /** Why the input changed, as events and the API spell it. */
    enum Reason {
        INITIAL,
        ERROR,
        TIMEOUT,
        MANUAL,
        FAILBACK,
        RECOVERY,
        INPUT_ADDED,
        INPUT_REMOVED;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Another input goes on air.
     *
     * @param urgent at once rather than at its next random access point
     */
    record Switch(int from, int to, Reason reason, String detail, boolean urgent)
            implements FailoverDecision {}

    /** The input that waits for its random access point goes on air now. */
    record Hasten(int to) implements FailoverDecision {}

    /** An input is unfit. */
    record Lost(int input, State state, String detail) implements FailoverDecision {}

    /** An input is fit. */
    record Found(int input) implements FailoverDecision {}

    /** No input is fit. */
    record Exhausted() implements FailoverDecision {}

    /** One is again. */
    record Recovered() implements FailoverDecision {}
}
