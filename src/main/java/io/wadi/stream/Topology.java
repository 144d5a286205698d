package io.wadi.stream;

import io.wadi.stream.StreamSpec.Container;
import io.wadi.stream.StreamSpec.Input;
import io.wadi.stream.StreamSpec.Packaging;
import io.wadi.stream.StreamSpec.Slate;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

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
     * @param connects which inputs are to be connected: one that stands by cold is not; the slate
     *     is asked for as {@link Slate#PRIORITY}
     */
    public static Set<RouteSpec> of(StreamSpec spec, Settings settings, IntPredicate connects) {
        Set<RouteSpec> routes = new LinkedHashSet<>();
        if (!spec.shouldRun()) {
            return routes;
        }
        int renditions = Ladders.renditions(spec);
        String ring = "ring:" + spec.code() + (renditions == 0 ? "" : Ladders.BEST);
        String fanOut = "?sendLatency=" + sendLatency(spec, settings);
        var protocols = spec.protocols();
        if (protocols.hls()) {
            packaging(spec, "hls", renditions, code -> hls(code, spec, settings), routes);
        }
        if (protocols.dash()) {
            packaging(spec, "dash", renditions, code -> dash(code, spec, settings), routes);
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
        for (Ladders.Part part : Ladders.parts(spec)) {
            routes.add(transcode(spec, part));
        }
        for (Input input : spec.inputs()) {
            if (connects.test(input.priority())) {
                routes.add(input(spec, input, settings));
            }
        }
        spec.slate()
                .filter(_ -> connects.test(Slate.PRIORITY))
                .ifPresent(slate -> routes.add(slate(spec, slate)));
        return routes;
    }

    /** Each rendition has a packaging route of its own, so that the others do not notice it. */
    private static void packaging(
            StreamSpec spec,
            String template,
            int renditions,
            UnaryOperator<String> to,
            Set<RouteSpec> routes) {
        if (renditions == 0) {
            routes.add(sink(spec, template, "ring:" + spec.code(), to.apply(spec.code())));
        }
        for (int i = 1; i <= renditions; i++) {
            String rendition = spec.code() + "/" + track(i);
            routes.add(
                    new RouteSpec(
                            spec.code() + "/" + template + "/" + track(i),
                            spec.code(),
                            template,
                            Map.of(FROM, "ring:" + rendition, TO, to.apply(rendition))));
        }
    }

    private static String track(int number) {
        return "track_" + number;
    }

    private static RouteSpec transcode(StreamSpec spec, Ladders.Part part) {
        return new RouteSpec(
                spec.code() + "/" + part.route(),
                spec.code(),
                "transcode",
                Map.of(
                        FROM,
                        "ring:" + spec.code(),
                        TO,
                        "ffmpeg:" + spec.code() + "?ladder=" + part.encoded()));
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

    /** Feeds the ring as an input does, after all others. */
    private static RouteSpec slate(StreamSpec spec, Slate slate) {
        String from = "ffmpeg:slate?ring=" + spec.code() + "&file=" + InputUri.raw(slate.file());
        return new RouteSpec(
                spec.code() + "/slate",
                spec.code(),
                "input",
                Map.of(FROM, from, TO, "ring:" + spec.code() + "?input=" + Slate.PRIORITY));
    }

    private static RouteSpec sink(StreamSpec spec, String template, String ring, String to) {
        return new RouteSpec(
                spec.code() + "/" + template, spec.code(), template, Map.of(FROM, ring, TO, to));
    }

    private static String hls(String code, StreamSpec spec, Settings settings) {
        Packaging own = spec.packaging();
        boolean fragments = Ladders.isForFragmentsOnly(spec);
        Container container = fragments ? Container.FMP4 : own.container();
        return "hls:%s?container=%s&segmentDuration=%s&window=%d&history=%d"
                .formatted(
                        code,
                        container.name().toLowerCase(Locale.ROOT),
                        segment(own, settings.hls()),
                        own.window().orElse(settings.hls().window()),
                        own.history().orElse(settings.hls().history()));
    }

    private static String dash(String code, StreamSpec spec, Settings settings) {
        Packaging own = spec.packaging();
        return "dash:%s?segmentDuration=%s&window=%d&history=%d"
                .formatted(
                        code,
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
