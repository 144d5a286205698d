package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** FFmpeg publishes, and plays what the server sends to players on the same port. */
@RequiresTool({"ffmpeg", "ffprobe"})
class FfmpegPlayIT {
    private static final int PICTURES = 75;

    @TempDir Path folder;
    private RtmpFixture server;
    private Process publisher;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
        server.relay();
        publisher = server.publish(folder.resolve("publisher.log"));
    }

    @AfterEach
    void stop() throws Exception {
        publisher.destroyForcibly().waitFor();
        server.close();
    }

    private double firstTime(Path file, String stream) throws Exception {
        return Double.parseDouble(
                Tools.probe(file, "-select_streams", stream, "-show_entries", "stream=start_time")
                        .getFirst()
                        .replace(",", ""));
    }

    @Test
    void playersGetEveryPictureFromAKeyFrameOnWithTimeFromZero() throws Exception {
        List<Process> players = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            players.add(
                    Tools.start(
                            folder.resolve("player" + i + ".log"),
                            ("ffmpeg -nostdin -v error -y -i "
                                            + server.url("live/demo")
                                            + " -map 0 -c copy -frames:v "
                                            + PICTURES
                                            + " "
                                            + folder.resolve(i + ".mkv"))
                                    .split(" ")));
        }
        for (Process player : players) {
            assertThat(Tools.exitCode(player)).isZero();
        }
        for (int i = 0; i < players.size(); i++) {
            Path file = folder.resolve(i + ".mkv");
            assertThat(Tools.decode(file)).isEmpty();
            List<String> keys =
                    Tools.probe(file, "-select_streams", "v", "-show_entries", "packet=flags");
            assertThat(keys).hasSize(PICTURES);
            assertThat(keys.getFirst()).startsWith("K");
            assertThat(firstTime(file, "v")).isBetween(0.0, 0.2);
            assertThat(Math.abs(firstTime(file, "v") - firstTime(file, "a")))
                    .as("B-frames delay the picture by two frames; the sound starts with it")
                    .isLessThanOrEqualTo(0.120);
        }
    }

    @Test
    void playerOfAnUnknownStreamIsToldSo() throws Exception {
        Path log = folder.resolve("unknown.log");
        Process player =
                Tools.start(
                        log,
                        ("ffmpeg -nostdin -v verbose -i "
                                        + server.url("live/nobody")
                                        + " -f null -")
                                .split(" "));
        assertThat(Tools.exitCode(player)).isNotZero();
        assertThat(log).content().contains("no stream is served under this app and name");
    }
}
