package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.Rings;
import io.wadi.testing.RequiresTool;

import org.apache.camel.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every kind of change to a stream that runs, with a publisher and a viewer on each protocol: what
 * has to restart does, and nobody else notices. Through all doors: REST, the stream's file, a file
 * of routes. The rows are logged as the table of {@code docs/HOT_RELOAD.md}.
 */
@RequiresTool({"ffmpeg", "ffprobe", "stdbuf"})
class HotReloadIT {
    private static final Logger LOG = LoggerFactory.getLogger(HotReloadIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String MAIN = "{\"url\": \"rtmp://0.0.0.0/live/main\"}";
    private static final String SPARE = "{\"url\": \"rtmp://0.0.0.0/live/spare\"}";
    private static final String OTHER = "{\"url\": \"rtmp://0.0.0.0/live/other\"}";

    /** More than a second of pictures after a change. */
    private static final int PICTURES_AFTER = 27;

    private interface Change {
        void apply() throws Exception;
    }

    @TempDir private Path folder;
    private LiveServer server;
    private Process publisher;
    private Process spare;
    private final Map<String, PacketViewer> players = new LinkedHashMap<>();
    private PlaylistViewer hls;
    private PlaylistViewer dash;
    private final List<String> rows = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        server = new LiveServer(folder, 150);
        server.gop = 25;
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static String inputs(String... inputs) {
        return "\"inputs\": [" + String.join(",", inputs) + "]";
    }

    private static String protocols(String... on) {
        List<String> all = List.of("hls", "dash", "mpegts", "rtmp", "http_flv");
        return "\"protocols\": {"
                + String.join(
                        ",",
                        all.stream()
                                .map(
                                        name ->
                                                "\""
                                                        + name
                                                        + "\": "
                                                        + Arrays.asList(on).contains(name))
                                .toList())
                + "}";
    }

    private static String everything() {
        return protocols("hls", "dash", "mpegts", "rtmp", "http_flv");
    }

    private void put(String keys) throws Exception {
        server.edit("live", "{" + keys + "}");
    }

    private Map<String, Route> routes() {
        return server.routes("live/");
    }

    private long discontinuities() {
        return Rings.of(server.camel)
                .find("live")
                .map(entry -> entry.ring().stats().discontinuities())
                .orElse(0L);
    }

    private void watch(String name) throws Exception {
        switch (name) {
            case "hls" -> {
                hls = new PlaylistViewer(server.base + "/live/", folder.resolve("h"), true, false);
                await().atMost(PATIENCE).until(() -> hls.segments.size() > 1);
            }
            case "dash" -> {
                dash = new PlaylistViewer(server.base + "/live/", folder.resolve("d"), false, true);
                await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > 1);
            }
            default -> {
                players.get(name).start();
                await().atMost(PATIENCE)
                        .until(() -> players.get(name).pictures().size() > PICTURES_AFTER);
            }
        }
    }

