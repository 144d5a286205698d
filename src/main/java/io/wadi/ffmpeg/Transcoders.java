package io.wadi.ffmpeg;

import io.wadi.ring.Rings;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

/** The encoders of a Camel context that run or should, for the API and metrics. */
public final class Transcoders {
    /** Something that went wrong. */
    public record Problem(String message, Instant at) {}

    /**
     * One rung. Values of a process are the same for all rungs that it makes.
     *
     * @param track position in the ladder, from 1
     * @param status waiting (for the source), queued (for a worker), active, restarting, failed,
     *     left_out (the source is too small) or idle (nobody takes it)
     * @param reason of a status that needs one, empty else
     * @param encoder FFmpeg's name of it, or copy
     * @param device number of the graphics card, empty without one
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
            String reason,
            String encoder,
            OptionalInt device,
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
    private final Map<String, BestRendition> bests = new HashMap<>();
    private final Rings rings;

    private Transcoders(Rings rings) {
        this.rings = rings;
    }

    /** Those of a Camel context, made on first use. */
    public static Transcoders of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        Rings rings = Rings.of(context);
        synchronized (context) {
            Transcoders transcoders = extension.getContextPlugin(Transcoders.class);
            if (transcoders == null) {
                transcoders = new Transcoders(rings);
                extension.addContextPlugin(Transcoders.class, transcoders);
            }
            return transcoders;
        }
    }

    synchronized void add(EncodingState state) {
        states.add(state);
        if (!state.outputs().isEmpty()) {
            bests.computeIfAbsent(state.stream(), code -> new BestRendition(rings, code));
        }
    }

    synchronized void remove(EncodingState state) {
        states.remove(state);
        String stream = state.stream();
        if (!rungs(stream).isEmpty()) {
            chooseBest(stream);
        } else if (bests.containsKey(stream)) {
            bests.remove(stream).close();
        }
    }

    /** What is offered has changed: viewers without a choice get the best of it. */
    synchronized void chooseBest(String stream) {
        BestRendition best = bests.get(stream);
        if (best == null) {
            return;
        }
        states.stream()
                .filter(state -> state.stream().equals(stream) && !state.hasFailed())
                .flatMap(state -> state.outputs().stream())
                .filter(output -> output.entry().offer().filter(o -> !o.isLeftOut()).isPresent())
                .max(BY_QUALITY)
                .ifPresentOrElse(output -> best.follow(output.entry()), best::leave);
    }

    /** Viewers without a choice get what players of MPEG-TS and RTMP know, if it is there. */
    private static final Comparator<RungOutput> BY_QUALITY =
            Comparator.<RungOutput, Boolean>comparing(output -> !output.made().isSentAsMp4())
                    .thenComparingLong(output -> area(output))
                    .thenComparingLong(output -> output.rung().bitrateBps())
                    .thenComparing(output -> output.rung().track(), Comparator.reverseOrder());

    private static long area(RungOutput output) {
        return output.entry().offer().map(o -> (long) o.width() * o.height()).orElse(0L);
    }

    /** All rungs of a stream, whichever process makes them. */
    List<Rung> rungs(String stream) {
        return states.stream()
                .filter(state -> state.stream().equals(stream))
                .flatMap(state -> state.outputs().stream())
                .map(RungOutput::rung)
                .toList();
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
