package io.wadi.ffmpeg;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The encoders of a Camel context that run or should, for the API and metrics. */
public final class Transcoders {
    /** Something that went wrong. */
    public record Problem(String message, Instant at) {}

    /**
     * One rung. Values of a process are the same for all rungs that it makes.
     *
     * @param track position in the ladder, from 1
     * @param status waiting (for the source), queued (for a worker), active, restarting or failed
     * @param encoder FFmpeg's name of it, or copy
     * @param pid 0 while no process runs
     * @param speed encoded time against the clock; below 1 the encoder is too slow
     * @param latencyMs media time that the rung is behind its source
     * @param lostUnits what the encoder was too slow to take
     * @param cpu processor time used by the process so far
     * @param problems the last five
     */
    public record RungState(
            String stream,
            int track,
            String status,
            String encoder,
            long pid,
            int restarts,
            double fps,
            double speed,
            long latencyMs,
            long lostUnits,
            Duration cpu,
            long memoryBytes,
            List<Problem> problems) {}

    private final List<EncodingState> states = new CopyOnWriteArrayList<>();

    private Transcoders() {}

    /** Those of a Camel context, made on first use. */
    public static Transcoders of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            Transcoders transcoders = extension.getContextPlugin(Transcoders.class);
            if (transcoders == null) {
                transcoders = new Transcoders();
                extension.addContextPlugin(Transcoders.class, transcoders);
            }
            return transcoders;
        }
    }

    void add(EncodingState state) {
        states.add(state);
    }

    void remove(EncodingState state) {
        states.remove(state);
    }

    /** The rungs of a stream, by track. */
    public List<RungState> of(String stream) {
        return states.stream()
                .filter(state -> state.stream().equals(stream))
                .flatMap(state -> state.rungs().stream())
                .sorted(Comparator.comparingInt(RungState::track))
                .toList();
    }

    /** The rungs of all streams. */
    public List<RungState> all() {
        return states.stream().flatMap(state -> state.rungs().stream()).toList();
    }
}
