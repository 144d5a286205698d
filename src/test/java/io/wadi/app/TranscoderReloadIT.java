package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.ffmpeg.Transcoders;
import io.wadi.stream.SpecJson;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Changes that make all renditions anew: the transcoder switched on and off, and a ladder that one
 * process makes ({@code mode: multi}). Viewers of endless media stay connected and their times go
 * forward; how much they miss is logged for the tables of {@code docs/HOT_RELOAD.md}.
 */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe", "stdbuf"})
class TranscoderReloadIT {
    private static final Logger LOG = LoggerFactory.getLogger(TranscoderReloadIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(45);
    private static final int PICTURES_AFTER = 50;

    private static final String FIRST = LiveServer.rung(320, 180, 300);
    private static final String SECOND = LiveServer.rung(256, 144, 200);
    private static final String THIRD = LiveServer.rung(192, 108, 150);

    @TempDir private Path folder;
    private LiveServer server;
    private Process publisher;
    private final List<PacketViewer> players = new ArrayList<>();
    private final List<String> rows = new ArrayList<>();

    private interface Change {
        void apply() throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        server = new LiveServer(folder, 150);
        server.gop = 25;
    }

    @AfterEach
    void stop() {
        rows.forEach(row -> LOG.info("{}", row));
        server.close();
    }

    private PlaylistViewer pages(String below, String file, boolean hls, boolean dash) {
        return new PlaylistViewer(server.base + "/live/" + below, folder.resolve(file), hls, dash);
    }

    private static String ladder(String... rungs) {
        return LiveServer.ladder("multi", rungs);
    }

    private void put(String keys) throws Exception {
        server.edit("live", "{" + keys + "}");
    }

    private void publish(String keys) throws Exception {
        server.create(
                "live",
                "{"
                        + keys
                        + "\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/main\"}],"
                        + " \"packaging\": {\"segment\": \"1s\", \"window\": 30},"
                        + " \"protocols\": {\"hls\": true, \"dash\": true, \"mpegts\": true,"
                        + " \"rtmp\": true, \"http_flv\": true}}");
        publisher = server.publish(server.rtmpPort(), "main");
        await().atMost(PATIENCE).until(() -> server.status("live", 0).equals("active"));
    }

    private void watch() throws Exception {
        String rtmp = "rtmp://127.0.0.1:" + server.rtmpPort() + "/live/live";
        players.add(new PacketViewer(server, "ts", server.base + "/live/mpegts").start());
        players.add(new PacketViewer(server, "flv", server.base + "/live/live.flv").start());
        players.add(new PacketViewer(server, "rtmp", rtmp).start());
        for (PacketViewer player : players) {
            await().atMost(PATIENCE).until(() -> player.pictures().size() > PICTURES_AFTER);
        }
    }

    private Set<Long> processes() {
        Set<Long> pids = new HashSet<>();
        Transcoders.of(server.camel).of("live").forEach(rung -> pids.add(rung.pid()));
        return pids;
    }

    private void awaitRungs(int rungs) {
        await().atMost(PATIENCE)
                .until(
                        () ->
                                Transcoders.of(server.camel).of("live").size() == rungs
                                        && !processes().contains(0L));
    }

    private Set<String> routes() {
        Set<String> ids = new TreeSet<>();
        for (Route route : server.camel.getRoutes()) {
            if (route.getId().startsWith("live/")) {
                ids.add(route.getId());
            }
        }
        return ids;
    }

    /** Makes a change; returns what each player missed at it, in milliseconds. */
    private List<Long> change(String what, Change change) throws Exception {
        List<Integer> seen = new ArrayList<>();
        for (PacketViewer player : players) {
            seen.add(player.pictures().size());
        }
        Route input = server.camel.getRoute("live/in/0");
        change.apply();
        List<Long> gaps = new ArrayList<>();
        for (int i = 0; i < players.size(); i++) {
            PacketViewer player = players.get(i);
            int from = seen.get(i);
            await().atMost(PATIENCE)
                    .until(() -> player.pictures().size() > from + 3 * PICTURES_AFTER);
            gaps.add(player.longestStepMs(what, from));
        }
        assertThat(server.camel.getRoute("live/in/0")).as(what).isSameAs(input);
        assertThat(publisher.isAlive()).as("the publisher, after: " + what).isTrue();
        assertThat(server.events)
                .as(what)
                .filteredOn(event -> event.type().equals("input.failed"))
                .isEmpty();
        rows.add("| %s | TS, FLV, RTMP: 0 reconnects, longest steps %s ms |".formatted(what, gaps));
        return gaps;
    }

    @Test
    void viewersStayWhenTheTranscoderIsSwitchedOnAndOff() throws Exception {
        publish("");
        watch();
        try (PlaylistViewer dash = pages("", "d", false, true)) {
            await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > 1);
            change(
                    "transcoder on",
                    () -> {
                        put(ladder(FIRST, SECOND));
                        awaitRungs(2);
                    });
            assertThat(routes()).contains("live/abr", "live/hls/track_2", "live/dash/track_2");
            try (PlaylistViewer hls = pages("track_2/", "h", true, false)) {
                await().atMost(PATIENCE).until(() -> hls.segments.size() > 1);
                int breaks = hls.discontinuities.get();
                change("transcoder off", () -> put("\"transcoder\": null"));
                int segments = hls.segments.size();
                await().atMost(PATIENCE).until(() -> hls.segments.size() > segments + 2);
                assertThat(hls.complaints).as("HLS of the rung that was").isEmpty();
                assertThat(hls.discontinuities).hasValue(breaks + 1);
            }
            await().atMost(PATIENCE).until(() -> dash.periods.size() > 2);
            assertThat(dash.periods).hasSize(3);
            assertThat(dash.complaints).as("DASH").isEmpty();
        }
        assertThat(processes()).isEmpty();
        change("sent in other portions", () -> put("\"packaging\": {\"send_latency\": \"10ms\"}"));
    }

