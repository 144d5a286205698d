package io.wadi.stream;

import io.wadi.stream.StreamSpec.Container;
import io.wadi.stream.StreamSpec.Input;
import io.wadi.stream.StreamSpec.Packaging;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** From a stream document to the routes that should run: a pure function. */
public final class Topology {
    private static final String FROM = "from";
    private static final String TO = "to";

    private Topology() {}

    /** The routes of a stream, with all its inputs; none when it should not run. */
    public static Set<RouteSpec> of(StreamSpec spec, Settings settings) {
        return of(spec, settings, input -> true);
    }

    /**
     * The routes of a stream; none when it should not run.
     *
     * @param connects which inputs are to be connected: one that stands by cold is not
     */
    public static Set<RouteSpec> of(StreamSpec spec, Settings settings, IntPredicate connects) {
        Set<RouteSpec> routes = new LinkedHashSet<>();
        if (!spec.shouldRun()) {
            return routes;
        }
        String ring = "ring:" + spec.code();
        String fanOut = "?sendLatency=" + sendLatency(spec, settings);
        var protocols = spec.protocols();
        if (protocols.hls()) {
            routes.add(sink(spec, "hls", ring, hls(spec, settings)));
        }
        if (protocols.dash()) {
            routes.add(sink(spec, "dash", ring, dash(spec, settings)));
        }
        if (protocols.mpegts()) {
            routes.add(sink(spec, "http-ts", ring, "http-ts:" + spec.code() + fanOut));
        }
        if (protocols.httpFlv()) {
            routes.add(sink(spec, "http-flv", ring, "http-flv:" + spec.code() + fanOut));
        }
        if (protocols.rtmp()) {
            routes.add(sink(spec, "rtmp", ring, "rtmp:listen/live/" + spec.code() + fanOut));
        }
        if (protocols.rtsp()) {
            routes.add(sink(spec, "rtsp", ring, "rtsp:listen/live/" + spec.code()));
        }
        if (protocols.srt()) {
            routes.add(sink(spec, "srt", ring, "srt:listen/live/" + spec.code()));
        }
        for (Input input : spec.inputs()) {
            if (connects.test(input.priority())) {
                routes.add(input(spec, input, settings));
            }
        }
        return routes;
    }

    private static RouteSpec input(StreamSpec spec, Input input, Settings settings) {
        String from;
        try {
            from = InputUri.of(spec, input, settings);
        } catch (InputUri.NotAnInputException e) {
            throw new IllegalStateException("A validated input has no URI", e);
        }
        return new RouteSpec(
                spec.code() + "/in/" + input.priority(),
                spec.code(),
                "input",
                Map.of(FROM, from, TO, "ring:" + spec.code() + "?input=" + input.priority()));
    }

    private static RouteSpec sink(StreamSpec spec, String template, String ring, String to) {
        return new RouteSpec(
                spec.code() + "/" + template, spec.code(), template, Map.of(FROM, ring, TO, to));
    }

    private static String hls(StreamSpec spec, Settings settings) {
        Packaging own = spec.packaging();
        Container container = own.container();
        return "hls:%s?container=%s&segmentDuration=%s&window=%d&history=%d"
                .formatted(
                        spec.code(),
                        container.name().toLowerCase(Locale.ROOT),
                        segment(own, settings.hls()),
                        own.window().orElse(settings.hls().window()),
                        own.history().orElse(settings.hls().history()));
    }

    private static String dash(StreamSpec spec, Settings settings) {
        Packaging own = spec.packaging();
        return "dash:%s?segmentDuration=%s&window=%d&history=%d"
                .formatted(
                        spec.code(),
                        segment(own, settings.dash()),
                        own.window().orElse(settings.dash().window()),
                        own.history().orElse(settings.dash().history()));
    }

    private static String sendLatency(StreamSpec spec, Settings settings) {
        return Durations.format(spec.packaging().sendLatency().orElse(settings.sendLatency()));
    }

    private static String segment(Packaging own, Settings.Segments settings) {
        Duration length = own.segment().orElse(settings.length());
        return Durations.format(length);
    }
}
