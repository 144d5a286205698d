package io.wadi.ffmpeg;

import io.wadi.event.EventBus;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the log, the API and the event bus are told of the lives of one process. */
final class EncodingReport {
    private static final Logger LOG = LoggerFactory.getLogger(EncodingReport.class);

    private final String name;
    private final String stream;
    private final EncodingState state;
    private final EventBus events;

    EncodingReport(String name, String stream, EncodingState state, EventBus events) {
        this.name = name;
        this.stream = stream;
        this.state = state;
        this.events = events;
    }

    /** A process encodes. */
    void started(List<String> profiles, List<Encoder> encoders) {
        LOG.info(
                "{}: encoding {} with {}",
                name,
                String.join(",", profiles),
                encoders.stream().map(Encoder::name).distinct().toList());
        events.publish(
                "transcoder.started",
                stream,
                Map.of("profiles", profiles.size(), "raw_ingest_id", stream));
    }

    /**
     * A process has ended, and another follows.
     *
     * @param attempt how many have failed in a row
     */
    void failed(List<String> profiles, int attempt, Duration delay) {
        String problem = state.lastProblem();
        if (delay.isZero()) {
            LOG.warn("{}: {}; started again", name, problem);
        } else {
            LOG.warn("{}: {}; next try in {} s", name, problem, delay.toSeconds());
        }
        publish(profiles, problem, attempt, delay.toSeconds(), false);
    }

    /** Hardware did not start. */
    void fellBack(String what) {
        String problem = what + ": " + state.lastProblem();
        LOG.warn("{}: {}", name, problem);
        state.problem(problem);
    }

    /** No other process follows. */
    void gaveUp(List<String> profiles, int attempt, int restarts) {
        String problem =
                "given up after "
                        + restarts
                        + " restarts; it starts again with a change of the stream: "
                        + state.lastProblem();
        LOG.error("{}: {}", name, problem);
        state.problem(problem);
        state.status("failed");
        publish(profiles, problem, attempt, 0, true);
    }

    private void publish(
            List<String> profiles,
            String problem,
            int attempt,
            long restartInSeconds,
            boolean fatal) {
        events.publish(
                "transcoder.error",
                stream,
                Map.of(
                        "profile",
                        String.join(",", profiles),
                        "error",
                        problem,
                        "attempt",
                        attempt,
                        "restart_in_sec",
                        restartInSeconds,
                        "fatal",
                        fatal));
    }
}
