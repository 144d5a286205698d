package io.wadi.dash;

import io.wadi.dash.DashStream.Rendition;
import io.wadi.ring.GracePeriod;
import io.wadi.segment.CmafOptions;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a stream was before a change made all of it anew, the transcoder switched on, say: the
 * Periods that players are in stay in the MPD until they have left its window.
 */
final class FormerRenditions {
    private final CamelContext context;
    private final Runnable changed;

    /** Those that left a moment ago, and what gives each up: perhaps all of the stream leaves. */
    private final SequencedMap<Rendition, Runnable> waiting = new LinkedHashMap<>();

    /** Those that others followed, oldest first. */
    private final List<SequencedMap<Rendition, Runnable>> generations = new ArrayList<>();

    FormerRenditions(CamelContext context, Runnable changed) {
        this.context = context;
        this.changed = changed;
    }

    /** Takes a rendition that left. */
    synchronized void add(Rendition rendition) {
        waiting.put(rendition, rendition.packager().keep());
    }

    /** Others follow all that left. */
    synchronized void succeed() {
        if (waiting.isEmpty()) {
            return;
        }
        SequencedMap<Rendition, Runnable> generation = new LinkedHashMap<>(waiting);
        generations.add(generation);
        waiting.clear();
        Duration longest =
                generation.keySet().stream()
                        .map(rendition -> window(rendition.packager().options()))
                        .max(Duration::compareTo)
                        .orElseThrow();
        GracePeriod.after(context, longest, () -> expire(generation));
    }

    /** As long as the MPD says that segments can be had. */
    private static Duration window(CmafOptions options) {
        return options.segmentDuration().multipliedBy((long) options.window() + options.history());
    }

    private void expire(SequencedMap<Rendition, Runnable> generation) {
        synchronized (this) {
            generations.remove(generation);
        }
        generation.values().forEach(Runnable::run);
        changed.run();
    }

    /** Gives up a rendition that nothing followed. */
    void forget(Rendition rendition) {
        Runnable end;
        synchronized (this) {
            end = waiting.remove(rendition);
        }
        if (end != null) {
            end.run();
            changed.run();
        }
    }

    /** Whether there is one that nothing has followed yet. */
    synchronized boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /**
     * All generations of the stream, oldest first: while nothing has followed what left, that is
     * the newest.
     */
    synchronized List<List<Rendition>> followedBy(List<Rendition> current) {
        List<List<Rendition>> all = new ArrayList<>();
        generations.forEach(generation -> all.add(List.copyOf(generation.keySet())));
        all.add(current.isEmpty() ? List.copyOf(waiting.keySet()) : current);
        return all;
    }

    /** Newest first. */
    synchronized List<Rendition> all() {
        List<Rendition> all = new ArrayList<>(waiting.keySet());
        generations.reversed().forEach(generation -> all.addAll(generation.keySet()));
        return all;
    }
}
