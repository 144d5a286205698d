package io.wadi.dash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;

import io.wadi.http.MediaRoutes;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.segment.TsFeeder;
import io.wadi.testing.Chromium;
import io.wadi.testing.Npm;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A stream in real time, watched by real players. */
@Tag("slow")
class DashPlayIT {
    private static final int SOURCE_SECONDS = 14;

    @TempDir private static Path folder;
    private static byte[] source;

    private final CamelContext camel = new DefaultCamelContext();
    private DashServer server;
    private Thread publisher;
    private volatile boolean publishing = true;

    @BeforeAll
    static void makeSource() throws Exception {
        Path file = folder.resolve("source.ts");
        Tools.make(
                file,
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=320x180:r=25",
                "-f",
                "lavfi",
                "-i",
                "sine=440:r=48000",
                "-t",
                Integer.toString(SOURCE_SECONDS),
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-g",
                "25",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "-ac",
                "2",
                "-f",
                "mpegts");
        source = Files.readAllBytes(file);
    }

    @BeforeEach
    void start() throws Exception {
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ring:demo").routeId("demo/dash").to("dash:demo?segmentDuration=1s");
                    }
                });
        camel.start();
        server = new DashServer(MediaRoutes.of(camel));
        publisher = Thread.ofPlatform().name("publisher").start(this::publish);
    }

    @AfterEach
    void stop() throws Exception {
        publishing = false;
        publisher.join();
        server.close();
        camel.close();
        // Nothing is left that would keep memory.
        assertThat(MediaRoutes.of(camel).find("demo")).isEmpty();
    }

    /** Sends the source again and again in real time, each time as a new publisher. */
    private void publish() {
        Rings rings = Rings.of(camel);
        try (TsFeeder feeder = new TsFeeder(rings.acquire("demo").input(0), 0)) {
            while (publishing) {
                feeder.restart(Unit.NEW_SOURCE);
                pace(feeder);
            }
        } finally {
            rings.release("demo");
        }
    }

    private void pace(TsFeeder feeder) {
        long start = System.nanoTime();
        long sourceNanos = TimeUnit.SECONDS.toNanos(SOURCE_SECONDS);
        int step = 188 * 7;
        for (int at = 0; at < source.length && publishing; at += step) {
            long due = start + (long) ((double) at / source.length * sourceNanos);
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            feeder.push(source, at, Math.min(at + step, source.length));
        }
    }

    private String get(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(server.url(path))).build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private void awaitMpd(int segments) {
        await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> {
                            String last = "demo/seg_v_%05d.m4s".formatted(segments - 1);
                            return !get(last).isEmpty() && get("demo/index.mpd").contains("<MPD");
                        });
    }

    @Test
    void ffmpegPlaysItWithoutAnError() throws Exception {
        // FFmpeg does not wait for a segment that is not there yet: it gets enough of them.
        awaitMpd(8);
        String output =
                Tools.run(
                        List.of(
                                Tools.ffmpeg(),
                                "-v",
                                "warning",
                                "-stats",
                                "-i",
                                server.url("demo/index.mpd"),
                                "-t",
                                "5",
                                "-f",
                                "null",
                                "-"));
        assertThat(output.lines().filter(line -> line.contains("rror"))).isEmpty();
        assertThat(output).contains("frame=  125");
    }

    @Test
    @RequiresTool("chromium")
    void dashJsPlaysAcrossADiscontinuity() throws Exception {
        String dashJs = Npm.file("dashjs@5", "dist/legacy/umd/dash.all.min.js");
        awaitMpd(3);
        try (Chromium chromium = new Chromium()) {
            Page page = chromium.open(server.url("demo/"), page(), dashJs);
            page.waitForFunction(
                    "() => window.played > 20 || window.errors.length > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(60_000));
            String report = (String) page.evaluate("() => JSON.stringify(window.report())");
            assertThat(page.evaluate("() => window.errors.length")).as(report).isEqualTo(0);
            assertThat(page.evaluate("() => window.stalls")).as(report).isEqualTo(0);
            assertThat((Integer) page.evaluate("() => window.periods.size"))
                    .as(report)
                    .isGreaterThan(1);
        }
    }

    private static String page() {
        return """
        <!DOCTYPE html><title>dash.js</title><video id="v" muted autoplay></video>
        <script src="player.js"></script>
        <script>
          window.errors = []; window.stalls = 0; window.played = 0; window.periods = new Set();
          const video = document.getElementById('v');
          const player = dashjs.MediaPlayer().create();
          player.on('error', e => errors.push(JSON.stringify(e.error ?? e)));
          player.on('periodSwitchCompleted', e => periods.add(e.toStreamInfo?.id));
          let last = 0, running = false;
          video.addEventListener('error', () => errors.push('video ' + video.error?.message));
          video.addEventListener('playing', () => { running = true; });
          video.addEventListener('waiting', () => { if (running && played > 1) stalls++; });
          setInterval(() => {
            const step = video.currentTime - last;
            if (running && step > 0 && step < 2) played += step;
            last = video.currentTime;
          }, 100);
          window.report = () => ({errors, stalls, played, time: video.currentTime,
            periods: [...periods], quality: video.getVideoPlaybackQuality(),
            buffered: [...Array(video.buffered.length).keys()]
              .map(i => [video.buffered.start(i), video.buffered.end(i)])});
          player.initialize(video, 'index.mpd', true);
        </script>
        """;
    }
}
