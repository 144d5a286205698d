package io.wadi.http;

import org.apache.camel.CamelContext;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What is served under each stream's code on the HTTP port: {@code /{code}/{path}}. */
public final class MediaRoutes {
    private final Map<String, List<MediaResource>> resources = new ConcurrentHashMap<>();

    /** The media routes of a Camel context, made on first use. */
    public static MediaRoutes of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            MediaRoutes routes = extension.getContextPlugin(MediaRoutes.class);
            if (routes == null) {
                routes = new MediaRoutes();
                extension.addContextPlugin(MediaRoutes.class, routes);
            }
            return routes;
        }
    }

    /** Serves a resource under a stream's code until the returned handle is closed. */
    public Mount mount(String code, MediaResource resource) {
        resources.computeIfAbsent(code, key -> new CopyOnWriteArrayList<>()).add(resource);
        return () ->
                resources.computeIfPresent(
                        code,
                        (key, mounted) -> {
                            mounted.remove(resource);
                            return mounted.isEmpty() ? null : mounted;
                        });
    }

    /** The resources of a stream, in the order in which they were mounted. */
    public List<MediaResource> find(String code) {
        return resources.getOrDefault(code, List.of());
    }

    /** Ends a mount. */
    @FunctionalInterface
    public interface Mount extends AutoCloseable {
        @Override
        void close();
    }
}