    /**
     * @param door through which the change comes
     * @param restarted routes that are other ones after it
     * @param affected viewers whose protocol it is about; all others must not notice
     */
    private void row(
            String what, String door, Change change, Set<String> restarted, Set<String> affected)
            throws Exception {
        Map<String, Route> before = routes();
        long breaks = discontinuities();
        Map<String, Integer> seen = new HashMap<>();
        for (String name : players.keySet()) {
            seen.put(name, players.get(name).pictures().size());
        }
        int segments = hls.segments.size();
        int fragments = dash.dashSegments.get();
        change.apply();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(changed(before, routes())).isEqualTo(restarted));
        StringBuilder cells = new StringBuilder();
        for (String name : players.keySet()) {
            if (!affected.contains(name)) {
                cells.append(" | ").append(unnoticed(what, name, seen.get(name)));
            } else if (door.equals("route file")) {
                cells.append(" | ").append(goesOn(what, name, seen.get(name)));
            } else {
                cells.append(" | its own");
            }
        }
        if (!affected.contains("hls")) {
            await().atMost(PATIENCE).until(() -> hls.segments.size() > segments);
            assertThat(hls.complaints).as(what).isEmpty();
            cells.append(" | 0 errors");
        } else {
            cells.append(" | its own");
        }
        if (!affected.contains("dash")) {
            await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > fragments);
            assertThat(dash.complaints).as(what).isEmpty();
            cells.append(" | 0 errors");
        } else {
            cells.append(" | its own");
        }
        if (affected.isEmpty()) {
            assertThat(discontinuities()).as(what).isEqualTo(breaks);
        }
        assertThat(publisher.isAlive()).as("the publisher, after: " + what).isTrue();
        rows.add(
                "| %s | %s | %s%s |"
                        .formatted(
                                what,
                                door,
                                restarted.isEmpty() ? "nothing" : String.join(", ", restarted),
                                cells));
    }

    /** The viewer was not cut off and misses no picture. */
    private String unnoticed(String what, String name, int before) throws Exception {
        PacketViewer player = players.get(name);
        await().atMost(PATIENCE).until(() -> player.pictures().size() > before + PICTURES_AFTER);
        return "0 reconnects, 0 of %d pictures missing"
                .formatted(player.assertUnbroken(what, before));
    }

    /** The route behind it is another one: the viewer was not cut off, and goes on. */
    private String goesOn(String what, String name, int before) throws Exception {
        PacketViewer player = players.get(name);
        await().atMost(PATIENCE).until(() -> player.pictures().size() > before + PICTURES_AFTER);
        return "0 reconnects, at most %d ms between pictures"
                .formatted(player.longestStepMs(what, before));
    }

    @SuppressWarnings("ReferenceEquality") // the same route, not one like it
    private static Set<String> changed(Map<String, Route> before, Map<String, Route> after) {
        Set<String> ids = new TreeSet<>(before.keySet());
        ids.addAll(after.keySet());
        ids.removeIf(id -> before.get(id) == after.get(id));
        return ids;
    }

    private void startEverything() throws Exception {
        server.create(
                "live",
                "{"
                        + inputs(MAIN)
                        + ", \"packaging\": {\"segment\": \"1s\", \"window\": 30},"
                        + everything()
                        + "}");
        publisher = server.publish(server.rtmpPort(), "main");
        await().atMost(PATIENCE).until(() -> server.status("live", 0).equals("active"));
        players.put("mpegts", new PacketViewer(server, "ts", server.base + "/live/mpegts"));
        players.put(
                "rtmp",
                new PacketViewer(
                        server, "rtmp", "rtmp://127.0.0.1:" + server.rtmpPort() + "/live/live"));
        players.put("http_flv", new PacketViewer(server, "flv", server.base + "/live/live.flv"));
        for (String name : List.of("mpegts", "rtmp", "http_flv", "hls", "dash")) {
            watch(name);
        }
    }

    @Test
    void nobodyNoticesWhatIsNotTheirs() throws Exception {
        startEverything();
        inputRows();
        onAirRows();
        protocolRows();
        fileRows();
        publisherStaysWhileItsRouteIsMadeAnew();
        hls.close();
        dash.close();
        everythingStops();
        rows.forEach(row -> LOG.info("{}", row));
    }

    private void inputRows() throws Exception {
        Set<String> none = Set.of();
        row("name and tags", "PUT", () -> put("\"name\": \"x\", \"tags\": [\"a\"]"), none, none);
        row("input added", "PUT", () -> put(inputs(MAIN, SPARE)), Set.of("live/in/1"), none);
        row("input edited", "PUT", () -> put(inputs(MAIN, OTHER)), Set.of("live/in/1"), none);
        row("input removed", "PUT", () -> put(inputs(MAIN)), Set.of("live/in/1"), none);
        row(
                "failover rules, packet timeout",
                "PUT",
                () ->
                        put(
                                "\"failover\": {\"failback_after\": \"1s\","
                                        + " \"switch_cooldown\": \"1s\"},"
                                        + " \"input_packet_timeout\": \"5s\""),
                none,
                none);
        row(
                "push destination, recording",
                "PUT",
                () ->
                        put(
                                "\"push\": [{\"url\": \"rtmp://127.0.0.1:1/a/b\"}],"
                                        + " \"dvr\": {\"enabled\": true}"),
                none,
                none);
    }

    /** What is on air goes away, or changes its place: a switch, and nobody is cut off. */
    private void onAirRows() throws Exception {
        put(inputs(MAIN, SPARE));
        spare = server.publish(server.rtmpPort(), "spare");
        await().atMost(PATIENCE).until(() -> server.status("live", 1).equals("standby"));
        Set<String> first = Set.of("live/in/0");
        Set<String> both = Set.of("live/in/0", "live/in/1");
        Process main = publisher;
        publisher = spare; // the other one is not accepted any more
        switchRow("input on air edited", "PUT", () -> put(inputs(OTHER, SPARE)), first);
        assertThat(server.active("live")).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> !main.isAlive());
        switchRow(
                "and edited back",
                "PUT",
                () -> {
                    put(inputs(MAIN, SPARE));
                    publisher = server.publish(server.rtmpPort(), "main");
                },
                first);
        assertThat(server.active("live")).isZero();
        switchRow("priorities swapped", "PUT", () -> put(inputs(SPARE, MAIN)), both);
        switchRow("input on air removed", "PUT", () -> put(inputs(MAIN)), both);
        spare.destroyForcibly();
    }

    private void protocolRows() throws Exception {
        Map<String, String> routes =
                Map.of(
                        "hls",
                        "hls",
                        "dash",
                        "dash",
                        "mpegts",
                        "http-ts",
                        "rtmp",
                        "rtmp",
                        "http_flv",
                        "http-flv");
        for (String name : List.of("hls", "dash", "mpegts", "rtmp", "http_flv")) {
            String[] others =
                    routes.keySet().stream().filter(n -> !n.equals(name)).toArray(String[]::new);
            Set<String> restarted = Set.of("live/" + routes.get(name));
            row(name + " off", "PUT", () -> put(protocols(others)), restarted, Set.of(name));
            if (name.equals("hls")) {
                hls.close();
            } else if (name.equals("dash")) {
                dash.close();
            } else {
                await().atMost(PATIENCE).until(() -> !players.get(name).process.isAlive());
            }
            row(name + " on", "PUT", () -> put(everything()), restarted, Set.of(name));
            watch(name);
        }
    }

    private void fileRows() throws Exception {
        Path file = folder.resolve("streams/live.yaml");
        row(
                "description",
                "stream file",
                () -> edit(file, "name: x\n", "name: y\ndescription: by hand\n"),
                Set.of(),
                Set.of());
        row(
                "a mistake",
                "stream file",
                () -> {
                    edit(file, "name: y\n", "naem: y\n");
                    await().atMost(PATIENCE).until(() -> !server.problems().isEmpty());
                },
                Set.of(),
                Set.of());
        row(
                "the mistake corrected, mpegts off",
                "stream file",
                () -> {
                    edit(file, "naem: y\n", "name: y\n");
                    edit(file, "mpegts: true", "mpegts: false");
                },
                Set.of("live/http-ts"),
                Set.of("mpegts"));
        row(
                "mpegts on",
                "stream file",
                () -> edit(file, "mpegts: false", "mpegts: true"),
                Set.of("live/http-ts"),
                Set.of("mpegts"));
        watch("mpegts");
        Path templates = folder.resolve("routes/media.yaml");
        Files.createDirectories(templates.getParent());
        row(
                "template http-ts edited",
                "route file",
                () ->
                        Files.writeString(
                                templates,
                                Files.readString(Path.of("routes/media.yaml"))
                                        .replace(
                                                "id: http-ts\n",
                                                "id: http-ts\n    description: by hand\n")),
                Set.of("live/http-ts"),
                Set.of("mpegts"));
        Path own = folder.resolve("routes/own.yaml");
        row(
                "hand-written route added",
                "route file",
                () ->
                        Files.writeString(
                                own,
                                """
                                - route:
                                    id: mine
                                    from:
                                      uri: "ring:live?delivery=queued"
                                      steps:
                                        - filter:
                                            simple: "${header.nothing}"
                                """),
                Set.of(),
                Set.of());
        row(
                "hand-written route removed",
                "route file",
                () -> Files.delete(own),
                Set.of(),
                Set.of());
    }

    /** Media comes again with the next key picture; nobody is disconnected. */
    private void publisherStaysWhileItsRouteIsMadeAnew() throws Exception {
        Path templates = folder.resolve("routes/media.yaml");
        switchRow(
                "template input edited",
                "route file",
                () -> edit(templates, "id: input\n", "id: input\n    description: by hand\n"),
                Set.of("live/in/0"));
    }

    /** Another source, or the same one anew: one discontinuity, and time goes on. */
    private void switchRow(String what, String door, Change change, Set<String> restarted)
            throws Exception {
        Map<String, Route> before = routes();
        long breaks = discontinuities();
        int told = hls.discontinuities.get();
        int periods = dash.periods.size();
        change.apply();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(changed(before, routes())).isEqualTo(restarted));
        await().atMost(PATIENCE).until(() -> discontinuities() == breaks + 1);
        int segments = hls.segments.size();
        for (PacketViewer player : players.values()) {
            int seen = player.pictures().size();
            await().atMost(PATIENCE).until(() -> player.pictures().size() > seen + PICTURES_AFTER);
            assertThat(player.process.isAlive()).as(what).isTrue();
            assertThat(player.pictures()).as(what).isSorted();
        }
        await().atMost(PATIENCE).until(() -> hls.segments.size() > segments + 2);
        await().atMost(PATIENCE).until(() -> dash.periods.size() > periods);
        assertThat(hls.complaints).as(what).isEmpty();
        assertThat(dash.complaints).as(what).isEmpty();
        assertThat(hls.discontinuities).as(what).hasValue(told + 1);
        assertThat(dash.periods).as(what).hasSize(periods + 1);
        assertThat(discontinuities()).as(what).isEqualTo(breaks + 1);
        assertThat(publisher.isAlive()).as(what).isTrue();
        String cell = " | 0 reconnects, time goes on".repeat(players.size());
        rows.add(
                "| %s | %s | %s%s | 1 discontinuity | 1 Period more |"
                        .formatted(what, door, String.join(", ", restarted), cell));
    }

    private void everythingStops() throws Exception {
        put("\"disabled\": true");
        await().atMost(PATIENCE).until(() -> routes().isEmpty());
        for (PacketViewer player : players.values()) {
            await().atMost(PATIENCE).until(() -> !player.process.isAlive());
        }
        await().atMost(PATIENCE).until(() -> !publisher.isAlive());
        assertThat(Rings.of(server.camel).find("live")).isEmpty();
        rows.add("| disabled: true | PUT | everything | ends | ends | ends | ends | ends |");
        put("\"disabled\": false");
        publisher = server.publish(server.rtmpPort(), "main");
        for (String name : List.of("mpegts", "hls", "dash")) {
            watch(name);
        }
        hls.close();
        dash.close();
        assertThat(hls.complaints).isEmpty();
        assertThat(dash.complaints).isEmpty();
    }

    private static void edit(Path file, String from, String to) throws Exception {
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
    }
}
