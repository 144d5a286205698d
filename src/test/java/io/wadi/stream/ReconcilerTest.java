package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.event.Event;
import io.wadi.event.EventBus;
import io.wadi.stream.ReconcileStatus.State;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

class ReconcilerTest {
    /** Every template turned into plain Camel: inputs become timers, sinks mocks. */
    private static final List<String> TEMPLATES =
            List.of("input", "hls", "dash", "http-ts", "rtmp", "rtsp", "srt");

    @TempDir Path folder;
    private final MemorySource streams = new MemorySource();
    private final List<String> events = new ArrayList<>();
    private CamelContext context;
    private Reconciler reconciler;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @BeforeEach
    void start() throws Exception {
        for (String template : TEMPLATES) {
            template(template, "log:" + template);
        }
        context = new DefaultCamelContext();
        context.start();
        EventBus.of(context).subscribe((Event e) -> events.add(e.type() + " " + e.streamCode()));
        Clock clock =
                new Clock() {
                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        return now;
                    }
                };
        reconciler = new Reconciler(context, streams, folder, Settings.DEFAULT, List.of(), clock);
    }

    @AfterEach
    void stop() throws Exception {
        reconciler.close();
        context.close();
    }

    private void template(String id, String to) throws IOException {
        Files.writeString(
                folder.resolve(id + ".yaml"),
                """
                # template of %s
                - routeTemplate:
                    id: %s
                    parameters: [ { name: from }, { name: to } ]
                    route:
                      streamCache: "false"
                      from:
                        uri: "timer:never?period=3600000&delay=3600000"
                        steps:
                          - to: { id: sink, uri: "%s" }
                """
                        .formatted(id, id, to));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    /** Two passes settle an edit. */
    private ReconcileStatus settle() {
        reconciler.reconcile();
        return reconciler.reconcile();
    }

    private static StreamSpec spec(String code, String rest) throws InvalidSpecException {
        return SpecTest.json(
                code,
                "{\"inputs\":[{\"url\":\"publish://\"}]"
                        + (rest.isEmpty() ? "" : ",")
                        + rest
                        + "}");
    }

    private Map<String, Route> routes() {
        return context.getRoutes().stream()
                .collect(Collectors.toMap(Route::getId, r -> r, (a, b) -> a, TreeMap::new));
    }

    @Test
    void startsStopsAndLeavesAlone() throws Exception {
        streams.put(spec("demo", "\"protocols\":{\"hls\":true}"));
        streams.put(spec("a/b", ""));
        assertThat(reconciler.reconcile().problems()).isEmpty();
        Map<String, Route> before = routes();
        assertThat(before.keySet()).containsExactly("a/b/in/0", "demo/hls", "demo/in/0");

        streams.put(spec("demo", "\"protocols\":{\"hls\":true,\"dash\":true},\"name\":\"New\""));
        ReconcileStatus status = reconciler.reconcile();
        assertThat(status.last().started()).containsExactly("demo/dash");
        assertThat(routes()).containsAllEntriesOf(before);
        assertThat(StreamRegistry.of(context).stream("demo").orElseThrow().name()).isEqualTo("New");

        long passes = status.passes();
        assertThat(reconciler.reconcile().passes()).isEqualTo(passes);
        streams.remove("demo");
        reconciler.reconcile();
        assertThat(routes().keySet()).containsExactly("a/b/in/0");
        assertThat(events)
                .containsExactly(
                        "stream.started a/b",
                        "stream.started demo",
                        "stream.stopped demo",
                        "stream.deleted demo");
    }

    @Test
    void editedTemplateRestartsOnlyItsRoutes() throws Exception {
        streams.put(spec("demo", "\"protocols\":{\"hls\":true,\"dash\":true}"));
        reconciler.reconcile();
        Map<String, Route> before = routes();
        template("hls", "log:other");
        ReconcileStatus status = settle();
        assertThat(status.last().restarted())
                .containsExactlyInAnyOrder("routeTemplate hls", "demo/hls");
        assertThat(routes().get("demo/hls")).isNotSameAs(before.get("demo/hls"));
        assertThat(routes().get("demo/dash")).isSameAs(before.get("demo/dash"));
        assertThat(routes().get("demo/in/0")).isSameAs(before.get("demo/in/0"));
    }

    @Test
    void mistakesChangeNothingThatRuns() throws Exception {
        streams.put(spec("demo", "\"protocols\":{\"hls\":true}"));
        write(
                "own.yaml",
                "- route: { id: own, from: { uri: 'direct:own', steps: [ { log: hi } ] } }");
        reconciler.reconcile();
        Map<String, Route> before = routes();
        assertThat(before).containsKey("own");
        String good = Files.readString(folder.resolve("hls.yaml"));
        for (String bad :
                List.of(
                        "- routeTemplate: [",
                        "",
                        "hello",
                        "- routeTemplate:\n    id: hls\n    rout: 1\n",
                        good.replace("log:hls", "nosuch:hls?x=1").replace("nosuch", "log:a?nope"),
                        good.replace("{ name: to }", "{ name: to }, { name: more }"),
                        good.replace("uri: \"log:hls\"", "urii: \"log:hls\""),
                        good + "\n- route: { id: own, from: { uri: 'direct:x' } }\n")) {
            write("hls.yaml", bad);
            ReconcileStatus status = settle();
            assertThat(status.problems()).as(bad).hasSize(1);
            assertThat(status.problems().getFirst().file()).endsWith("hls.yaml");
            assertThat(status.problems().getFirst().line()).isPositive();
            assertThat(routes()).as(bad).isEqualTo(before);
            write("hls.yaml", good);
            settle();
            assertThat(routes()).as(bad).isEqualTo(before);
        }
        assertThat(reconciler.status().problems()).isEmpty();
        assertThat(reconciler.status().rejected()).isPositive();
    }

    @Test
    void missingComponentFailsOneRouteAndIsTriedAgain() throws Exception {
        write(
                "srt.yaml",
                Files.readString(folder.resolve("srt.yaml")).replace("log:srt", "{{to}}"));
        streams.put(spec("demo", "\"protocols\":{\"srt\":true,\"hls\":true}"));
        ReconcileStatus status = reconciler.reconcile();
        assertThat(status.routes().get("demo/srt").state()).isEqualTo(State.FAILED);
        assertThat(status.routes().get("demo/srt").error()).contains("'srt:'");
        assertThat(routes().keySet()).containsExactly("demo/hls", "demo/in/0");
        now = now.plusSeconds(1);
        assertThat(reconciler.reconcile().routes().get("demo/srt").attempts()).isEqualTo(2);
        assertThat(reconciler.reconcile().routes().get("demo/srt").attempts()).isEqualTo(2);
        context.addComponent("srt", context.getComponent("log"));
        now = now.plusSeconds(30);
        assertThat(reconciler.reconcile().routes().get("demo/srt").state())
                .isEqualTo(State.RUNNING);
    }

    @Test
    void runningEqualsDesiredForRandomEdits() throws Exception {
        Random random = new Random(42);
        Map<String, StreamSpec> wanted = new TreeMap<>();
        List<String> codes = List.of("a", "b", "c/d", "c-1");
        for (int i = 0; i < 120; i++) {
            String code = codes.get(random.nextInt(codes.size()));
            Map<String, Route> before = routes();
            switch (random.nextInt(5)) {
                case 0 -> {
                    streams.remove(code);
                    wanted.remove(code);
                }
                case 1 -> write("hls.yaml", "- broken: [" + i);
                case 2 -> template("hls", "log:hls" + random.nextInt(3));
                default -> {
                    StreamSpec spec = randomSpec(code, random);
                    streams.put(spec);
                    wanted.put(code, spec);
                }
            }
            settle();
            TreeMap<String, RouteSpec> desired = new TreeMap<>();
            wanted.values().stream()
                    .flatMap(s -> Topology.of(s, Settings.DEFAULT).stream())
                    .forEach(r -> desired.put(r.id(), r));
            assertThat(routes().keySet()).isEqualTo(desired.keySet());
            for (String id : desired.keySet()) {
                boolean other = !id.startsWith(code + "/") && !id.endsWith("/hls");
                if (other) {
                    assertThat(routes().get(id)).isSameAs(before.get(id));
                }
            }
            Map<String, Route> after = routes();
            long passes = reconciler.status().passes();
            reconciler.reconcile();
            assertThat(reconciler.status().passes()).isEqualTo(passes);
            assertThat(routes()).isEqualTo(after);
        }
        int endpoints = context.getEndpoints().size();
        assertThat(endpoints).isLessThan(60);
    }

    private static StreamSpec randomSpec(String code, Random random) throws InvalidSpecException {
        return spec(
                code,
                "\"disabled\":%s,\"stream_key\":\"%d\",\"protocols\":{\"hls\":%s,\"dash\":%s,\"mpegts\":%s}"
                        .formatted(
                                random.nextInt(6) == 0,
                                random.nextInt(3),
                                random.nextBoolean(),
                                random.nextBoolean(),
                                random.nextBoolean()));
    }

    @Test
    void routesRemovedByOthersComeBack() throws Exception {
        streams.put(spec("demo", ""));
        reconciler.reconcile();
        context.getRouteController().stopRoute("demo/in/0");
        context.removeRoute("demo/in/0");
        reconciler.reconcile();
        assertThat(routes()).containsOnlyKeys("demo/in/0");
    }

    @Test
    void restartMakesNewRoutesOfOneStream() throws Exception {
        streams.put(spec("a", ""));
        streams.put(spec("b", ""));
        reconciler.reconcile();
        Map<String, Route> before = routes();
        reconciler.restart("a");
        assertThat(routes().get("a/in/0")).isNotSameAs(before.get("a/in/0"));
        assertThat(routes().get("b/in/0")).isSameAs(before.get("b/in/0"));
    }
}
