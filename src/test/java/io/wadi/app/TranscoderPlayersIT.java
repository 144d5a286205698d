package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;

import io.wadi.ffmpeg.Transcoders;
import io.wadi.stream.SpecJson;
import io.wadi.testing.Chromium;
import io.wadi.testing.Npm;
import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Players of HLS and DASH in a browser while the transcoder is switched on and off: they go on
 * without being loaded anew. What they noticed is logged for the tables of {@code
 * docs/HOT_RELOAD.md}.
 */
@Tag("slow")
@RequiresTool({"ffmpeg", "chromium"})
class TranscoderPlayersIT {
    private static final Logger LOG = LoggerFactory.getLogger(TranscoderPlayersIT.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PATIENCE_MS = 60_000;

    /** Behind the live edge by a few segments, a player has this to play when a change is made. */
    private static final double AFTER_SECONDS = 15;

    /** What players wait for at most: the encoders start, and a first segment of theirs is made. */
    private static final double LONGEST_WAIT_SECONDS = 8;

    private static final String FIRST = LiveServer.rung(256, 144, 300);
    private static final String SECOND = LiveServer.rung(192, 108, 150);
    private static final String THIRD = LiveServer.rung(128, 72, 100);

    private static final String PAGE =
            """
            <!DOCTYPE html><video muted autoplay></video><script src="player.js"></script>
            <script>
              window.fatal = []; window.log = [];
              const video = document.querySelector('video');
              let last = 0, moved = performance.now(), played = 0, wait = 0;
              const note = what => log.push((performance.now() / 1000).toFixed(1) + ' '
                + video.currentTime.toFixed(1) + ' ' + what);
              video.addEventListener('resize', () => note('height ' + video.videoHeight));
              for (const e of ['waiting', 'seeking', 'emptied'])
                video.addEventListener(e, () => note(e));
              setInterval(() => {
                const now = performance.now(), step = video.currentTime - last;
                if (step > 0 && step < 1) played += step;
                if (step !== 0) moved = now;
                wait = Math.max(wait, now - moved);
                last = video.currentTime;
              }, 50);
              window.mark = () => { played = 0; wait = 0; moved = performance.now(); log.length = 0; };
              window.seconds = () => played;
              window.report = () => JSON.stringify({fatal, played, wait: wait / 1000,
                time: video.currentTime, height: video.videoHeight, log,
                buffered: [...Array(video.buffered.length).keys()]
                  .map(i => [video.buffered.start(i), video.buffered.end(i)])});
              START
            </script>
            """;

    private static final String HLS =
            """
            const hls = new Hls();
            hls.on(Hls.Events.ERROR, (_, e) => {
              note(e.type + ' ' + e.details + ' ' + (e.response?.code ?? ''));
              if (e.fatal) fatal.push(e.details);
            });
            hls.on(Hls.Events.MANIFEST_LOADED, (_, e) => note('levels ' + e.levels.length));
            hls.loadSource('PLAYLIST');
            hls.attachMedia(video);
            """;

    private static final String DASH =
            """
            const player = dashjs.MediaPlayer().create();
            player.on('error', e => fatal.push(String(e.error?.message ?? e.type)));
            player.on('periodSwitchCompleted', e => note('period ' + e.toStreamInfo?.id));
            const rungs = () => player.getRepresentationsByType('video').length;
            player.initialize(video, 'index.mpd', true);
            """;

    @TempDir private Path folder;

    private static String ladder(String... rungs) {
        return LiveServer.ladder("multi", rungs);
    }

    private static Page open(Chromium chromium, LiveServer server, String start, String script) {
        return chromium.open(server.base + "/live/", PAGE.replace("START", start), script);
    }

    @Test
    void playersGoOn() throws Exception {
        String dashJs = Npm.file("dashjs@5", "dist/legacy/umd/dash.all.min.js");
        LiveServer server = new LiveServer(folder, 150);
        server.gop = 25;
        try (Chromium chromium = new Chromium()) {
            server.create(
                    "live",
                    "{\"inputs\": [{\"url\": \"publish://\"}],"
                            + " \"protocols\": {\"hls\": true, \"dash\": true},"
                            + " \"packaging\": {\"segment\": \"1s\"}}");
            Process publisher = server.publish(server.rtmpPort(), "live");
            await().atMost(PATIENCE).until(() -> server.status("live", 0).equals("active"));
            String hlsJs = server.send("GET", "/webjars/hls.js/hls.min.js", "").body();
            Map<String, Page> pages = new LinkedHashMap<>();
            for (String playlist : List.of("master.m3u8", "index.m3u8")) {
                pages.put(
                        "hls.js, " + playlist,
                        open(chromium, server, HLS.replace("PLAYLIST", playlist), hlsJs));
            }
            pages.put("dash.js", open(chromium, server, DASH, dashJs));
            play("before", pages, 180, 5);
            server.edit("live", "{" + ladder(FIRST, SECOND) + "}");
            await().atMost(PATIENCE)
                    .until(() -> Transcoders.of(server.camel).of("live").size() == 2);
            play("on", pages, 144, AFTER_SECONDS);
            server.edit("live", "{" + ladder(FIRST, SECOND, THIRD) + "}");
            play("on, rung added", pages, 144, AFTER_SECONDS);
            assertThat(pages.get("dash.js").evaluate("rungs()"))
                    .as("rungs of dash.js")
                    .isEqualTo(3);
            server.edit("live", "{\"transcoder\": null}");
            play("off", pages, 180, AFTER_SECONDS);
            assertThat(publisher.isAlive()).isTrue();
        } finally {
            server.close();
        }
    }

    private static void play(String what, Map<String, Page> pages, int height, double seconds)
            throws Exception {
        pages.values().forEach(page -> page.evaluate("() => mark()"));
        for (Map.Entry<String, Page> entry : pages.entrySet()) {
            Page page = entry.getValue();
            String who = "transcoder " + what + ", " + entry.getKey() + ": ";
            page.waitForFunction(
                    "most => window.fatal.length > 0 || seconds() > most",
                    seconds,
                    new Page.WaitForFunctionOptions().setTimeout(PATIENCE_MS));
            String report = (String) page.evaluate("() => report()");
            LOG.info("{}{}", who, report);
            JsonNode said = SpecJson.mapper().readTree(report);
            assertThat(said.path("fatal")).as(who + report).isEmpty();
            assertThat(said.path("height").asInt()).as(who + report).isEqualTo(height);
            assertThat(said.path("wait").asDouble())
                    .as(who + report)
                    .isLessThan(LONGEST_WAIT_SECONDS);
            assertThat(report).as(who).doesNotContain(" 404");
        }
    }
}