    @Test
    void aLadderOfOneProcessIsOneDiscontinuity() throws Exception {
        publish(ladder(FIRST, SECOND) + ",");
        awaitRungs(2);
        watch();
        try (PlaylistViewer second = pages("track_2/", "h", true, false);
                PlaylistViewer dash = pages("", "d", false, true)) {
            await().atMost(PATIENCE).until(() -> second.segments.size() > 1);
            await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > 1);
            multi("rung added", second, dash, 3, FIRST, SECOND, THIRD);
            multi("rung changed", second, dash, 3, FIRST, SECOND, THIRD.replace("150", "180"));
            multi("rung removed", second, dash, 2, FIRST, SECOND);
            fewerWorkersEndNobody();
        }
    }

    private void multi(
            String what, PlaylistViewer hls, PlaylistViewer dash, int count, String... rungs)
            throws Exception {
        Set<Long> before = processes();
        assertThat(before).as("one process").hasSize(1);
        int breaks = hls.discontinuities.get();
        int periods = dash.periods.size();
        change(
                what,
                () -> {
                    put(ladder(rungs));
                    awaitRungs(count);
                });
        assertThat(processes()).hasSize(1).doesNotContainAnyElementsOf(before);
        int segments = hls.segments.size();
        int fragments = dash.dashSegments.get();
        await().atMost(PATIENCE).until(() -> hls.segments.size() > segments + 2);
        await().atMost(PATIENCE).until(() -> dash.dashSegments.get() > fragments + 2);
        assertThat(hls.complaints).as(what).isEmpty();
        assertThat(dash.complaints)
                .as(what)
                .filteredOn(complaint -> !complaint.contains("track_3/"))
                .isEmpty();
        assertThat(hls.discontinuities).as(what).hasValue(breaks + 1);
        assertThat(dash.periods).as(what).hasSize(periods + 1);
        rows.add("| %s | HLS 1 discontinuity, DASH 1 Period more |".formatted(what));
    }

    private void fewerWorkersEndNobody() throws Exception {
        put(ladder(FIRST, SECOND).replace("multi", "per_profile"));
        awaitRungs(2);
        Set<Long> before = processes();
        assertThat(before).hasSize(2);
        var answer = server.send("POST", "/config", "{\"transcoder\": {\"max_workers\": 1}}");
        JsonNode done = SpecJson.mapper().readTree(answer.body()).path("data");
        assertThat(done.path("applied").toString()).contains("max-workers");
        assertThat(done.path("notes").toString()).contains("2 processes run and go on");
        assertThat(processes()).isEqualTo(before);
        put(ladder(FIRST, SECOND, THIRD).replace("multi", "per_profile"));
        await().atMost(PATIENCE).until(() -> statuses().contains("queued"));
        assertThat(processes()).containsAll(before);
        server.send("POST", "/config", "{\"transcoder\": {\"max_workers\": 3}}");
        awaitRungs(3);
        assertThat(processes()).containsAll(before);
    }

    private List<String> statuses() {
        return Transcoders.of(server.camel).of("live").stream()
                .map(Transcoders.RungState::status)
                .toList();
    }
}
