package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rungs that are encoded only while somebody watches: real encoders, FFmpeg as the viewer. */
@Tag("slow")
class OnDemandIT {
    private static final Duration START = Duration.ofSeconds(40);
    private static final int IDLE_SECONDS = 3;

    private static final String STEADY =
            "{\"width\":640,\"height\":360,\"bitrate\":500,\"preset\":\"ultrafast\",\"keyframe_interval\":1}";
    private static final String ON_DEMAND =
            "{\"width\":320,\"height\":180,\"bitrate\":200,\"preset\":\"ultrafast\",\"keyframe_interval\":1,"
                    + "\"on_demand\":true}";

    @TempDir Path folder;

    private static String ladder(int first, String video, String... rungs) {
        return "{\"first_track\":%d,\"video\":{%s\"on_demand_idle_sec\":%d,\"profiles\":[%s]},\"audio\":{\"bitrate\":64}}"
                .formatted(first, video, IDLE_SECONDS, String.join(",", rungs));
    }

    private LiveLadder separate(String container) throws Exception {
        return new LiveLadder(
                folder,
                "?segmentDuration=1s&container=" + container,
                2,
                List.of(ladder(1, "", STEADY), ladder(2, "", ON_DEMAND)));
    }

    @ParameterizedTest
    @RequiresTool({"ffmpeg", "ffprobe"})
    @ValueSource(strings = {"ts", "fmp4"})
    void runsWhileItsPlaylistIsAskedFor(String container) throws Exception {
        String playlist = container.equals("ts") ? "track_2/index.m3u8" : "track_2/video.m3u8";
        try (LiveLadder ladder = separate(container)) {
            ladder.source("640x360");
            await().atMost(START).until(() -> ladder.rung(1).status().equals("active"));
            String master = master(ladder);
            assertThat(master)
                    .contains("RESOLUTION=320x180")
                    .containsPattern("CODECS=\"avc1.42C00[CD],mp4a.40.2\"")
                    .contains(playlist);
            assertThat(ladder.rung(2).status()).isEqualTo("idle");
            assertThat(ladder.rung(2).pid()).isZero();

            assertThat(ladder.get(playlist).body()).contains("#EXTINF");
            long pid = ladder.rung(2).pid();
            assertThat(pid).isNotZero();
            plays(ladder.url(playlist));
            long lastNumber = lastNumber(ladder.get(playlist).body());

            rests(ladder, pid);
            assertThat(master(ladder)).contains(playlist);

            String again = ladder.get(playlist).body();
            assertThat(ladder.rung(2).pid()).isNotIn(0L, pid);
            assertThat(ladder.rung(2).restarts()).isZero();
            // Nothing of the time before: its segments are nowhere near the live edge.
            assertThat(firstNumber(again)).isGreaterThan(lastNumber);
            plays(ladder.url(playlist));
        }
    }

    @Test
    @RequiresTool({"ffmpeg", "ffprobe"})
    void runsWhileItsDashSegmentsAreAskedFor() throws Exception {
        try (LiveLadder ladder = separate("ts")) {
            ladder.source("640x360");
            await().atMost(START)
                    .until(() -> ladder.get("index.mpd").body().contains("\"track_2-v\""));
            assertThat(ladder.rung(2).status()).isEqualTo("idle");
            String mpd = ladder.get("index.mpd").body();
            Matcher rung =
                    Pattern.compile("id=\"track_2-v\".*?</Representation>", Pattern.DOTALL)
                            .matcher(mpd);
            assertThat(rung.find()).isTrue();
            assertThat(rung.group())
                    .contains("width=\"320\"")
                    .contains("media=\"track_2/seg_v_t$Time$.m4s\"");
            long[] times = lastTimes(rung.group());
            long time = times[0];
            Path file = folder.resolve("rung.mp4");
            byte[] init = ladder.bytes("track_2/init_v.mp4");
            byte[] segment = ladder.bytes("track_2/seg_v_t" + time + ".m4s");
            assertThat(ladder.rung(2).status()).isEqualTo("active");
            Files.write(file, init);
            Files.write(file, segment, StandardOpenOption.APPEND);
            assertThat(
                            Tools.probe(
                                    file,
                                    "-count_frames",
                                    "-show_entries",
                                    "stream=width,height,nb_read_frames"))
                    .first()
                    .asString()
                    .startsWith("320,180,");
            // The first covers that time; from the next on they are cut as the other rung's.
            byte[] next = ladder.bytes("track_2/seg_v_t" + times[1] + ".m4s");
            Files.write(file, init);
            Files.write(file, next, StandardOpenOption.APPEND);
            assertThat(Tools.probe(file, "-count_frames", "-show_entries", "stream=nb_read_frames"))
                    .containsExactly("25");
            assertThat(ladder.get("track_2/seg_v_t" + time / 2 + ".m4s").statusCode())
                    .isEqualTo(404);
            rests(ladder, ladder.rung(2).pid());
        }
    }

