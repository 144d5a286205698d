package io.wadi.hls;

import io.wadi.http.MediaRoutes;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.GracePeriod;

import org.apache.camel.CamelContext;

import java.util.HashMap;
import java.util.Map;

/**
 * The streams of a Camel context that are served as HLS: there while a rendition is, and a moment
 * longer.
 */
final class HlsStreams {
    private record Entry(HlsStream stream, MediaRoutes.Mount mount, int users) {
        private Entry with(int count) {
            return new Entry(stream, mount, count);
        }
    }

    private final Map<String, Entry> entries = new HashMap<>();
    private final CamelContext context;

    private HlsStreams(CamelContext context) {
        this.context = context;
    }

    static HlsStreams of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            HlsStreams streams = extension.getContextPlugin(HlsStreams.class);
            if (streams == null) {
                streams = new HlsStreams(context);
                extension.addContextPlugin(HlsStreams.class, streams);
            }
            return streams;
        }
    }

    /**
     * The stream with this code, served from the first call on; paid back with {@link #release}.
     */
    synchronized HlsStream acquire(String code) {
        Entry entry = entries.get(code);
        if (entry == null) {
            HlsStream stream = new HlsStream(code, ViewerCounter.of(context));
            entry = new Entry(stream, MediaRoutes.of(context).mount(code, stream), 0);
        }
        entries.put(code, entry.with(entry.users() + 1));
        return entry.stream();
    }

    /**
     * Pays an {@link #acquire} back.
     *
     * @param end gives up, a moment later, what is served until then
     */
    synchronized void release(String code, Runnable end) {
        Entry entry = entries.get(code);
        entries.put(code, entry.with(entry.users() - 1));
        GracePeriod.after(
                context,
                GracePeriod.SUCCESSION,
                () -> {
                    end.run();
                    expire(code, entry.stream());
                });
    }

    @SuppressWarnings("ReferenceEquality") // this stream, not a later one of the same code
    private synchronized void expire(String code, HlsStream stream) {
        Entry entry = entries.get(code);
        if (entry != null && entry.stream() == stream && entry.users() == 0 && stream.isEmpty()) {
            entries.remove(code);
            entry.mount().close();
            stream.close();
        }
    }
}
