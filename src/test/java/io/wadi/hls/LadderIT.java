package io.wadi.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Page;

import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.http.MediaServer;
import io.wadi.testing.Chromium;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** hls.js in Chromium goes up and down a ladder of real encoders. */
@Tag("slow")
class LadderIT {
    private static final int LIMIT_MS = 60_000;

    private static final String LADDER =
            """
            {"video":{"profiles":[
              {"width":640,"height":360,"bitrate":500,"preset":"ultrafast","keyframe_interval":1},
              {"width":320,"height":180,"bitrate":200,"preset":"ultrafast","keyframe_interval":1}]},
             "audio":{"bitrate":64}}
            """;

    /** Starts at the bottom, goes up after three seconds and down again after six. */
    private static final String PAGE =
            """
            <video id=v muted></video><script src=player.js></script><script>
            const hls = new Hls({ startLevel: 0, liveSyncDurationCount: 5 });
            const v = document.getElementById('v');
            window.errors = []; window.levels = []; window.sizes = [];
            hls.on(Hls.Events.ERROR, (_, e) => errors.push(e.details + ' at ' + v.currentTime + ' step ' + step + ' buffered ' + (v.buffered.length ? [...Array(v.buffered.length).keys()].map(i => v.buffered.start(i) + '-' + v.buffered.end(i)) : '')));
            hls.on(Hls.Events.LEVEL_SWITCHED, (_, e) => levels.push(hls.levels[e.level].height));
            v.addEventListener('resize', () => sizes.push(v.videoHeight));
            let waits = -1, began = null, step = 0;
            v.addEventListener('playing', () => { if (waits < 0) waits = 0; });
            v.addEventListener('waiting', () => { if (waits >= 0) waits++; });
            const low = () => hls.levels.findIndex(l => l.height === 180);
            const high = () => hls.levels.findIndex(l => l.height === 360);
            hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.loadLevel = low(); v.play(); });
            hls.loadSource('index.m3u8'); hls.attachMedia(v);

            setInterval(() => {
              if (waits < 0 || v.currentTime === 0) return;
              began ??= v.currentTime;
              const played = v.currentTime - began;
              if (step === 0 && played > 3) { step = 1; hls.loadLevel = high(); }
              if (step === 1 && v.videoHeight === 360) { step = 2; began = v.currentTime; }
              if (step === 2 && played > 3) { step = 3; hls.loadLevel = low(); }
              if (step === 3 && v.videoHeight === 180) { step = 4; began = v.currentTime; }
              if (step === 4 && played > 2) { window.done = true; }
            }, 50);
            </script>
            """;

    @TempDir Path folder;

    @ParameterizedTest
    @RequiresTool("chromium")
    @ValueSource(strings = {"ts", "fmp4"})
    void switchesBothWaysWithoutAStall(String container) throws Exception {
        try (DefaultCamelContext context = context(container);
                MediaServer server = new MediaServer(context)) {
            context.start();
            masterNamesBothRungs(server.url("/demo/index.m3u8"));
            play(server.url("/demo/"));
        }
    }

    private static void play(String folder) throws IOException {
        try (Chromium chromium = new Chromium()) {
            Page page = chromium.open(folder, PAGE, HlsJs.script());
            page.waitForFunction(
                    "window.done === true",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(LIMIT_MS));
            assertThat(page.evaluate("errors.join()")).isEqualTo("");
            assertThat(page.evaluate("waits")).isEqualTo(0);
            assertThat(page.evaluate("sizes.join()")).isEqualTo("180,360,180");
        }
    }

    private static void masterNamesBothRungs(String url) throws Exception {
        Pattern variant = Pattern.compile("BANDWIDTH=(\\d+).*\\n(track_\\d)/", Pattern.MULTILINE);
        try (HttpClient http = HttpClient.newHttpClient()) {
            String[] master = {""};
            await().atMost(Duration.ofSeconds(40))
                    .pollInterval(Duration.ofMillis(200))
                    .until(
                            () -> {
                                master[0] =
                                        http.send(
                                                        HttpRequest.newBuilder(URI.create(url))
                                                                .build(),
                                                        HttpResponse.BodyHandlers.ofString())
                                                .body();
                                return master[0].contains("track_1")
                                        && master[0].contains("track_2");
                            });
            assertThat(master[0])
                    .contains("RESOLUTION=640x360")
                    .contains("RESOLUTION=320x180")
                    .contains("mp4a.40.2")
                    .containsPattern("CODECS=\"avc1\\.[0-9A-F]{6}");
            Matcher variants = variant.matcher(master[0]);
            while (variants.find()) {
                int kbps = Integer.parseInt(variants.group(1)) / 1000;
                boolean large = variants.group(2).equals("track_1");
                // Peak of a segment: video, sound, and what the container takes.
                assertThat(kbps).isBetween(large ? 500 : 200, large ? 1000 : 500);
            }
        }
    }

    private DefaultCamelContext context(String container) throws Exception {
        FfmpegComponent ffmpeg = new FfmpegComponent();
        ffmpeg.setFfmpegPath(Tools.ffmpeg());
        ffmpeg.setRunDir(folder.resolve("run").toString());
        DefaultCamelContext context = new DefaultCamelContext();
        context.addComponent("ffmpeg", ffmpeg);
        String encoded =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(LADDER.getBytes(StandardCharsets.UTF_8));
        String packaging = "?segmentDuration=1s&container=" + container;
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ring:demo/track_1").to("hls:demo/track_1" + packaging);
                        from("ring:demo/track_2").to("hls:demo/track_2" + packaging);
                        from("ring:demo").to("ffmpeg:demo?ladder=" + encoded);
                        from("ffmpeg:testsrc2?size=640x360&rate=25&videoBitrate=800k&gop=1")
                                .to("ring:demo");
                    }
                });
        return context;
    }
}
