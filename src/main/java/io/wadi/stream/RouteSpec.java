package io.wadi.stream;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One route that should run: made from a template with these parameters.
 *
 * @param id reads like a path, for example {@code demo/hls}
 * @param stream code of the stream that it belongs to
 * @param template id of a route template in the routes folder
 */
public record RouteSpec(String id, String stream, String template, Map<String, String> parameters) {
    public RouteSpec {
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /** Without the parameters: they may hold keys and passwords. */
    @Override
    public String toString() {
        return "RouteSpec[" + id + " from " + template + "]";
    }
}
