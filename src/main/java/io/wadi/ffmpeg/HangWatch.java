package io.wadi.ffmpeg;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * Tells whether one process hangs: while its source sends, the time of every rung advances, or
 * still pictures come where it makes nothing else. A process that has sent nothing yet has longer
 * for that, but shows signs of life ({@link StartWatch}). Time in which the source pauses counts
 * for nothing. Looked at by one thread; still pictures are told by any.
 */
final class HangWatch {
    /** What a process makes, as it is seen here. */
    interface Output {
        String name();

        /** When its time last advanced, or its process started. */
        long advancedNanos();

        /** Whether anything has come of this process. */
        boolean hasDelivered();

        /** Forgives the time so far: there was nothing to encode. */
        void excuse(long nowNanos);
    }

    /** A rung that sends nothing for so long while there is input hangs. */
    static final Duration HANGS = Duration.ofMillis(2500);

    /** The first picture takes longer: probing, opening encoders, filling their look-ahead. */
    static final Duration STARTS = Duration.ofSeconds(15);

    /** No unit for so long: the source pauses, and nobody has to encode. */
    static final Duration PAUSES = Duration.ofSeconds(1);

    /** Still pictures may be this late: key pictures of some sources are far apart. */
    static final Duration STILLS = Duration.ofSeconds(30);

    private final List<? extends Output> outputs;
    private final OptionalInt stillsEvery;
    private final LongSupplier arrivedNanos;
    private volatile long stillNanos;
    private volatile boolean stillTaken;

    /**
     * @param outputs of the process; their lives begin with it
     * @param stillsEvery seconds between two still pictures of a process that makes nothing else
     * @param arrivedNanos when the newest unit of its source came
     */
    HangWatch(
            List<? extends Output> outputs,
            OptionalInt stillsEvery,
            LongSupplier arrivedNanos,
            long nowNanos) {
        this.outputs = List.copyOf(outputs);
        this.stillsEvery = stillsEvery;
        this.arrivedNanos = arrivedNanos;
        this.stillNanos = nowNanos;
    }

    /** A still picture has come. */
    void onStill(long nowNanos) {
        stillNanos = nowNanos;
        stillTaken = true;
    }

    /**
     * Looks at the process.
     *
     * @param start how it starts
     * @param reads whether it has taken up its input
     * @return what is wrong with it
     */
    Optional<String> look(StartWatch start, boolean reads, long nowNanos) {
        if (nowNanos - arrivedNanos.getAsLong() > PAUSES.toNanos()) {
            outputs.forEach(output -> output.excuse(nowNanos));
            stillNanos = nowNanos;
            start.excuse(nowNanos);
            return Optional.empty();
        }
        Optional<String> missing = missing(nowNanos).map(what -> "nothing of " + what);
        return missing.isPresent() || hasDelivered() ? missing : start.look(reads, nowNanos);
    }

    private boolean hasDelivered() {
        return stillTaken || outputs.stream().anyMatch(Output::hasDelivered);
    }

    /** What should have come and has not. */
    private Optional<String> missing(long nowNanos) {
        if (stillsEvery.isPresent()) {
            Duration due = STILLS.plusSeconds(stillsEvery.getAsInt());
            return nowNanos - stillNanos > due.toNanos()
                    ? Optional.of("still pictures")
                    : Optional.empty();
        }
        return outputs.stream()
                .filter(output -> nowNanos - output.advancedNanos() > patience(output).toNanos())
                .findFirst()
                .map(Output::name);
    }

    private static Duration patience(Output output) {
        return output.hasDelivered() ? HANGS : STARTS;
    }
}
