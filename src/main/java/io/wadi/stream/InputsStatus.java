package io.wadi.stream;

import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * How the inputs of a stream are.
 *
 * @param active the input that is on air; {@link StreamSpec.Slate#PRIORITY} is the slate
 * @param override the input that an operator chose
 * @param exhausted whether none is fit
 * @param inputs and the slate, where there is one
 * @param switches the last twenty, oldest first
 * @param failovers how often the input changed, the first one not counted
 */
public record InputsStatus(
        int active,
        OptionalInt override,
        boolean exhausted,
        List<Input> inputs,
        List<Switch> switches,
        long failovers) {
    /**
     * One input.
     *
     * @param status idle, connecting, active, standby, degraded or failed
     * @param errors the last five, oldest first
     */
    public record Input(int priority, String status, boolean healthy, List<Problem> errors) {}

    /** What was wrong with an input. */
    public record Problem(String message, Instant at) {}

    /**
     * A change of the active input.
     *
     * @param reason initial, error, timeout, manual, failback, recovery, input_added or
     *     input_removed
     * @param detail for a person; may be empty
     */
    public record Switch(Instant at, int from, int to, String reason, String detail) {}
}
