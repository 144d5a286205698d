package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route.FulfillOptions;
import com.microsoft.playwright.TimeoutError;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Players in a browser go to a rung that rests, which wakes for them, and back. */
@Tag("slow")
class OnDemandBrowserIT {
    private static final String HLS_JS =
            "/META-INF/resources/webjars/hls.js/1.4.12/dist/hls.min.js";
    private static final Duration START = Duration.ofSeconds(40);
    private static final int LIMIT_MS = 90_000;

    private static final String STEADY =
            """
            {"video":{"profiles":[{"width":640,"height":360,"bitrate":500,"preset":"ultrafast",
              "keyframe_interval":1}]},"audio":{"bitrate":64}}
            """;
    private static final String ON_DEMAND =
            """
            {"first_track":2,"video":{"on_demand_idle_sec":3,"profiles":[{"width":320,"height":180,
              "bitrate":200,"preset":"ultrafast","keyframe_interval":1,"on_demand":true}]},
             "audio":{"bitrate":64}}
            """;

    private static final String PAGE =
            """
            <video id=v muted autoplay></video><script src=player.js></script><script>
            const v = document.getElementById('v');
            window.fatal = []; window.sizes = []; window.stalls = 0;
            let step = 0, began = null, asked = 0;
            window.switched = 0; window.latency = 0;
            v.addEventListener('resize', () => sizes.push(v.videoHeight));
            v.addEventListener('waiting', () => { if (step > 0) stalls++; });
            START
            setInterval(() => {
              if (v.currentTime === 0 || !v.videoHeight) return;
              began ??= v.currentTime;
              const played = v.currentTime - began;
              if (step === 0 && played > 4) { step = 1; asked = v.currentTime; low(); }
              if (step === 1 && v.videoHeight === 180) {
                step = 2; began = v.currentTime; switched = began - asked; latency = behind(); }
              if (step === 2 && played > LOW) { step = 3; high(); }
              if (step === 3 && v.videoHeight === 360) { step = 4; began = v.currentTime; }
              if (step === 4 && played > 2) window.done = true;
            }, 50);
            window.report = () => JSON.stringify({ step, sizes, fatal, stalls, switched, latency,
              gaps: window.gaps, time: v.currentTime,
              buffered: [...Array(v.buffered.length).keys()]
                .map(i => [v.buffered.start(i), v.buffered.end(i)]) });
            </script>
            """;

    private static final String HLS =
            """
            const hls = new Hls({ liveSyncDurationCount: 5 });
            const level = height => hls.levels.findIndex(l => l.height === height);
            const low = () => { hls.loadLevel = level(180); };
            const high = () => { hls.loadLevel = level(360); };
            const behind = () => hls.latency;
            hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) fatal.push(e.details); });
            hls.on(Hls.Events.MANIFEST_PARSED, () => { high(); v.play(); });
            hls.loadSource('index.m3u8'); hls.attachMedia(v);
            """;

    private static final String DASH =
            """
            const player = dashjs.MediaPlayer().create();
            player.updateSettings({ streaming: {
              abr: { autoSwitchBitrate: { video: false }, initialBitrate: { video: 100000 } },
              delay: { liveDelay: DELAY },
              buffer: { bufferTimeDefault: BUFFER, bufferTimeAtTopQuality: BUFFER,
                bufferTimeAtTopQualityLongForm: TOP_BUFFER, fastSwitchEnabled: false } } });
            window.gaps = 0;
            const low = () => player.setRepresentationForTypeById('video', 'track_2-v');
            const high = () => player.setRepresentationForTypeById('video', 'track_1-v');
            const behind = () => player.getCurrentLiveLatency();
            player.on(dashjs.MediaPlayer.events.GAP_CAUSED_SEEK ?? 'gapCausedPlaybackSeek',
              () => gaps++);
            player.on('error', e => fatal.push(String(e.error?.message ?? e.type)));
            player.initialize(v, 'index.mpd', true);
            player.on('streamInitialized', () => high());
            """;

    @TempDir Path folder;

    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void hlsJsWakesARung() throws Exception {
        try (InputStream script = getClass().getResourceAsStream(HLS_JS)) {
            String player = new String(script.readAllBytes(), StandardCharsets.UTF_8);
            plays(HLS, player, 6, 0, 3);
        }
    }

    /** At top quality dash.js fetches up to the live edge, whatever its buffer is to be. */
    private static String dash(int delaySeconds, int bufferSeconds) {
        return dash(delaySeconds, bufferSeconds, 60);
    }

    /**
     * The settings of a player.
     *
     * @param topBufferSeconds what it holds of the best rung
     */
    private static String dash(int delaySeconds, int bufferSeconds, int topBufferSeconds) {
        return DASH.replace("DELAY", "" + delaySeconds)
                .replace("TOP_BUFFER", "" + topBufferSeconds)
                .replace("BUFFER", "" + bufferSeconds);
    }

    private static String dashJs() throws Exception {
        return Npm.file("dashjs@5", "dist/legacy/umd/dash.all.min.js");
    }

    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void dashJsWakesARung() throws Exception {
        plays(dash(5, 18), dashJs(), 6, 0, 3);
    }