    @Test
    @RequiresTool({"ffmpeg", "ffprobe"})
    void aWholeLadderRunsForAViewerWithoutAChoice() throws Exception {
        String whole =
                ladder(
                        1,
                        "\"on_demand\":true,",
                        STEADY,
                        ON_DEMAND.replace(",\"on_demand\":true", ""));
        try (LiveLadder ladder = new LiveLadder(folder, "?segmentDuration=1s", 2, List.of(whole))) {
            ladder.source("640x360");
            await().atMost(START).until(() -> ladder.rung(1).status().equals("idle"));
            assertThat(master(ladder)).contains("track_1/").contains("track_2/");
            Path file = folder.resolve("best.ts");
            Tools.runFfmpeg("-i", ladder.url("mpegts"), "-t", "2", "-c", "copy", file.toString());
            assertThat(Tools.pictureSize(file)).startsWith("640,");
            long pid = ladder.rung(1).pid();
            assertThat(ladder.rung(2).pid()).isEqualTo(pid).isNotZero();
            rests(ladder, pid);
            assertThat(ladder.get("index.mpd").body()).contains("track_1-v").contains("track_2-v");
        }
    }

    private static String master(LiveLadder ladder) throws Exception {
        HttpResponse<String> master = ladder.get("index.m3u8");
        assertThat(master.statusCode()).isEqualTo(200);
        return master.body();
    }

    /** Nobody watches any more: the process is gone, and the other one is not. */
    private static void rests(LiveLadder ladder, long pid) {
        await().atMost(START)
                .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        await().atMost(START).until(() -> ladder.rung(2).status().equals("idle"));
        assertThat(ladder.rung(2).problems()).isEmpty();
    }

    private void plays(String url) throws Exception {
        Path file = folder.resolve("played.mkv");
        Tools.runFfmpeg("-i", url, "-map", "0:v", "-t", "3", "-c", "copy", file.toString());
        assertThat(Tools.decode(file)).isEmpty();
        assertThat(Tools.pictureSize(file)).isEqualTo("320,180");
    }

    private static long firstNumber(String playlist) {
        Matcher number = Pattern.compile("#EXT-X-MEDIA-SEQUENCE:(\\d+)").matcher(playlist);
        assertThat(number.find()).isTrue();
        return Long.parseLong(number.group(1));
    }

    private static long lastNumber(String playlist) {
        return firstNumber(playlist) + playlist.split("#EXTINF", -1).length - 2;
    }

    /** When the last segment of a SegmentTimeline starts and ends. */
    private static long[] lastTimes(String representation) {
        Matcher element =
                Pattern.compile("<S(?: t=\"(\\d+)\")? d=\"(\\d+)\"(?: r=\"(\\d+)\")?")
                        .matcher(representation);
        long time = 0;
        long last = 0;
        while (element.find()) {
            time = element.group(1) == null ? time : Long.parseLong(element.group(1));
            long repeats = element.group(3) == null ? 0 : Long.parseLong(element.group(3));
            last = time + repeats * Long.parseLong(element.group(2));
            time = last + Long.parseLong(element.group(2));
        }
        return new long[] {last, time};
    }
}
