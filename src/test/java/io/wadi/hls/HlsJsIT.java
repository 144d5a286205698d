package io.wadi.hls;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;

import io.netty.buffer.Unpooled;
import io.wadi.http.MediaResponse.CachePolicy;
import io.wadi.http.MediaRoutes;
import io.wadi.http.MediaServer;
import io.wadi.ring.Rings;
import io.wadi.segment.TsFeed;
import io.wadi.segment.TsSample;
import io.wadi.testing.RequiresTool;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** hls.js in Chromium, over a publisher that connects anew. */
class HlsJsIT {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final String HLS_JS =
            "/META-INF/resources/webjars/hls.js/1.4.12/dist/hls.min.js";
    private static final int LIMIT_MS = 40_000;
    private static final String PAGE =
            """
            <video id=v muted></video><script src=hls.js></script><script>
            const hls = new Hls(); window.fatal = []; const v = document.getElementById('v');
            hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) fatal.push(e.details); });
            hls.loadSource('index.m3u8'); hls.attachMedia(v); v.play();
            </script>
            """;

    @TempDir Path folder;

    @ParameterizedTest
    @RequiresTool("chromium")
    @ValueSource(strings = {"ts", "fmp4"})
    void playsOnAcrossADiscontinuity(String container) throws Exception {
        byte[] ts = TsSample.video(folder, 8, 25);
        CamelContext context = new DefaultCamelContext();
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ring:demo").to("hls:demo?segmentDuration=1s&container=" + container);
                    }
                });
        context.start();
        MediaRoutes.of(context)
                .mount(
                        "demo",
                        (request, response) -> {
                            byte[] body = page(request.path());
                            if (body.length > 0) {
                                String type =
                                        request.path().endsWith("js")
                                                ? "text/javascript"
                                                : "text/html";
                                response.send(
                                        type, CachePolicy.NONE, "", Unpooled.wrappedBuffer(body));
                            }
                            return body.length > 0;
                        });
        try (MediaServer server = new MediaServer(context);
                TsFeed feed = new TsFeed(Rings.of(context).acquire("demo").input(0));
                Playwright playwright = Playwright.create(driver());
                Browser browser = playwright.chromium().launch(options())) {
            Future<?> first = feed.pace(ts, 0, Duration.ofSeconds(8));
            Page page = browser.newPage();
            page.navigate(server.url("/demo/page.html"));
            first.get(20, TimeUnit.SECONDS);
            feed.reconnect();
            Future<?> second = feed.pace(ts, 0, Duration.ofSeconds(8));
            page.waitForFunction(
                    "v.currentTime - (window.began ??= v.currentTime) > 8 || fatal.length > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(LIMIT_MS));
            assertThat(page.evaluate("fatal.join()")).isEqualTo("");
            second.get(20, TimeUnit.SECONDS);
        } finally {
            context.stop();
            Rings.of(context).release("demo");
        }
    }

    private static byte[] page(String path) {
        return switch (path) {
            case "page.html" -> PAGE.getBytes(StandardCharsets.UTF_8);
            case "hls.js" -> {
                try (InputStream script = HlsJsIT.class.getResourceAsStream(HLS_JS)) {
                    yield script.readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
            default -> new byte[0];
        };
    }

    /** The browser is the system's: nothing is to be fetched. */
    private static Playwright.CreateOptions driver() {
        return new Playwright.CreateOptions()
                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"));
    }

    private static BrowserType.LaunchOptions options() {
        return new BrowserType.LaunchOptions()
                .setExecutablePath(CHROMIUM)
                .setArgs(
                        List.of(
                                "--headless=new",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-background-networking",
                                "--autoplay-policy=no-user-gesture-required"));
    }
}
