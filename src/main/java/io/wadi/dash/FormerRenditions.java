package io.wadi.dash;

import io.wadi.dash.DashStream.Rendition;
import io.wadi.segment.CmafOptions;
import io.wadi.segment.GracePeriod;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stream was before a change made all of it anew, the transcoder switched on, say: the
 * Periods that players are in stay in the MPD until they have left its window.
 */
final class FormerRenditions {
    private record Kept(Rendition rendition, Runnable end) {}

    private final CamelContext context;
    private final Runnable changed;

    /** Those that left a moment ago: perhaps all of the stream does. */
    private final List<Kept> waiting = new ArrayList<>();

    /** Those that others followed, oldest first. */
    private final List<List<Kept>> generations = new ArrayList<>();

    FormerRenditions(CamelContext context, Runnable changed) {
        this.context = context;
        this.changed = changed;
    }

    /** Takes a rendition that left. */
    synchronized void add(Rendition rendition) {
        waiting.add(new Kept(rendition, rendition.packager().keep()));
    }

    /** Others follow all that left. */
    synchronized void succeed() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Kept> generation = List.copyOf(waiting);
        generations.add(generation);
        waiting.clear();
        Duration longest =
                generation.stream()
                        .map(kept -> window(kept.rendition().packager().options()))
                        .max(Duration::compareTo)
                        .orElseThrow();
        GracePeriod.after(context, longest, () -> expire(generation));
    }

    /** As long as the MPD says that segments can be had. */
    private static Duration window(CmafOptions options) {
        return options.segmentDuration().multipliedBy((long) options.window() + options.history());
    }

    private void expire(List<Kept> generation) {
        synchronized (this) {
            generations.remove(generation);
        }
        generation.forEach(kept -> kept.end().run());
        changed.run();
    }

    /** Gives up a rendition that nothing followed. */
    void forget(Rendition rendition) {
        Kept found = null;
        synchronized (this) {
            for (Kept kept : waiting) {
                found = kept.rendition().equals(rendition) ? kept : found;
            }
            waiting.remove(found);
        }
        if (found != null) {
            found.end().run();
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
        generations.forEach(generation -> all.add(renditions(generation)));
        all.add(current.isEmpty() ? renditions(waiting) : current);
        return all;
    }

    /** Newest first. */
    synchronized List<Rendition> all() {
        List<Rendition> all = new ArrayList<>(renditions(waiting));
        generations.reversed().forEach(generation -> all.addAll(renditions(generation)));
        return all;
    }

    private static List<Rendition> renditions(List<Kept> kept) {
        return kept.stream().map(Kept::rendition).toList();
    }
}
