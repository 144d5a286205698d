package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A ladder follows its source: real encoders, and a source that changes its size. */
class SmartLadderIT {
    private static final Duration START = Duration.ofSeconds(40);
    private static final String[] RUNGS = {
        rung(1280, 720, 1500), rung(640, 360, 500), rung(320, 180, 200)
    };

    @TempDir Path folder;

    private static String rung(int width, int height, int kbps) {
        return "{\"width\":%d,\"height\":%d,\"bitrate\":%d,\"preset\":\"ultrafast\",\"keyframe_interval\":1}"
                .formatted(width, height, kbps);
    }

    private static List<String> ladders(boolean separate) {
        List<String> ladders = new ArrayList<>();
        for (int i = 0; separate && i < RUNGS.length; i++) {
            ladders.add(
                    "{\"first_track\":%d,\"video\":{\"profiles\":[%s]},\"audio\":{\"bitrate\":64}}"
                            .formatted(i + 1, RUNGS[i]));
        }
        if (!separate) {
            ladders.add(
                    "{\"video\":{\"profiles\":[%s]},\"audio\":{\"bitrate\":64}}"
                            .formatted(String.join(",", RUNGS)));
        }
        return ladders;
    }

    @ParameterizedTest
    @RequiresTool({"ffmpeg", "ffprobe"})
    @ValueSource(booleans = {false, true})
    void followsTheSizeOfTheSource(boolean separate) throws Exception {
        try (LiveLadder ladder =
                new LiveLadder(folder, "?segmentDuration=1s", 3, ladders(separate))) {
            ladder.source("640x360");
            made(ladder, 2, 3);
            assertThat(ladder.rung(1).status()).isEqualTo("left_out");
            assertThat(ladder.rung(1).reason())
                    .isEqualTo("1280x720 is larger than the source, which is 640x360");
            assertThat(ladder.rung(1).pid()).isZero();
            assertThat(ladder.get("track_1/index.m3u8").statusCode()).isEqualTo(404);
            assertThat(ladder.get("track_1/index.m3u8").body()).contains("larger than the source");
            assertThat(ladder.get("track_2/index.m3u8").body()).contains("#EXTINF");
            bestHas(ladder, "640,360");

            ladder.source("1280x720");
            made(ladder, 1, 2, 3);
            assertThat(ladder.rung(1).reason()).isEmpty();
            bestHas(ladder, "1280,720");

            ladder.source("160x90");
            made(ladder, 3);
            await().atMost(START)
                    .untilAsserted(
                            () ->
                                    assertThat(ladder.get("index.m3u8").body())
                                            .contains("RESOLUTION=160x90"));
            assertThat(ladder.get("track_2/index.m3u8").statusCode()).isEqualTo(404);
            bestHas(ladder, "160,90");
        }
    }

    /** These and no other rungs run, and the documents name these and no others. */
    private static void made(LiveLadder ladder, int... tracks) throws Exception {
        await().atMost(START)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () -> {
                            String master = ladder.get("index.m3u8").body();
                            String mpd = ladder.get("index.mpd").body();
                            for (int track = 1; track <= RUNGS.length; track++) {
                                int number = track;
                                boolean made = IntStream.of(tracks).anyMatch(t -> t == number);
                                assertThat(ladder.rung(track).status())
                                        .isEqualTo(made ? "active" : "left_out");
                                assertThat(master.contains("track_" + track + "/"))
                                        .as("track %d in %s", track, master)
                                        .isEqualTo(made);
                                assertThat(newestPeriod(mpd).contains("id=\"track_" + track + "-v"))
                                        .as("track %d in %s", track, mpd)
                                        .isEqualTo(made);
                            }
                        });
    }

    private static String newestPeriod(String mpd) {
        return mpd.substring(Math.max(0, mpd.lastIndexOf("<Period")));
    }

    private void bestHas(LiveLadder ladder, String size) throws Exception {
        Path file = folder.resolve("best.ts");
        await().atMost(START)
                .untilAsserted(
                        () -> {
                            Files.deleteIfExists(file);
                            Tools.runFfmpeg(
                                    "-i",
                                    ladder.url("mpegts"),
                                    "-t",
                                    "1",
                                    "-c",
                                    "copy",
                                    file.toString());
                            assertThat(Tools.pictureSize(file)).startsWith(size);
                        });
    }
}
