package io.wadi.ffmpeg;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/**
 * Looks at one process until it ends or must be ended: because it hangs, its source is another than
 * it was started for, or nobody needs it any more. Used by the supervisor's thread.
 */
final class LifeWatch {
    private static final Duration LOOK = Duration.ofMillis(200);

    /** Why a life ended. */
    enum End {
        CLOSED,
        CRASHED,
        HUNG,
        OTHER_SOURCE,
        /** The source has another size, of which other rungs are made. */
        OTHER_RUNGS,
        /** Nobody takes what runs on demand, or nothing of the ladder is left. */
        NOT_NEEDED
    }

    private final Process process;
    private final SourceWatch source;
    private final SourceTracks startedFor;
    private final LadderNeed need;
    private final EncodingState state;
    private final LongFunction<Optional<String>> hangs;

    /**
     * @param startedFor what the source had when the process was started
     * @param state is told what is wrong
     * @param hangs what is wrong with a process that hangs, at a time
     */
    LifeWatch(
            Process process,
            SourceWatch source,
            SourceTracks startedFor,
            LadderNeed need,
            EncodingState state,
            LongFunction<Optional<String>> hangs) {
        this.process = process;
        this.source = source;
        this.startedFor = startedFor;
        this.need = need;
        this.state = state;
        this.hangs = hangs;
    }

    /** Returns when the process has ended, or is to be ended. */
    End await(BooleanSupplier closed) throws InterruptedException {
        while (true) {
            boolean ended = process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            if (closed.getAsBoolean()) {
                return End.CLOSED;
            }
            Optional<End> end = ended ? Optional.of(End.CRASHED) : look();
            if (end.isPresent()) {
                return end.get();
            }
        }
    }

    private Optional<End> look() {
        SourceTracks tracks = source.tracks().orElse(startedFor);
        LadderNeed.Look look = need.look(tracks);
        if (!need.isNow(System.nanoTime())) {
            return Optional.of(End.NOT_NEEDED);
        }
        if (look == LadderNeed.Look.OTHER_RUNGS) {
            state.problem("other rungs of the ladder fit the source now");
            return Optional.of(End.OTHER_RUNGS);
        }
        if (isOther(tracks)) {
            state.problem("the source has other tracks or another codec now");
            return Optional.of(End.OTHER_SOURCE);
        }
        Optional<String> hung = hangs.apply(System.nanoTime());
        hung.ifPresent(what -> state.problem("FFmpeg hangs: " + what + " while input flows"));
        return hung.map(_ -> End.HUNG);
    }

    /** Another size is taken as it comes, but by a card. */
    private boolean isOther(SourceTracks now) {
        if (CardChoice.isHardware(state.encoders())) {
            return !now.equals(startedFor);
        }
        return !now.continues(startedFor);
    }
}
