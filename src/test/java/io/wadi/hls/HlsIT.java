package io.wadi.hls;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.http.MediaServer;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Rings;
import io.wadi.segment.TsFeed;
import io.wadi.segment.TsSample;
import io.wadi.testing.Tools;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A ring packaged in plain Camel and played by FFmpeg. */
class HlsIT {
    @TempDir Path folder;

    private final CamelContext context = new DefaultCamelContext();
    private final HttpClient http = HttpClient.newHttpClient();
    private MediaServer server;
    private TsFeed feed;

    @BeforeEach
    void start() throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ring:demo")
                                .routeId("demo/hls")
                                .to("hls:demo?window=100&stateDir=" + folder.resolve("state"));
                        from("ring:cmaf").to("hls:cmaf?container=fmp4&window=100");
                        from("ring:demo").routeId("demo/mpegts").to("http-ts:demo");
                    }
                });
        context.start();
        server = new MediaServer(context);
        feed = new TsFeed(Rings.of(context).acquire("demo").input(0));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        context.stop();
        Rings.of(context).release("demo");
        feed.close();
    }

    private String get(String path) throws Exception {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(URI.create(server.url(path))).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }

    @Test
    void playsEveryPictureWithoutAnError() throws Exception {
        feed.feed(TsSample.video(folder, 12, 50));

        String playlist = get("/demo/index.m3u8");
        assertThat(playlist)
                .contains("#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:3", "#EXT-X-MEDIA-SEQUENCE:0")
                .contains("#EXTINF:2.0", "seg_000000.ts", "seg_000004.ts")
                .doesNotContain("DISCONTINUITY", "ENDLIST");
        assertThat(get("/demo/master.m3u8"))
                .contains("BANDWIDTH=", "media.m3u8")
                .contains("RESOLUTION=320x180", "FRAME-RATE=25", "mp4a.40.2");
        assertThat(frames(server.url("/demo/index.m3u8"), 240)).isEqualTo(240);
        assertThat(frames(server.url("/demo/master.m3u8"), 240)).isEqualTo(240);
    }

    @Test
    void playsFragmentsWithAudioOfItsOwn() throws Exception {
        try (TsFeed cmaf = new TsFeed(Rings.of(context).acquire("cmaf").input(0))) {
            cmaf.feed(TsSample.video(folder, 12, 50));

            assertThat(get("/cmaf/index.m3u8"))
                    .contains("#EXT-X-MEDIA:TYPE=AUDIO", "audio.m3u8", "AUDIO=\"audio\"")
                    .contains("RESOLUTION=320x180", "avc1.", "mp4a.40.2", "video.m3u8");
            assertThat(get("/cmaf/video.m3u8")).contains("#EXT-X-MAP:URI=\"init_v.mp4\"");
            assertThat(frames(server.url("/cmaf/index.m3u8"), 230)).isEqualTo(230);
        } finally {
            Rings.of(context).release("cmaf");
        }
    }

    @Test
    void playsAcrossADiscontinuity() throws Exception {
        byte[] ts = TsSample.video(folder, 6, 50);
        feed.feed(ts);
        feed.reconnect();
        feed.feed(ts);

        assertThat(get("/demo/index.m3u8")).containsOnlyOnce("#EXT-X-DISCONTINUITY\n");
        // FFmpeg reads all segments as one stream, so that the new publisher's continuity counters
        // look like one lost packet to it.
        assertThat(decode(server.url("/demo/index.m3u8"), 240))
                .filteredOn(line -> !line.contains("="))
                .allMatch(line -> line.contains("corrupt input packet"))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void numbersGoOnWhereTheRouteStopped() throws Exception {
        byte[] ts = TsSample.video(folder, 6, 50);
        feed.feed(ts);
        context.getRouteController().stopRoute("demo/hls");
        context.getRouteController().startRoute("demo/hls");
        feed.reconnect();
        feed.feed(ts);

        assertThat(get("/demo/index.m3u8"))
                .contains("#EXT-X-MEDIA-SEQUENCE:0\n")
                .containsSubsequence("seg_000001.ts", "#EXT-X-DISCONTINUITY\n", "seg_000002.ts");
        assertThat(get("/demo/seg_000001.ts")).isNotEmpty();
    }

    /** The transcoder switched on and off: each playlist that a player has goes on. */
    @Test
    void aLadderFollowsTheStreamAndTheStreamTheLadder() throws Exception {
        byte[] ts = TsSample.video(folder, 6, 50);
        feed.feed(ts);
        context.getRouteController().stopRoute("demo/hls");
        assertThat(get("/demo/media.m3u8")).as("while nothing follows").contains("seg_000001.ts");
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        for (String track : List.of("demo/track_1", "demo/track_2")) {
                            from("ring:" + track).routeId(track).to("hls:" + track);
                        }
                    }
                });
        try (TsFeed first = new TsFeed(Rings.of(context).acquire("demo/track_1").input(0));
                TsFeed second = new TsFeed(Rings.of(context).acquire("demo/track_2").input(0))) {
            String before = get("/demo/media.m3u8");
            assertThat(before).contains("seg_000001.ts").doesNotContain("seg_000002.ts");
            assertThat(get("/demo/track_2/index.m3u8")).isEqualTo(before);
            first.feed(ts);
            second.feed(ts);
            assertThat(get("/demo/index.m3u8")).contains("track_1/index.m3u8", "track_2/");
            for (String playlist : List.of("media.m3u8", "track_2/index.m3u8")) {
                assertThat(get("/demo/" + playlist))
                        .containsSubsequence("seg_000001.ts", "#EXT-X-DISCONTINUITY\n", "_000002")
                        .containsOnlyOnce("#EXT-X-DISCONTINUITY\n");
                assertThat(frames(server.url("/demo/" + playlist), 190)).isEqualTo(190);
            }
            context.getRouteController().stopRoute("demo/track_1");
            context.getRouteController().stopRoute("demo/track_2");
            context.getRouteController().startRoute("demo/hls");
            feed.reconnect();
            feed.feed(ts);
            for (String playlist : List.of("index.m3u8", "track_1/index.m3u8")) {
                assertThat(get("/demo/" + playlist))
                        .containsSubsequence("_000003", "#EXT-X-DISCONTINUITY\n", "seg_000004.ts");
            }
            for (String segment : List.of("seg_000003.ts", "track_2/seg_000003.ts")) {
                assertThat(get("/demo/" + segment)).as(segment).isNotEmpty();
            }
        } finally {
            Rings.of(context).release("demo/track_1");
            Rings.of(context).release("demo/track_2");
        }
        assertThat(status("/demo/track_9/index.m3u8")).as("was never there").isEqualTo(404);
    }

    private int status(String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(server.url(path))).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void anEndlessViewerStartsAtTheNewestRandomAccessPoint() throws Exception {
        byte[] ts = TsSample.video(folder, 10, 50);
        feed.feed(ts, 0, ts.length / 2 / 188 * 188);
        try (InputStream body =
                http.send(
                                HttpRequest.newBuilder(URI.create(server.url("/demo/mpegts")))
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream())
                        .body()) {
            byte[] joined = body.readNBytes(188 * 20);
            assertThat(joined[0]).isEqualTo((byte) 0x47);
            assertThat(joined[1] & 0x1F).as("PAT").isZero();
            assertThat(joined[2]).as("PAT").isZero();
            assertThat(ViewerCounter.of(context).viewers("demo", "mpegts")).isEqualTo(1);
        }
        Awaitility.await().until(() -> ViewerCounter.of(context).viewers("demo", "mpegts") == 0);
    }

    @Test
    void anEndlessViewerGetsEveryPicture() throws Exception {
        byte[] ts = TsSample.video(folder, 10, 50);
        feed.feed(ts, 0, ts.length / 2 / 188 * 188);
        CompletableFuture<List<String>> player =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return decode(server.url("/demo/mpegts"), 100);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        Awaitility.await().until(() -> ViewerCounter.of(context).viewers("demo", "mpegts") == 1);
        Future<?> fed = feed.pace(ts, ts.length / 2 / 188 * 188, Duration.ofSeconds(2));

        List<String> output = player.get(30, TimeUnit.SECONDS);
        assertThat(output).filteredOn(line -> !line.contains("=")).isEmpty();
        assertThat(output).contains("frame=100");
        fed.get(10, TimeUnit.SECONDS);
    }

    /** Decodes so many pictures; any word of FFmpeg is an error. */
    private static long frames(String url, int count) throws Exception {
        List<String> output = decode(url, count);
        assertThat(output).filteredOn(line -> !line.contains("=")).isEmpty();
        return output.stream()
                .filter(line -> line.startsWith("frame="))
                .mapToLong(line -> Long.parseLong(line.substring("frame=".length()).strip()))
                .max()
                .orElse(0);
    }

    private static List<String> decode(String url, int count) throws Exception {
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error"));
        if (url.endsWith("m3u8")) {
            command.addAll(List.of("-live_start_index", "0"));
        } else {
            command.addAll(List.of("-analyzeduration", "1000000"));
        }
        command.addAll(
                List.of(
                        "-i",
                        url,
                        "-map",
                        "0:v",
                        "-frames:v",
                        Integer.toString(count),
                        "-progress",
                        "-",
                        "-f",
                        "null",
                        "-"));
        return Tools.run(command).lines().toList();
    }
}