    /** It goes on with what was 9 s ago or more: the encoder begins there. */
    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void dashJsWakesARungFromFarBehind() throws Exception {
        Switch low = plays(dash(14, 5, 5), dashJs(), 16, 0, 8);
        assertThat(low.afterSeconds()).as("%s", low).isLessThan(8);
        assertThat(low.latencySeconds()).as("%s", low).isGreaterThan(12);
    }

    /**
     * It holds 12 s of the other rung and asks for little: the rung rests again, and is asked for
     * what was long ago when all of that has been played.
     */
    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void dashJsComesBackToARungThatRestsAgain() throws Exception {
        plays(dash(12, 4), dashJs(), 14, 1, 16);
    }

    /** It holds what it has of the other rung, up to the live edge, and goes on from there. */
    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void dashJsGoesOnFromTheLiveEdge() throws Exception {
        plays(dash(22, 3), dashJs(), 25, 1, 3);
    }

    /**
     * How a player went to the small rung.
     *
     * @param afterSeconds what it played on of the other before
     * @param latencySeconds how far behind the live edge it stood then
     */
    private record Switch(double afterSeconds, double latencySeconds) {}

    /**
     * Plays.
     *
     * @param segments that there are before it starts: who starts at once has nothing behind the
     *     live edge
     * @param stalls at most
     * @param lowSeconds to play of the small rung
     */
    private Switch plays(String start, String script, int segments, int stalls, int lowSeconds)
            throws Exception {
        String packaging = "?segmentDuration=1s&window=40";
        try (LiveLadder ladder = new LiveLadder(folder, packaging, 2, List.of(STEADY, ON_DEMAND));
                Chromium chromium = new Chromium()) {
            ladder.source("640x360");
            awaitSegments(ladder, segments);
            assertThat(ladder.rung(2).status()).isEqualTo("idle");
            List<String> requests = new ArrayList<>();
            Page page = open(chromium, ladder, start, script, lowSeconds, requests);
            awaitEnd(page, stalls, requests);
            assertThat(ladder.rung(2).restarts()).isZero();
            return new Switch(number(page, "switched"), number(page, "latency"));
        }
    }

    private static double number(Page page, String name) {
        return ((Number) page.evaluate(name)).doubleValue();
    }

    /** A rung that is there from the middle of a Period on is played from there on. */
    @Test
    @RequiresTool({"ffmpeg", "chromium"})
    void dashJsTakesARungThatIsAddedWhileItPlays() throws Exception {
        String packaging = "?segmentDuration=1s&window=40";
        String added = ON_DEMAND.replace(",\"on_demand\":true", "");
        // Not before it is there: then from 12 s on, as it is made from now on only.
        String start =
                dash(5, 18)
                        .replace(
                                "const low = () => ",
                                "const low = () => { if (player.getRepresentationsByType('video')"
                                        + ".length < 2) step = 0; else ")
                        .replace("'track_2-v');", "'track_2-v'); };");
        try (LiveLadder ladder = new LiveLadder(folder, packaging, 2, List.of(STEADY));
                Chromium chromium = new Chromium()) {
            ladder.source("640x360");
            awaitSegments(ladder, 6);
            List<String> requests = new ArrayList<>();
            Page page = open(chromium, ladder, start, dashJs(), 3, requests);
            page.waitForFunction(
                    "began !== null && v.currentTime - began > 3 || window.fatal.length > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(LIMIT_MS));
            ladder.add(added);
            awaitEnd(page, 0, requests);
        }
    }

    private static void awaitSegments(LiveLadder ladder, int count) {
        await().atMost(START)
                .until(
                        () ->
                                ladder.get("track_1/index.m3u8").body().split("#EXTINF", -1).length
                                        > count);
    }

    /**
     * Opens the page.
     *
     * @param requests for what was asked of the small rung, and how that ended
     */
    private static Page open(
            Chromium chromium,
            LiveLadder ladder,
            String start,
            String script,
            int lowSeconds,
            List<String> requests) {
        Page page = chromium.newPage(new Browser.NewContextOptions());
        page.onResponse(
                response -> {
                    if (response.url().contains("/track_2/")) {
                        requests.add(
                                Instant.now() + " " + response.status() + " " + response.url());
                    }
                });
        String html = PAGE.replace("START", start).replace("LOW", "" + lowSeconds);
        answer(page, "**/player.html", "text/html", html);
        answer(page, "**/player.js", "text/javascript", script);
        page.navigate(ladder.url("player.html"));
        return page;
    }

    private static void awaitEnd(Page page, int stalls, List<String> requests) {
        try {
            page.waitForFunction(
                    "window.done === true || window.fatal.length > 0",
                    null,
                    new Page.WaitForFunctionOptions().setTimeout(LIMIT_MS));
        } catch (TimeoutError e) {
            throw new AssertionError(page.evaluate("report()") + "\n" + requests, e);
        }
        String report = page.evaluate("report()") + "\n" + requests;
        assertThat(page.evaluate("fatal.join()")).as(report).isEqualTo("");
        assertThat((Integer) page.evaluate("stalls")).as(report).isLessThanOrEqualTo(stalls);
    }

    private static void answer(Page page, String path, String type, String body) {
        page.route(
                path,
                route -> route.fulfill(new FulfillOptions().setContentType(type).setBody(body)));
    }
}
