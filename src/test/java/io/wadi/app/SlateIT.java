package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.ring.Rings;
import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A publisher goes and comes back; in between a slate is on air, and nobody is disconnected. */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe", "stdbuf"})
class SlateIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SLATE = 64;

    /** Everything that a shell, an URI or a filter graph could stumble on. */
    private static final String PICTURE = "Pause %d, [it's] late & öde='x'.png";

    @TempDir private Path folder;
    private LiveServer server;

    @BeforeEach
    void start() throws Exception {
        server = new LiveServer(folder);
        Path slates = Files.createDirectories(folder.resolve("slates"));
        make(slates.resolve("p.png"), "-f lavfi -i testsrc=s=400x400 -frames:v 1");
        Files.move(slates.resolve("p.png"), slates.resolve(PICTURE));
        make(
                slates.resolve("film.mp4"),
                "-f lavfi -i testsrc=s=640x360:r=30:d=2 -f lavfi -i sine=d=2 -c:v libx264"
                        + " -pix_fmt yuv420p -c:a aac -shortest");
        Files.writeString(slates.resolve("broken.png"), "no picture");
        Files.writeString(folder.resolve("secret.png"), "outside");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void make(Path file, String options) throws Exception {
        Process program =
                server.launch(
                        folder.resolve("make-" + file.getFileName()),
                        ("ffmpeg -nostdin -v error " + options + " " + file).split(" "));
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isZero();
    }

    private String slateStatus() throws Exception {
        return server.runtime("tv").path("slate").asText();
    }

    private List<JsonNode> switches() throws Exception {
        return server.runtime("tv").path("switches").valueStream().toList();
    }

    private static long lines(Path file) throws Exception {
        try (var lines = Files.lines(file)) {
            return lines.count();
        }
    }

    private void awaitMore(Path... recordings) throws Exception {
        Map<Path, Long> before = new HashMap<>();
        for (Path recording : recordings) {
            before.put(recording, lines(recording));
        }
        for (Path recording : recordings) {
            await().atMost(PATIENCE).until(() -> lines(recording) > before.get(recording) + 200);
        }
    }

    @Test
    void viewersSeeTheSlateUntilThePublisherIsBack() throws Exception {
        server.create(
                "tv",
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/tv\"}],"
                        + " \"slate\": {\"file\": \""
                        + PICTURE
                        + "\", \"after\": \"500ms\"},"
                        + " \"packaging\": {\"segment\": \"1s\", \"window\": 60},"
                        + " \"protocols\": {\"hls\": true, \"dash\": true, \"mpegts\": true,"
                        + " \"rtmp\": true}}");
        Process publisher = server.publish(server.rtmpPort(), "tv");
        await().atMost(PATIENCE).until(() -> server.status("tv", 0).equals("active"));
        // It may have been on air before the publisher came.
        await().atMost(PATIENCE).until(() -> slateStatus().equals("idle"));
        int before = switches().size();
        long breaks = discontinuities();
        Path ts = folder.resolve("ts.csv");
        Path rtmp = folder.resolve("rtmp.csv");
        Process tsViewer = server.view(server.base + "/tv/mpegts", ts);
        Process rtmpViewer =
                server.view("rtmp://127.0.0.1:" + server.rtmpPort() + "/live/tv", rtmp);
        Path hlsFile = folder.resolve("hls.ts");
        try (PlaylistViewer pages = new PlaylistViewer(server.base + "/tv/", hlsFile)) {
            await().atMost(PATIENCE).until(() -> pages.segments.size() > 1);
            int told = pages.discontinuities.get();
            int periods = pages.periods.size();
            awaitMore(ts, rtmp);
            for (int round = 1; round <= 2; round++) {
                publisher.destroyForcibly();
                await().atMost(PATIENCE).until(() -> slateStatus().equals("active"));
                onAir();
                awaitMore(ts, rtmp);
                publisher = server.publish(server.rtmpPort(), "tv");
                await().atMost(PATIENCE).until(() -> server.active("tv") == 0);
                await().atMost(PATIENCE).until(() -> slateStatus().equals("idle"));
                assertThat(server.stream("tv").path("status").asText()).isEqualTo("active");
                awaitMore(ts, rtmp);
            }
            int last = pages.segments.size() + 3;
            await().atMost(PATIENCE).until(() -> pages.segments.size() > last);
            assertThat(pages.complaints).isEmpty();
            assertThat(discontinuities() - breaks).isEqualTo(4);
            assertThat(pages.discontinuities.get() - told).as("HLS").isEqualTo(4);
            assertThat(pages.periods.size() - periods).as("DASH").isEqualTo(4);
        }
        assertThat(tsViewer.isAlive()).as("HTTP-TS viewer").isTrue();
        assertThat(rtmpViewer.isAlive()).as("RTMP viewer").isTrue();
        tsViewer.destroy();
        rtmpViewer.destroy();
        tsViewer.waitFor();
        rtmpViewer.waitFor();
        assertThat(LiveServer.assertForward(ts, 2)).isGreaterThan(900);
        assertThat(LiveServer.assertForward(rtmp, 2)).isGreaterThan(900);
        Path hls = folder.resolve("hls.csv");
        assertThat(server.view(hlsFile.toString(), hls).waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(LiveServer.assertForward(hls, 2)).isGreaterThan(900);
        assertPicturesAreShownInOrder(ts);
        assertPicturesAreShownInOrder(hls);
        assertThat(switches()).hasSizeGreaterThanOrEqualTo(before + 4);
    }

    private long discontinuities() {
        return Rings.of(server.camel).find("tv").orElseThrow().ring().stats().discontinuities();
    }

    /** What the API tells while the slate is on air: the stream's own format among it. */
    private void onAir() throws Exception {
        assertThat(server.active("tv")).isEqualTo(SLATE);
        assertThat(server.stream("tv").path("status").asText()).isEqualTo("degraded");
        assertThat(server.runtime("tv").path("exhausted").asBoolean()).isTrue();
        JsonNode change = switches().getLast();
        assertThat(change.path("from").asInt()).isZero();
        assertThat(change.path("to").asInt()).isEqualTo(SLATE);
        assertThat(change.path("reason").asText()).isEqualTo("error");
        assertThat(change.path("detail").asText()).startsWith("no input is fit");
        JsonNode tracks = server.runtime("tv").path("inputs").path(1).path("tracks");
        assertThat(tracks.path(0).path("codec").asText()).isEqualTo("h264");
        assertThat(tracks.path(0).path("width").asInt()).isEqualTo(320);
        assertThat(tracks.path(0).path("height").asInt()).isEqualTo(180);
        assertThat(tracks.path(1).path("codec").asText()).isEqualTo("aac");
    }

    /** No picture's time to be shown comes twice, however often the source changed. */
    private static void assertPicturesAreShownInOrder(Path packets) throws Exception {
        List<Long> times =
                Files.readAllLines(packets).stream()
                        .map(line -> line.split(",", -1))
                        .filter(fields -> fields.length > 3 && fields[0].equals("video"))
                        .filter(fields -> fields[2].matches("\\d+"))
                        .map(fields -> Long.parseLong(fields[2]))
                        .sorted()
                        .toList();
        assertThat(times).doesNotHaveDuplicates();
    }

    @Test
    void filmIsOnAirBeforeAnybodyPublishesAndItsFileMayChange() throws Exception {
        server.create(
                "tv",
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/tv\"}],"
                        + " \"input_packet_timeout\": \"1s\","
                        + " \"slate\": {\"file\": \"film.mp4\", \"after\": \"0s\"},"
                        + " \"protocols\": {\"mpegts\": true}}");
        await().atMost(PATIENCE).until(() -> slateStatus().equals("active"));
        assertThat(switches().getLast().path("reason").asText()).isEqualTo("initial");
        Path ts = folder.resolve("ts.csv");
        Process viewer = server.view(server.base + "/tv/mpegts", ts);
        awaitMore(ts); // the film is two seconds long, so it comes more than once
        HttpResponse<String> edited =
                server.send("PUT", "/streams/tv", "{\"slate\": {\"file\": \"" + PICTURE + "\"}}");
        assertThat(edited.statusCode()).as(edited.body()).isEqualTo(200);
        awaitMore(ts);
        server.publish(server.rtmpPort(), "tv");
        await().atMost(PATIENCE).until(() -> server.active("tv") == 0);
        awaitMore(ts);
        server.send("PUT", "/streams/tv", "{\"slate\": null}");
        awaitMore(ts);
        assertThat(server.runtime("tv").has("slate")).isFalse();
        assertThat(viewer.isAlive()).isTrue();
        viewer.destroy();
        viewer.waitFor();
        LiveServer.assertForward(ts, 2);
    }

    @Test
    void fileThatCannotBeASlateIsRefused() throws Exception {
        for (String name :
                List.of("../secret.png", "/etc/passwd", "none.png", "broken.png", "x.m3u8", "")) {
            HttpResponse<String> answer =
                    server.send("PUT", "/streams/no", "{\"slate\": {\"file\": \"" + name + "\"}}");
            assertThat(answer.statusCode()).as(name).isEqualTo(400);
            assertThat(answer.body()).contains("slate.file");
        }
        HttpResponse<String> late =
                server.send(
                        "PUT",
                        "/streams/no",
                        "{\"slate\": {\"file\": \"film.mp4\", \"after\": \"2h\"}}");
        assertThat(late.statusCode()).isEqualTo(400);
        assertThat(late.body()).contains("slate.after");
    }
}
