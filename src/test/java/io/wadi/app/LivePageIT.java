package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.wadi.testing.Chromium;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.TestHttp;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The page in a real browser, against an API and a stream that the test holds in its hand. */
@RequiresTool("chromium")
class LivePageIT {
    private static final String LIVE =
            """
            {"data":[
              {"code":"demo","name":"Demo","description":"Test picture and tone",
               "inputs":[{"url":"rtmp://0.0.0.0:1935/live/demo","priority":0}],
               "protocols":{"hls":true,"dash":true,"mpegts":true,"http_flv":true},
               "runtime":{"status":"active","active_input_priority":0,"viewers":3,
                 "inputs":[{"input_priority":0,"status":"active","bitrate_kbps":1632,
                   "tracks":[{"kind":"video","codec":"h264","width":1280,"height":720},
                             {"kind":"audio","codec":"aac"}]}]}},
              {"code":"studio-2","name":"<b>Studio</b> 2","inputs":[],
               "protocols":{"hls":true},"runtime":{"status":"idle"}},
              {"code":"news","name":"","inputs":[],"protocols":{},"status":"stopped"}
            ],"total":3}
            """;

    @TempDir private static Path media;
    private static Vertx vertx;
    private static HttpServer server;
    private static Chromium chromium;

    /** What GET /streams answers; null for an error. */
    private static volatile String streams = LIVE;

    private Page page;
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        makeStream();
        vertx = Vertx.vertx();
        Router router = Router.router(vertx);
        new StaticFiles().mount(router);
        router.get("/streams")
                .handler(
                        request -> {
                            String answer = streams;
                            request.response()
                                    .setStatusCode(answer == null ? 500 : 200)
                                    .putHeader("Content-Type", "application/json")
                                    .end(answer == null ? "{}" : answer);
                        });
        router.get("/demo/*")
                .handler(
                        request -> {
                            Path file = media.resolve(request.request().path().substring(6));
                            vertx.fileSystem()
                                    .readFile(file.toString())
                                    .onSuccess((Buffer bytes) -> request.response().end(bytes))
                                    .onFailure(failure -> request.fail(404));
                        });
        server = TestHttp.serve(vertx, router);
        chromium = new Chromium();
    }

    private static void makeStream() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Tools.ffmpeg(), "-v", "error"));
        command.addAll(List.of("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"));
        command.addAll(List.of("-f", "lavfi", "-i", "sine=frequency=440", "-t", "30"));
        command.addAll(List.of("-c:v", "libx264", "-preset", "ultrafast", "-g", "50"));
        command.addAll(List.of("-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "hls"));
        command.addAll(List.of("-hls_time", "2", "-hls_list_size", "0"));
        command.add(media.resolve("index.m3u8").toString());
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        Path playlist = media.resolve("index.m3u8");
        // A playlist without an end is a live one.
        Files.writeString(playlist, Files.readString(playlist).replace("#EXT-X-ENDLIST\n", ""));
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        if (vertx != null) {
            vertx.close();
        }
    }

    @BeforeEach
    void open() {
        streams = LIVE;
        open(new Browser.NewContextOptions().setViewportSize(1280, 900));
    }

    private void open(Browser.NewContextOptions options) {
        page = chromium.newPage(options);
        page.onConsoleMessage(
                message -> {
                    if (message.type().equals("error") && !message.text().contains("500")) {
                        complaints.add(message.text());
                    }
                });
        page.onPageError(complaints::add);
        page.navigate("http://127.0.0.1:" + server.actualPort() + "/");
    }

    @AfterEach
    void close() {
        page.context().close();
        assertThat(complaints).as("what the browser complained of").isEmpty();
    }

    private void shot(String name) {
        Path file = Path.of("target", "screenshots", name + ".png");
        page.screenshot(new ScreenshotOptions().setPath(file).setFullPage(true));
    }

    private void waitUntilItPlays() {
        page.waitForFunction(
                "() => { const v = document.querySelector('video');"
                        + " return !v.paused && v.muted && v.currentTime > 0 && v.videoWidth === 640"
                        + " && document.getElementById('veil').hidden; }");
    }

    @Test
    void playsTheDemoByItself() {
        waitUntilItPlays();
        double before =
                ((Number) page.evaluate("() => document.querySelector('video').currentTime"))
                        .doubleValue();
        page.waitForFunction(
                "before => document.querySelector('video').currentTime > before + 1", before);

        PlaywrightAssertions.assertThat(page.locator("#summary")).hasText("3 streams, 1 live");
        PlaywrightAssertions.assertThat(page.locator("#fact-video")).hasText("H.264 1280×720");
        PlaywrightAssertions.assertThat(page.locator("#fact-viewers")).hasText("3");
        shot("page-light");
    }

    @Test
    void showsAddressesAndPublishHints() {
        PlaywrightAssertions.assertThat(page.locator("#watch .url-label"))
                .hasText(new String[] {"HLS", "DASH", "HTTP-TS", "HTTP-FLV"});
        PlaywrightAssertions.assertThat(page.locator("#publish .url-text"))
                .hasText(
                        new String[] {
                            "rtmp://127.0.0.1:1935/live", "demo", "rtmp://127.0.0.1:1935/live/demo"
                        });
        page.locator("#watch button").first().click();
        PlaywrightAssertions.assertThat(page.locator("#toast")).isVisible();
    }

    @Test
    void switchesByKeyboardAndTreatsNamesAsText() {
        PlaywrightAssertions.assertThat(page.locator(".row")).hasCount(3);
        page.locator("[data-code=studio-2] button").focus();
        page.keyboard().press("Enter");

        PlaywrightAssertions.assertThat(page.locator("#title")).hasText("<b>Studio</b> 2");
        PlaywrightAssertions.assertThat(page.locator("#veil-text"))
                .hasText("Waiting for the source…");
        PlaywrightAssertions.assertThat(page.locator("#badge")).hasText("Waiting");
        shot("page-waiting");
    }

    @Test
    void saysWhenThereIsNothing() {
        streams = "{\"data\":[],\"total\":0}";

        PlaywrightAssertions.assertThat(page.locator("#none")).isVisible();
        PlaywrightAssertions.assertThat(page.locator("#title")).hasText("Nothing to watch yet");
        shot("page-empty");
    }

    @Test
    void saysWhenTheServerIsGoneAndComesBack() {
        streams = null;
        PlaywrightAssertions.assertThat(page.locator("#offline")).isVisible();
        shot("page-offline");

        streams = LIVE;
        PlaywrightAssertions.assertThat(page.locator("#offline")).isHidden();
    }

    @Test
    void fitsAPhoneInTheDark() {
        page.context().close();
        open(
                new Browser.NewContextOptions()
                        .setViewportSize(390, 844)
                        .setColorScheme(ColorScheme.DARK));
        waitUntilItPlays();

        assertThat(page.evaluate("() => document.documentElement.scrollWidth")).isEqualTo(390);
        shot("page-phone-dark");
    }
}
