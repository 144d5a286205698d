package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ffmpeg.Transcoders;
import io.wadi.testing.RequiresTool;

import org.apache.camel.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Changes of a ladder while it runs: encoders that are not meant go on (the same FFmpeg processes),
 * and viewers of their renditions notice nothing. The rows are logged as the second table of {@code
 * docs/HOT_RELOAD.md}.
 */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe", "stdbuf"})
class LadderReloadIT {
    private static final Logger LOG = LoggerFactory.getLogger(LadderReloadIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(45);
    private static final int PICTURES_AFTER = 35;

    private static final String FIRST = LiveServer.rung(320, 180, 300);
    private static final String SECOND = LiveServer.rung(256, 144, 200);
    private static final String THIRD = LiveServer.rung(192, 108, 150);
    private static final String PROTOCOLS =
            "\"protocols\": {\"hls\": true, \"dash\": true, \"mpegts\": true, \"rtmp\": true}";

    @TempDir private Path folder;
    private LiveServer server;
    private Process publisher;
    private final List<PacketViewer> players = new ArrayList<>();
    private PlaylistViewer first;
    private PlaylistViewer second;
    private PlaylistViewer dash;
    private final List<String> rows = new ArrayList<>();

    /** Where the rung was that is gone. */
    private String removed = "";

    private interface Change {
        void apply() throws Exception;
    }

    @BeforeEach
    void start() {
        server = new LiveServer(folder, 150);
        server.gop = 25;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String ladder(String... rungs) {
        return LiveServer.ladder("per_profile", rungs);
    }

    private void put(String keys) throws Exception {
        server.edit("live", "{" + keys + "}");
    }

    private Map<String, Route> routes() {
        return server.routes("live/");
    }

    @SuppressWarnings("ReferenceEquality") // the same route, not one like it
    private static Set<String> changed(Map<String, Route> before, Map<String, Route> after) {
        Set<String> ids = new TreeSet<>(before.keySet());
        ids.addAll(after.keySet());
        ids.removeIf(id -> before.get(id) == after.get(id));
        return ids;
    }

    /** FFmpeg's process of each rung; 0 while there is none. */
    private Map<Integer, Long> processes() {
        Map<Integer, Long> pids = new TreeMap<>();
        Transcoders.of(server.camel).of("live").forEach(rung -> pids.put(rung.track(), rung.pid()));
        return pids;
    }

    private void awaitProcesses(int rungs) {
        await().atMost(PATIENCE)
                .until(() -> processes().size() == rungs && !processes().containsValue(0L));
    }

    /**
     * @param rungs how many there are after it
     * @param replaced rungs that another process makes after it, or none
     */
    private void row(
            String what, Change change, Set<String> restarted, int rungs, Set<Integer> replaced)
            throws Exception {
        Map<String, Route> before = routes();
        Map<Integer, Long> pids = processes();
        List<Integer> seen = new ArrayList<>();
        for (PacketViewer player : players) {
            seen.add(player.pictures().size());
        }
        int periods = dash.periods.size();
        int breaks = second.discontinuities.get();
        change.apply();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(changed(before, routes())).isEqualTo(restarted));
        awaitProcesses(rungs);
        Set<Integer> others = new TreeSet<>();
        processes()
                .forEach(
                        (track, pid) -> {
                            if (!pid.equals(pids.get(track))) {
                                others.add(track);
                            }
                        });
        assertThat(others).as("rungs with another process after: " + what).isEqualTo(replaced);
        boolean best = !replaced.contains(1);
        int firstSegments = first.segments.size();
        int secondSegments = second.segments.size();
        int fragments = dash.dashSegments.get();
        for (int i = 0; best && i < players.size(); i++) {
            PacketViewer player = players.get(i);
            int from = seen.get(i);
            await().atMost(PATIENCE).until(() -> player.pictures().size() > from + PICTURES_AFTER);
            player.assertUnbroken(what, from);
        }
        await().atMost(PATIENCE).until(() -> first.segments.size() > firstSegments + 1);
        await().atMost(PATIENCE).until(() -> second.segments.size() > secondSegments + 1);
        await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > fragments + 1);
        assertThat(first.complaints).as(what).isEmpty();
        assertThat(second.complaints).as(what).isEmpty();
        assertThat(dash.complaints)
                .as(what)
                .filteredOn(complaint -> removed.isEmpty() || !complaint.contains(removed))
                .isEmpty();
        assertThat(second.discontinuities).as(what).hasValue(breaks);
        if (best) {
            assertThat(dash.periods).as(what).hasSize(periods);
        }
        assertThat(publisher.isAlive()).as("the publisher, after: " + what).isTrue();
        rows.add(
                "| %s | %s | %s | %s |"
                        .formatted(
                                what,
                                String.join(", ", restarted),
                                replaced.isEmpty() ? "none" : replaced,
                                best ? "nothing" : "rung 1: a gap until its encoder is there"));
    }

