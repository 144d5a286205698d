package io.wadi.httpflv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.wadi.codec.MalformedException;
import io.wadi.flv.FlvReader;
import io.wadi.flv.FlvTags;
import io.wadi.http.MediaResponse.CachePolicy;
import io.wadi.http.MediaRoutes;
import io.wadi.http.MediaServer;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Rings;
import io.wadi.segment.TsFeed;
import io.wadi.segment.TsSample;
import io.wadi.testing.Chromium;
import io.wadi.testing.Npm;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A ring served as HTTP-FLV in plain Camel, played by FFmpeg and mpegts.js. */
@RequiresTool("ffmpeg")
class HttpFlvIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int PLAYED_MS = 40_000;
    private static final String PAGE =
            """
            <!DOCTYPE html><title>mpegts.js</title><video id=v muted></video>
            <script src=mpegts.js></script><script>
            window.errors = []; const v = document.getElementById('v');
            const player = mpegts.createPlayer({type: 'flv', isLive: true, url: 'live.flv'});
            player.on(mpegts.Events.ERROR, (type, detail) => errors.push(type + ' ' + detail));
            player.attachMediaElement(v); player.load(); player.play();
            </script>
            """;

    /** A tag as it came. */
    private record Tag(int type, int timestampMs, boolean header, boolean key) {}

    @TempDir Path folder;
    private final CamelContext context = new DefaultCamelContext();
    private final HttpClient http = HttpClient.newHttpClient();
    private MediaServer server;
    private TsFeed feed;
    private byte[] ts;

    @BeforeEach
    void start() throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ring:demo").to("http-flv:demo");
                    }
                });
        context.start();
        server = new MediaServer(context);
        feed = new TsFeed(Rings.of(context).acquire("demo").input(0));
        ts = TsSample.video(folder, 8, 25);
    }

    @AfterEach
    void stop() throws Exception {
        http.close();
        server.close();
        context.stop();
        Rings.of(context).release("demo");
        feed.close();
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create(server.url("/demo/live.flv")));
    }

    private long viewers() {
        return ViewerCounter.of(context).viewers("demo", HttpFlvProducer.PROTOCOL);
    }

    private void awaitViewers(int count) {
        await().atMost(PATIENCE).until(() -> viewers() == count);
    }

    private static Tag tag(int type, int timestampMs, int first, int second) {
        boolean header = type != FlvTags.SCRIPT && second == 0;
        return new Tag(type, timestampMs, header, type == FlvTags.VIDEO && first >> 4 == 1);
    }

    /** Reads the tags of a body until one of the given time, or later. */
    private static List<Tag> readUntil(InputStream body, int untilMs)
            throws IOException, MalformedException {
        List<Tag> tags = new ArrayList<>();
        try (FlvReader reader =
                new FlvReader(
                        UnpooledByteBufAllocator.DEFAULT,
                        (type, ms, bytes) ->
                                tags.add(tag(type, ms, bytes.getByte(0), bytes.getByte(1))))) {
            byte[] buffer = new byte[8192];
            while (tags.isEmpty() || tags.getLast().timestampMs() < untilMs) {
                int read = body.read(buffer);
                assertThat(read).isPositive();
                reader.read(Unpooled.wrappedBuffer(buffer, 0, read));
            }
        }
        return tags;
    }

    @Test
    void beginsWithMetadataHeadersAndAKeyFrame() throws Exception {
        feed.feed(ts, 0, ts.length / 2 / 188 * 188);
        HttpResponse<InputStream> response =
                http.send(request().build(), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            awaitViewers(1);
            feed.feed(ts);
            List<Tag> tags = readUntil(body, 2000);
            assertThat(tags.getFirst()).isEqualTo(new Tag(FlvTags.SCRIPT, 0, false, false));
            assertThat(tags.get(1)).isEqualTo(new Tag(FlvTags.VIDEO, 0, true, true));
            assertThat(
                            tags.stream()
                                    .filter(tag -> tag.type() == FlvTags.VIDEO && !tag.header())
                                    .findFirst())
                    .hasValue(new Tag(FlvTags.VIDEO, 0, false, true));
            assertThat(tags.stream().filter(Tag::header)).hasSize(2);
        }
        assertThat(response.headers().firstValue("Content-Type")).hasValue("video/x-flv");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
        assertThat(response.headers().firstValue("Content-Length")).isEmpty();
    }

    @Test
    void answersHeadAndPreflight() throws Exception {
        HttpResponse<Void> head =
                http.send(
                        request().method("HEAD", BodyPublishers.noBody()).build(),
                        BodyHandlers.discarding());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Type")).hasValue("video/x-flv");
        HttpResponse<Void> preflight =
                http.send(
                        request()
                                .method("OPTIONS", BodyPublishers.noBody())
                                .header("Origin", "http://elsewhere.example")
                                .header("Access-Control-Request-Method", "GET")
                                .build(),
                        BodyHandlers.discarding());
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
        assertThat(viewers()).isZero();
    }

    /** Nothing is sent meanwhile, so that no failing write can tell. */
    @Test
    void noticesAtOnceThatAViewerIsGone() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Socket socket = new Socket(InetAddress.getByName("localhost"), server.port());
            sockets.add(socket);
            socket.getOutputStream()
                    .write("GET /demo/live.flv HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
        }
        awaitViewers(3);
        sockets.get(0).close();
        awaitViewers(2);
        sockets.get(1).setSoLinger(true, 0); // RST instead of FIN
        sockets.get(1).close();
        awaitViewers(1);
        sockets.get(2).shutdownOutput();
        awaitViewers(0);
        sockets.get(2).close();
    }

    @Test
    void ffmpegPlaysEveryPicture() throws Exception {
        CompletableFuture<String> player =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return Tools.run(
                                        List.of(
                                                "ffmpeg",
                                                "-v",
                                                "error",
                                                "-i",
                                                server.url("/demo/live.flv"),
                                                "-map",
                                                "0",
                                                "-frames:v",
                                                "150",
                                                "-progress",
                                                "-",
                                                "-f",
                                                "null",
                                                "-"));
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        awaitViewers(1);
        Future<?> fed = feed.pace(ts, 0, Duration.ofSeconds(2));
        List<String> output = player.get(30, TimeUnit.SECONDS).lines().toList();
        assertThat(output).filteredOn(line -> !line.contains("=")).isEmpty();
        assertThat(output).contains("frame=150");
        fed.get(10, TimeUnit.SECONDS);
    }

    @Test
    @RequiresTool("chromium")
    void mpegtsJsPlaysOnWhenThePublisherComesBack() throws Exception {
        serve("page.html", "text/html", PAGE);
        serve("mpegts.js", "text/javascript", Npm.file("mpegts.js@1", "dist/mpegts.js"));
        try (Chromium chromium = new Chromium();
                Page page = chromium.newPage(new Browser.NewContextOptions())) {
            page.navigate(server.url("/demo/page.html"));
            awaitViewers(1);
            feed.pace(ts, 0, Duration.ofSeconds(8)).get(20, TimeUnit.SECONDS);
            feed.reconnect();
            Future<?> second = feed.pace(ts, 0, Duration.ofSeconds(8));
            page.waitForFunction(
                    "() => v.currentTime - (window.began ??= v.currentTime) > 8 || errors.length",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(PLAYED_MS));
            assertThat(page.evaluate("errors.join()")).isEqualTo("");
            second.get(20, TimeUnit.SECONDS);
        }
        awaitViewers(0);
    }

    private void serve(String path, String type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        MediaRoutes.of(context)
                .mount(
                        "demo",
                        (request, response) -> {
                            boolean asked = request.path().equals(path);
                            if (asked) {
                                response.send(
                                        type, CachePolicy.NONE, "", Unpooled.wrappedBuffer(bytes));
                            }
                            return asked;
                        });
    }
}
