package io.wadi.dash;

import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.GracePeriod;

import org.apache.camel.CamelContext;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * The streams of a Camel context that have an MPD; each is mounted while it has a rendition, and a
 * moment longer.
 */
final class DashStreams {
    private record Entry(DashStream stream, MediaRoutes.Mount mount) {}

    private final CamelContext context;
    private final MediaRoutes routes;
    private final ViewerCounter viewers;
    private final Map<String, Entry> entries = new HashMap<>();

    private DashStreams(CamelContext context, MediaRoutes routes, ViewerCounter viewers) {
        this.context = context;
        this.routes = routes;
        this.viewers = viewers;
    }

    static DashStreams of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        MediaRoutes routes = MediaRoutes.of(context);
        ViewerCounter viewers = ViewerCounter.of(context);
        synchronized (context) {
            DashStreams streams = extension.getContextPlugin(DashStreams.class);
            if (streams == null) {
                streams = new DashStreams(context, routes, viewers);
                extension.addContextPlugin(DashStreams.class, streams);
            }
            return streams;
        }
    }

    /** Puts a rendition into the MPD of a stream. */
    synchronized void join(String code, DashStream.Rendition rendition) {
        Entry entry = entries.get(code);
        if (entry == null) {
            DashStream stream = new DashStream(context, code, Clock.systemUTC(), viewers);
            entry = new Entry(stream, routes.mount(code, stream));
            entries.put(code, entry);
        }
        entry.stream().join(rendition);
    }

    /** Takes a rendition out; players may have what it made for a moment longer. */
    synchronized void leave(String code, DashStream.Rendition rendition) {
        Entry entry = entries.get(code);
        entry.stream().leave(rendition);
        GracePeriod.after(context, GracePeriod.SUCCESSION, () -> expire(code, entry, rendition));
    }

    private synchronized void expire(String code, Entry entry, DashStream.Rendition rendition) {
        entry.stream().forget(rendition);
        if (entry.stream().isEmpty() && entries.remove(code, entry)) {
            entry.mount().close();
            entry.stream().close();
        }
    }
}
