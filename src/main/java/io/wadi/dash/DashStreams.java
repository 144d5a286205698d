package io.wadi.dash;

import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.segment.CmafPackager;

import org.apache.camel.CamelContext;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** The streams of a Camel context that have an MPD; each is mounted while it has a rendition. */
final class DashStreams {
    private record Entry(DashStream stream, MediaRoutes.Mount mount) {}

    private final MediaRoutes routes;
    private final ViewerCounter viewers;
    private final Map<String, Entry> entries = new HashMap<>();

    private DashStreams(MediaRoutes routes, ViewerCounter viewers) {
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
                streams = new DashStreams(routes, viewers);
                extension.addContextPlugin(DashStreams.class, streams);
            }
            return streams;
        }
    }

    /** Puts a rendition into the MPD of a stream; "" is the stream itself. */
    synchronized void join(String code, String rendition, CmafPackager packager) {
        Entry entry = entries.get(code);
        if (entry == null) {
            DashStream stream = new DashStream(code, Clock.systemUTC(), viewers);
            entry = new Entry(stream, routes.mount(code, stream));
            entries.put(code, entry);
        }
        entry.stream().join(rendition, packager);
    }

    synchronized void leave(String code, String rendition, CmafPackager packager) {
        Entry entry = entries.get(code);
        if (entry != null && entry.stream().leave(rendition, packager)) {
            entry.mount().close();
            entry.stream().close();
            entries.remove(code);
        }
    }
}
