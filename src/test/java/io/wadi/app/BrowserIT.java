package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;

import io.wadi.testing.Chromium;
import io.wadi.testing.Npm;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A published stream in Chromium, by hls.js with both containers and by dash.js: 20 seconds of
 * media without a stall and without an error. All three at the same time.
 */
@RequiresTool({"ffmpeg", "chromium"})
class BrowserIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PATIENCE_MS = 60_000;
    private static final int SECONDS = 20;

    /** Counts what is played, and when it had to wait. */
    private static final String PAGE =
            """
            <!DOCTYPE html><title>player</title><video muted autoplay></video>
            <script src="player.js"></script>
            <script>
              window.fatal = []; window.stalls = []; window.played = 0;
              const video = document.querySelector('video');
              let last = 0, running = false;
              video.addEventListener('error', () => fatal.push('video ' + video.error?.message));
              video.addEventListener('playing', () => { running = true; });
              // In the first second players still look for their place.
              video.addEventListener('waiting', () => { if (played > 1) stalls.push(played); });
              setInterval(() => {
                const step = video.currentTime - last;
                if (running && step > 0 && step < 1) played += step;
                last = video.currentTime;
              }, 100);
              window.report = () => JSON.stringify({fatal, stalls, played, time: video.currentTime,
                state: video.readyState, quality: video.getVideoPlaybackQuality(),
                buffered: [...Array(video.buffered.length).keys()]
                  .map(i => [video.buffered.start(i), video.buffered.end(i)])});
              START
            </script>
            """;

    private static final String HLS =
            """
            const hls = new Hls();
            hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) fatal.push(e.details); });
            hls.loadSource('index.m3u8');
            hls.attachMedia(video);
            """;

    private static final String DASH =
            """
            const player = dashjs.MediaPlayer().create();
            player.on('error', e => fatal.push(JSON.stringify(e.error ?? e)));
            player.initialize(video, 'index.mpd', true);
            """;

    @TempDir private static Path folder;

    private static Page open(
            Chromium chromium, RunningServer server, String code, String start, String script) {
        return chromium.open(server.http(code + "/"), PAGE.replace("START", start), script);
    }

    @Test
    void playersPlayWithoutAStall() throws Exception {
        String dashJs = Npm.file("dashjs@5", "dist/legacy/umd/dash.all.min.js");
        Process publisher = null;
        try (TestServer server = new TestServer(folder);
                Chromium chromium = new Chromium()) {
            server.stream(
                    "demo",
                    """
                    {"inputs":[{"url":"publish://"}],"protocols":{"hls":true,"dash":true}}
                    """);
            server.stream(
                    "demo-fmp4",
                    """
                    {"inputs":[{"url":"copy://demo"}],"protocols":{"hls":true},
                     "packaging":{"container":"fmp4"}}
                    """);
            publisher =
                    Tools.start(
                            folder.resolve("publisher.log"),
                            List.of(
                                    ("ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=s=320x180:r=25"
                                                    + " -f lavfi -i sine=r=48000 -c:v libx264"
                                                    + " -preset ultrafast -bf 2 -g 50 -c:a aac -f flv "
                                                    + server.rtmp("demo"))
                                            .split(" ", -1)));
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    server.has("demo/index.m3u8")
                                            && server.text("demo/index.m3u8")
                                                    .contains("seg_000002"));
            String hlsJs = server.text("webjars/hls.js/hls.min.js");
            Map<String, Page> pages = new LinkedHashMap<>();
            pages.put("hls.js, MPEG-TS", open(chromium, server, "demo", HLS, hlsJs));
            pages.put("hls.js, fMP4", open(chromium, server, "demo-fmp4", HLS, hlsJs));
            pages.put("dash.js", open(chromium, server, "demo", DASH, dashJs));
            for (Map.Entry<String, Page> page : pages.entrySet()) {
                page.getValue()
                        .waitForFunction(
                                "seconds => window.played > seconds || window.fatal.length > 0",
                                SECONDS,
                                new Page.WaitForFunctionOptions().setTimeout(PATIENCE_MS));
                String report = page.getKey() + ": " + page.getValue().evaluate("() => report()");
                assertThat(page.getValue().evaluate("() => fatal.length")).as(report).isEqualTo(0);
                assertThat(page.getValue().evaluate("() => stalls.length")).as(report).isEqualTo(0);
            }
        } finally {
            if (publisher != null) {
                publisher.destroyForcibly();
            }
        }
    }
}
