package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;

import io.wadi.testing.Chromium;
import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a newcomer sees: the whole server, its own test source, the page in a browser. */
@RequiresTool("chromium")
class DemoIT {
    private static final int SECONDS_WATCHED = 10;

    @TempDir private Path folder;

    @Test
    void playsTheDemoStream() throws Exception {
        Path streams = folder.resolve("streams");
        List<String> complaints = new ArrayList<>();
        try (var server =
                        Wadi.start(
                                "--wadi.http.host=127.0.0.1",
                                "--wadi.http.port=0",
                                "--wadi.listeners.rtmp.listen-host=127.0.0.1",
                                "--wadi.listeners.rtmp.port=0",
                                "--wadi.data.dir=" + folder.resolve("data"),
                                "--wadi.streams.dir=" + streams);
                Chromium chromium = new Chromium()) {
            Page page =
                    chromium.newPage(new Browser.NewContextOptions().setViewportSize(1280, 1000));
            page.onPageError(complaints::add);
            page.onConsoleMessage(
                    message -> {
                        if (message.text().contains("Content Security Policy")) {
                            complaints.add(message.text());
                        }
                    });
            String base = "http://127.0.0.1:" + server.getBean(HttpListener.class).getPort() + "/";
            page.navigate(base);

            page.waitForFunction(
                    "() => document.querySelector('video').videoWidth === 1280"
                            + " && document.getElementById('veil').hidden",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(60_000));
            Number start =
                    (Number) page.evaluate("() => document.querySelector('video').currentTime");
            page.waitForFunction(
                    "until => document.querySelector('video').currentTime > until",
                    start.doubleValue() + SECONDS_WATCHED,
                    new Page.WaitForFunctionOptions().setTimeout(60_000));

            PlaywrightAssertions.assertThat(page.locator("#badge")).hasText("Live");
            PlaywrightAssertions.assertThat(page.locator("#fact-video")).hasText("H.264 1280×720");
            page.screenshot(
                    new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/demo.png")));
            page.navigate(base + "swagger/");
            PlaywrightAssertions.assertThat(
                            page.locator("hgroup.main h1, .info h1, .info .title").first())
                    .isVisible();
            page.screenshot(
                    new Page.ScreenshotOptions()
                            .setPath(Path.of("target/screenshots/swagger.png")));
        }
        assertThat(complaints).isEmpty();
    }
}
