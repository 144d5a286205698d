package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ring.Unit;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** FFmpeg publishes; ffprobe and ffmpeg judge the transport stream that comes out. */
@RequiresTool({"ffmpeg", "ffprobe"})
class FfmpegPublishIT {
    private static final int SECONDS = 4;
    private static final int PICTURES = SECONDS * 25;

    @TempDir Path folder;
    private RtmpFixture server;
    private Path ts;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
        ts = folder.resolve("out.ts");
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private static List<String> video(String... options) {
        List<String> all =
                new ArrayList<>(
                        List.of("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=" + SECONDS));
        all.addAll(List.of(options));
        return all;
    }

    private static List<String> audioAndVideo(String... options) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "-f",
                                "lavfi",
                                "-i",
                                "testsrc2=s=320x180:r=25:d=" + SECONDS,
                                "-f",
                                "lavfi",
                                "-i",
                                "sine=f=440:r=48000:d=" + SECONDS));
        all.addAll(List.of(options));
        return all;
    }

    private void publish(List<String> arguments, String path) throws Exception {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("-f", "flv", server.url(path)));
        Tools.runFfmpeg(all.toArray(String[]::new));
    }

    private int packets(String stream) throws Exception {
        return Integer.parseInt(
                Tools.probe(
                                ts,
                                "-select_streams",
                                stream,
                                "-count_packets",
                                "-show_entries",
                                "stream=nb_read_packets")
                        .getFirst()
                        .replace(",", ""));
    }

    private double startTime(String stream) throws Exception {
        return Double.parseDouble(
                Tools.probe(ts, "-select_streams", stream, "-show_entries", "stream=start_time")
                        .getFirst()
                        .replace(",", ""));
    }

    private List<String> codecs() throws Exception {
        return Tools.probe(ts, "-show_entries", "stream=codec_name").stream()
                .distinct()
                .map(line -> line.replace(",", ""))
                .toList();
    }

    @Test
    void takesH264AndAac() throws Exception {
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        publish(
                audioAndVideo(
                        "-c:v",
                        "libx264",
                        "-preset",
                        "ultrafast",
                        "-bf",
                        "0",
                        "-g",
                        "25",
                        "-c:a",
                        "aac"),
                "live/demo");
        assertThat(codecs()).containsExactlyInAnyOrder("h264", "aac");
        assertThat(packets("v")).isEqualTo(PICTURES);
        assertThat(Tools.decode(ts)).isEmpty();
        assertThat(Math.abs(startTime("v") - startTime("a"))).isLessThanOrEqualTo(0.040);
        assertThat(units.getFirst().is(Unit.NEW_SOURCE)).isTrue();
        assertThat(units.stream().filter(u -> u.is(Unit.NEW_SOURCE))).hasSize(1);
        assertThat(units).allMatch(unit -> unit.is(Unit.ACCESS_UNIT));
        assertThat(units.stream().filter(RtmpFixture.Seen::isVideo)).hasSize(PICTURES);
        assertThat(units.stream().filter(u -> u.is(Unit.RANDOM_ACCESS)))
                .hasSize(SECONDS)
                .allMatch(RtmpFixture.Seen::isVideo);
    }

    @Test
    void takesBFrames() throws Exception {
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        publish(
                audioAndVideo(
                        "-c:v", "libx264", "-preset", "medium", "-bf", "3", "-g", "50", "-c:a",
                        "aac"),
                "live/demo");
        assertThat(packets("v")).isEqualTo(PICTURES);
        assertThat(Tools.decode(ts)).isEmpty();
        assertThat(units).anyMatch(unit -> unit.pts() > unit.dts());
        assertThat(units).allMatch(unit -> unit.pts() >= unit.dts());
        assertThat(Math.abs(startTime("v") - startTime("a"))).isLessThanOrEqualTo(0.040);
    }

    @Test
    void takesVideoOnly() throws Exception {
        server.route("demo", "live/demo", ts);
        publish(video("-c:v", "libx264", "-preset", "ultrafast", "-g", "25"), "live/demo");
        assertThat(codecs()).containsExactly("h264");
        assertThat(packets("v")).isEqualTo(PICTURES);
        assertThat(Tools.decode(ts)).isEmpty();
    }

    @Test
    void takesAudioOnly() throws Exception {
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        publish(
                List.of("-f", "lavfi", "-i", "sine=r=44100:d=" + SECONDS, "-c:a", "aac"),
                "live/demo");
        assertThat(codecs()).containsExactly("aac");
        assertThat(Tools.decode(ts)).isEmpty();
        assertThat(units).noneMatch(RtmpFixture.Seen::isVideo);
        assertThat(units.getFirst().is(Unit.RANDOM_ACCESS)).isTrue();
        assertThat(packets("a")).isEqualTo(units.size());
    }

    @Test
    void takesMp3() throws Exception {
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        publish(
                List.of("-f", "lavfi", "-i", "sine=r=44100:d=" + SECONDS, "-c:a", "libmp3lame"),
                "live/demo");
        assertThat(codecs()).containsExactly("mp3");
        assertThat(Tools.decode(ts)).isEmpty();
        assertThat(packets("a")).isEqualTo(units.size());
    }
}
