package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route.FulfillOptions;

import io.wadi.testing.Chromium;
import io.wadi.testing.Npm;
import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Players in a browser play AV1 and VP9, and go from one codec of a ladder to another. */
@Tag("slow")
class NewCodecsBrowserIT {
    private static final Duration START = Duration.ofSeconds(40);
    private static final int LIMIT_MS = 90_000;

    /** Their heights tell the rungs apart. */
    private static final String LADDER =
            """
            {"video":{"profiles":[
              {"width":640,"height":360,"bitrate":500,"preset":"ultrafast","keyframe_interval":1},
              {"width":426,"height":240,"bitrate":300,"preset":"ultrafast","keyframe_interval":1,
               "codec":"av1"},
              {"width":320,"height":180,"bitrate":200,"preset":"ultrafast","keyframe_interval":1,
               "codec":"vp9"}]},"audio":{"bitrate":64}}
            """;

    private static final String PAGE =
            """
            <video id=v muted autoplay></video><script src=player.js></script><script>
            const v = document.getElementById('v');
            window.fatal = []; window.seen = []; window.stalls = 0;
            const order = [240, 180, 360, 240];
            let step = 0, began = null, decoded = 0;
            v.addEventListener('waiting', () => { if (seen.length > 0) stalls++; });
            START
            setInterval(() => {
              if (v.currentTime === 0 || v.videoHeight !== order[step]) return;
              if (began === null) {
                began = v.currentTime;
                decoded = v.getVideoPlaybackQuality().totalVideoFrames;
              }
              const frames = v.getVideoPlaybackQuality().totalVideoFrames - decoded;
              if (v.currentTime - began < 3) return;
              seen.push(v.videoHeight + (frames > 50 ? '' : ' with ' + frames + ' frames'));
              began = null;
              if (++step < order.length) go(order[step]); else window.done = true;
            }, 50);
            window.report = () => JSON.stringify({ step, seen, fatal, stalls, time: v.currentTime,
              height: v.videoHeight, levels: window.levels, buffered: [...Array(v.buffered.length).keys()]
                .map(i => [v.buffered.start(i), v.buffered.end(i)]) });
            </script>
            """;

    private static final String DASH =
            """
            const player = dashjs.MediaPlayer().create();
            player.updateSettings({ streaming: {
              abr: { autoSwitchBitrate: { video: false }, initialBitrate: { video: 350 } },
              delay: { liveDelay: 5 } } });
            const id = { 360: 'track_1-v', 240: 'track_2-v', 180: 'track_3-v' };
            const go = height => player.setRepresentationForTypeById('video', id[height]);
            player.on('error', e => fatal.push(String(e.error?.message ?? e.type)));
            player.initialize(v, 'index.mpd', true);
            player.on('streamInitialized', () => go(240));
            """;

    /** hls.js plays one codec until it is told to go to a level of another. */
    private static final String HLS =
            """
            const hls = new Hls({ liveSyncDurationCount: 5 });
            const go = height => { hls.loadLevel = hls.levels.findIndex(l => l.height === height); };
            hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) fatal.push(e.details + ' ' + e.error); });
            hls.on(Hls.Events.MANIFEST_PARSED, (_, data) => {
              window.levels = data.levels.map(l => l.height + ' ' + l.videoCodec);
              go(240); v.play();
            });
            hls.loadSource('index.m3u8'); hls.attachMedia(v);
            """;

    private static final String HLS_JS =
            "/META-INF/resources/webjars/hls.js/1.4.12/dist/hls.min.js";

    @TempDir Path folder;

    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void hlsJs() throws Exception {
        try (InputStream script = getClass().getResourceAsStream(HLS_JS)) {
            plays(HLS, new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void dashJs() throws Exception {
        plays(DASH, Npm.file("dashjs@5", "dist/legacy/umd/dash.all.min.js"));
    }

    private void plays(String start, String script) throws Exception {
        try (LiveLadder ladder =
                        new LiveLadder(
                                folder, "?segmentDuration=1s&container=fmp4", 3, List.of(LADDER));
                Chromium chromium = new Chromium()) {
            ladder.source("640x360");
            for (String track : List.of("track_1", "track_2", "track_3")) {
                String playlist = track + "/video.m3u8";
                await().atMost(START)
                        .until(() -> ladder.get(playlist).body().split("#EXTINF", -1).length > 6);
            }
            Page page = chromium.newPage(new Browser.NewContextOptions());
            answer(page, "**/player.html", "text/html", PAGE.replace("START", start));
            answer(page, "**/player.js", "text/javascript", script);
            page.navigate(ladder.url("player.html"));
            page.waitForFunction(
                    "window.done === true || window.fatal.length > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(LIMIT_MS));
            String report = String.valueOf(page.evaluate("report()"));
            assertThat(page.evaluate("fatal.join()")).as(report).isEqualTo("");
            assertThat(page.evaluate("seen.join()")).as(report).isEqualTo("240,180,360,240");
            assertThat(page.evaluate("stalls")).as(report).isEqualTo(0);
        }
    }

    private static void answer(Page page, String path, String type, String body) {
        page.route(
                path,
                route -> route.fulfill(new FulfillOptions().setContentType(type).setBody(body)));
    }
}
