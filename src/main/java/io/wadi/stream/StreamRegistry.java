package io.wadi.stream;

import org.apache.camel.CamelContext;

import java.util.Map;
import java.util.Optional;

/**
 * The documents that are in force: what running routes read for settings that change in place. A
 * context plugin, fetched by {@code StreamRegistry.of(camelContext)}.
 */
public final class StreamRegistry {
    private volatile Map<String, StreamSpec> streams = Map.of();

    /** The registry of a Camel context, made on first use. */
    public static StreamRegistry of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            StreamRegistry registry = extension.getContextPlugin(StreamRegistry.class);
            if (registry == null) {
                registry = new StreamRegistry();
                extension.addContextPlugin(StreamRegistry.class, registry);
            }
            return registry;
        }
    }

    public Optional<StreamSpec> stream(String code) {
        return Optional.ofNullable(streams.get(code));
    }

    public Map<String, StreamSpec> streams() {
        return streams;
    }

    void replace(Map<String, StreamSpec> now) {
        streams = Map.copyOf(now);
    }
}
