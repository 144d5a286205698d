package io.wadi.hls;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;

import io.wadi.http.MediaServer;
import io.wadi.ring.Rings;
import io.wadi.segment.TsFeed;
import io.wadi.segment.TsSample;
import io.wadi.testing.Chromium;
import io.wadi.testing.RequiresTool;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** hls.js in Chromium, over a publisher that connects anew. */
class HlsJsIT {
    private static final int LIMIT_MS = 40_000;
    private static final String PAGE =
            """
            <video id=v muted></video><script src=player.js></script><script>
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
        try (MediaServer server = new MediaServer(context);
                TsFeed feed = new TsFeed(Rings.of(context).acquire("demo").input(0));
                Chromium chromium = new Chromium()) {
            Future<?> first = feed.pace(ts, 0, Duration.ofSeconds(8));
            Page page = chromium.open(server.url("/demo/"), PAGE, HlsJs.script());
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
}