    @Test
    void encodersThatAreNotMeantGoOn() throws Exception {
        server.create(
                "live",
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/main\"}],"
                        + " \"packaging\": {\"segment\": \"1s\", \"window\": 30},"
                        + PROTOCOLS
                        + "}");
        publisher = server.publish(server.rtmpPort(), "main");
        await().atMost(PATIENCE).until(() -> server.status("live", 0).equals("active"));
        Route input = routes().get("live/in/0");
        put(ladder(FIRST, SECOND));
        awaitProcesses(2);
        watch();
        Set<String> third = Set.of("live/abr/track_3", "live/hls/track_3", "live/dash/track_3");
        row("rung added", () -> put(ladder(FIRST, SECOND, THIRD)), third, 3, Set.of(3));
        row(
                "rung changed",
                () -> put(ladder(FIRST, SECOND, THIRD.replace("150", "180"))),
                Set.of("live/abr/track_3"),
                3,
                Set.of(3));
        removed = "track_3/"; // who asks for it just then is a viewer of that rung
        row("rung removed", () -> put(ladder(FIRST, SECOND)), third, 2, Set.of());
        row(
                "thumbnail on",
                () -> put("\"thumbnail\": {\"enabled\": true, \"interval_sec\": 1}"),
                Set.of("live/thumbnail"),
                2,
                Set.of());
        row("name", () -> put("\"name\": \"x\""), Set.of(), 2, Set.of());
        for (PlaylistViewer viewer : List.of(first, second, dash)) {
            viewer.close();
        }
        put("\"transcoder\": null, \"thumbnail\": null");
        await().atMost(PATIENCE).until(() -> processes().isEmpty());
        PacketViewer plain =
                new PacketViewer(server, "plain", server.base + "/live/mpegts").start();
        await().atMost(PATIENCE).until(() -> plain.pictures().size() > PICTURES_AFTER);
        assertThat(routes().get("live/in/0")).as("transcoder on and off").isSameAs(input);
        assertThat(publisher.isAlive()).isTrue();
        assertThat(server.events)
                .filteredOn(event -> event.type().equals("input.failed"))
                .isEmpty();
        rows.forEach(row -> LOG.info("{}", row));
    }

    private void watch() throws Exception {
        players.add(new PacketViewer(server, "ts", server.base + "/live/mpegts").start());
        players.add(
                new PacketViewer(
                                server,
                                "rtmp",
                                "rtmp://127.0.0.1:" + server.rtmpPort() + "/live/live")
                        .start());
        for (PacketViewer player : players) {
            await().atMost(PATIENCE).until(() -> player.pictures().size() > PICTURES_AFTER);
        }
        first = hls("track_1");
        second = hls("track_2");
        dash = new PlaylistViewer(server.base + "/live/", folder.resolve("d"), false, true);
        await().atMost(PATIENCE).until(() -> second.segments.size() > 1);
        await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > 1);
    }

    private PlaylistViewer hls(String track) {
        return new PlaylistViewer(
                server.base + "/live/" + track + "/", folder.resolve(track), true, false);
    }
}
