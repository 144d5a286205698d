package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Changes by difference, for random pairs of documents. */
class PlanPropertiesTest {
    private static final String CODE = "demo";
    private static final String OTHER = "other";

    /** One server for all tries: what one leaves behind would be seen by the next. */
    private static CamelContext context;

    private static MemorySource streams;
    private static Reconciler reconciler;
    private static Path folder;

    @BeforeContainer
    static void start() throws Exception {
        folder = Files.createTempDirectory("plan");
        for (String template :
                List.of("input", "hls", "dash", "http-ts", "http-flv", "rtmp", "rtsp", "srt")) {
            template(template);
        }
        context = new DefaultCamelContext();
        context.start();
        streams = new MemorySource();
        reconciler =
                new Reconciler(
                        context, streams, folder, Settings.DEFAULT, List.of(), Clock.systemUTC());
        streams.put(SpecTest.json(OTHER, document(List.of("publish://"), Set.of("hls"), "", "k")));
        reconciler.reconcile();
    }

    @AfterContainer
    static void stop() throws IOException {
        reconciler.close();
        context.stop();
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void template(String id) throws IOException {
        Files.writeString(
                folder.resolve(id + ".yaml"),
                """
                - routeTemplate:
                    id: %s
                    parameters: [ { name: from }, { name: to } ]
                    route:
                      from:
                        uri: "timer:never?period=3600000&delay=3600000"
                        steps:
                          - to: { id: sink, uri: "log:%s" }
                """
                        .formatted(id, id));
    }

    @Property(tries = 150)
    void applyingTheSecondLeavesWhatStartingItWouldGive(
            @ForAll("documents") StreamSpec a, @ForAll("documents") StreamSpec b) {
        set(a);
        Map<String, Route> before = routes();
        Set<String> wantedBefore = wanted(a);
        assertThat(of(CODE, before).keySet()).isEqualTo(wantedBefore);
        StreamPlan plan = reconciler.plan(CODE, Optional.of(b));
        assertThat(routes()).as("a plan does nothing").isEqualTo(before);

        StreamPlan done = set(b);

        Map<String, Route> after = routes();
        Map<String, RouteSpec> first = specs(a);
        Map<String, RouteSpec> second = specs(b);
        assertThat(of(CODE, after).keySet()).isEqualTo(wanted(b));
        assertThat(done).isEqualTo(plan);
        after.forEach(
                (id, route) -> {
                    boolean equal =
                            (!id.startsWith(CODE + "/") || first.get(id) == null)
                                    ? before.containsKey(id)
                                    : first.get(id).equals(second.get(id));
                    if (equal) {
                        assertThat(route).as(id).isSameAs(before.get(id));
                    } else {
                        assertThat(route).as(id).isNotSameAs(before.get(id));
                    }
                });
        checkPlan(plan, of(CODE, before), of(CODE, after));
    }

    /** The plan says of every route what became of it. */
    private static void checkPlan(
            StreamPlan plan, Map<String, Route> before, Map<String, Route> after) {
        Set<String> started = new TreeSet<>(after.keySet());
        started.removeAll(before.keySet());
        Set<String> stopped = new TreeSet<>(before.keySet());
        stopped.removeAll(after.keySet());
        assertThat(new TreeSet<>(plan.start())).isEqualTo(started);
        assertThat(new TreeSet<>(plan.stop())).isEqualTo(stopped);
        for (String id : plan.restart()) {
            assertThat(after.get(id)).as(id).isNotSameAs(before.get(id));
        }
        for (String id : plan.keep()) {
            assertThat(after.get(id)).as(id).isSameAs(before.get(id));
        }
        assertThat(plan.restart().size() + plan.keep().size() + started.size())
                .isEqualTo(after.size());
    }

    @Property(tries = 40)
    void applyingADocumentAgainDoesNothing(@ForAll("documents") StreamSpec a) {
        set(a);
        StreamPlan plan = reconciler.plan(CODE, Optional.of(a));

        assertThat(plan.start()).isEmpty();
        assertThat(plan.stop()).isEmpty();
        assertThat(plan.restart()).isEmpty();
        assertThat(plan.inPlace()).isEmpty();
        assertThat(new TreeSet<>(plan.keep())).isEqualTo(wanted(a));
    }

    private static StreamPlan set(StreamSpec spec) {
        return reconciler.change(CODE, () -> streams.put(spec));
    }

    /** Hot inputs only: which of the cold ones are connected is the supervisor's business. */
    private static Map<String, RouteSpec> specs(StreamSpec spec) {
        return Topology.of(spec, Settings.DEFAULT).stream()
                .collect(Collectors.toMap(RouteSpec::id, route -> route));
    }

    private static Set<String> wanted(StreamSpec spec) {
        return new TreeSet<>(specs(spec).keySet());
    }

    private static Map<String, Route> routes() {
        return context.getRoutes().stream()
                .collect(Collectors.toMap(Route::getId, r -> r, (x, y) -> x, TreeMap::new));
    }

    private static Map<String, Route> of(String code, Map<String, Route> routes) {
        Map<String, Route> own = new TreeMap<>(routes);
        own.keySet().removeIf(id -> !id.startsWith(code + "/"));
        return own;
    }

    @Provide
    Arbitrary<StreamSpec> documents() {
        Arbitrary<List<String>> inputs =
                Arbitraries.of(
                                "publish://",
                                "rtmp://a.example/live/x",
                                "udp://239.0.0.1:1234",
                                "http://b.example/x.ts")
                        .list()
                        .uniqueElements()
                        .ofMaxSize(3);
        Arbitrary<Set<String>> protocols =
                Arbitraries.of("hls", "dash", "mpegts", "rtmp", "rtsp", "srt").set();
        Arbitrary<String> extras =
                Arbitraries.of(
                        "",
                        ",\"name\":\"x\"",
                        ",\"tags\":[\"a\"]",
                        ",\"disabled\":true",
                        ",\"packaging\":{\"segment\":\"4s\"}",
                        ",\"packaging\":{\"container\":\"fmp4\"},\"description\":\"d\"");
        return Combinators.combine(inputs, protocols, extras, Arbitraries.of("", "k1", "k2"))
                .as(PlanPropertiesTest::spec);
    }

    private static StreamSpec spec(
            List<String> inputs, Set<String> protocols, String extra, String key) {
        try {
            return SpecTest.json(CODE, document(inputs, protocols, extra, key));
        } catch (InvalidSpecException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String document(
            List<String> inputs, Set<String> protocols, String extra, String key) {
        String urls =
                inputs.stream()
                        .map(url -> "{\"url\":\"" + url + "\",\"standby\":\"hot\"}")
                        .collect(Collectors.joining(","));
        String flags =
                protocols.stream()
                        .map(name -> "\"" + name + "\":true")
                        .collect(Collectors.joining(","));
        return "{\"stream_key\":\"%s\",\"inputs\":[%s],\"protocols\":{%s}%s}"
                .formatted(key, urls, flags, extra);
    }
}
