package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.Rings;
import io.wadi.testing.EnhancedFfmpeg;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A ladder of H.264, AV1 and VP9, as players get it. */
class NewCodecsIT {
    private static final Duration START = Duration.ofSeconds(40);
    private static final String[] CODECS = {"h264", "av1", "vp9"};
    private static final int SEGMENTS = 3;
    private static final int RATE = 25;

    /** What pictures are compared at: the test picture's parts move further than that. */
    private static final int WIDTH = 64;

    private static final int HEIGHT = 36;

    private static final String[] RUNGS = {
        "{\"width\":640,\"height\":360,\"bitrate\":700,%s}",
        "{\"width\":640,\"height\":360,\"bitrate\":600,\"codec\":\"av1\",%s}",
        "{\"width\":320,\"height\":180,\"bitrate\":300,\"codec\":\"vp9\",%s}"
    };

    private static final String COMMON = "\"preset\":\"ultrafast\",\"keyframe_interval\":1";

    @TempDir Path folder;
    private String av1Encoder = "libaom-av1";

    private record Packet(double pts, boolean key) {}

    private record Picture(double pts, ByteBuffer luma) {}

    @Test
    @RequiresTool({"ffmpeg", "ffprobe"})
    void oneProcess() throws Exception {
        makes("ffmpeg", List.of(ladder(1, RUNGS)));
    }

    @Test
    @Tag("slow")
    @RequiresTool({"ffmpeg", "ffprobe"})
    void aProcessARung() throws Exception {
        makes("ffmpeg", List.of(ladder(1, RUNGS[0]), ladder(2, RUNGS[1]), ladder(3, RUNGS[2])));
    }

    /** The rungs of AV1 are made by FFmpeg 7.1, whose SVT-AV1 can do it; the others are not. */
    @Test
    @Tag("slow")
    @RequiresTool({"ffmpeg", "ffprobe"})
    void svtAv1() throws Exception {
        Path both = folder.resolve("ffmpeg-both");
        String newer = String.join(" ", EnhancedFfmpeg.command());
        Files.writeString(
                both,
                """
                #!/bin/sh
                case "$*" in
                *-version*|*libsvtav1*) exec %s "$@" ;;
                *) exec ffmpeg "$@" ;;
                esac
                """
                        .formatted(newer));
        assertThat(both.toFile().setExecutable(true)).isTrue();
        av1Encoder = "libsvtav1";
        makes(
                both.toString(),
                List.of(ladder(1, RUNGS[0]), ladder(2, RUNGS[1]), ladder(3, RUNGS[2])));
    }

    @Test
    @Tag("slow")
    @RequiresTool("ffprobe")
    void oneProcessOfTheProgramInTheJar() throws Exception {
        Path program = new FfmpegBinary("", folder.resolve("bin"), "").find();
        makes(program.toString(), List.of(ladder(1, RUNGS)));
    }

    private static String ladder(int firstTrack, String... rungs) {
        return "{\"first_track\":%d,\"video\":{\"profiles\":[%s]},\"audio\":{\"bitrate\":64}}"
                .formatted(firstTrack, String.join(",", rungs).replace("%s", COMMON));
    }

    private void makes(String program, List<String> ladders) throws Exception {
        try (LiveLadder ladder =
                new LiveLadder(program, folder, "?segmentDuration=1s&container=fmp4", 3, ladders)) {
            ladder.source("640x360");
            await().atMost(START).until(() -> allListed(ladder));
            isOfferedAsItIs(ladder);
            List<List<Picture>> pictures = new ArrayList<>();
            List<List<Packet>> packets = new ArrayList<>();
            for (int track = 1; track <= 3; track++) {
                Path file = download(ladder, track);
                packets.add(packets(file));
                pictures.add(pictures(file));
                isWhatWasAskedFor(file, track);
            }
            keyPicturesAreAtEqualTimes(packets);
            for (int track = 2; track <= 3; track++) {
                isTheSamePictureAtTheSameTime(pictures.getFirst(), pictures.get(track - 1));
            }
            assertThat(ladder.rung(2).encoder()).isEqualTo(av1Encoder);
            for (int track = 1; track <= 3; track++) {
                assertThat(ladder.rung(track).status()).isEqualTo("active");
                assertThat(ladder.rung(track).restarts()).isZero();
            }
        }
    }

    private static boolean allListed(LiveLadder ladder) throws Exception {
        for (int track = 1; track <= 3; track++) {
            if (segments(ladder, track).size() < SEGMENTS) {
                return false;
            }
        }
        return true;
    }

    private static List<String> segments(LiveLadder ladder, int track) throws Exception {
        return ladder.get("track_" + track + "/video.m3u8")
                .body()
                .lines()
                .filter(line -> line.endsWith(".m4s"))
                .toList();
    }

    private Path download(LiveLadder ladder, int track) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String path = "track_" + track + "/";
        bytes.writeBytes(ladder.bytes(path + "init_v.mp4"));
        for (String segment : segments(ladder, track).subList(0, SEGMENTS)) {
            bytes.writeBytes(ladder.bytes(path + segment));
        }
        Path file = folder.resolve("track_" + track + ".mp4");
        Files.write(file, bytes.toByteArray());
        return file;
    }

    /** What was said of a rung before it ran is what is measured in it now. */
    private static void isOfferedAsItIs(LiveLadder ladder) throws Exception {
        String master = ladder.get("master.m3u8").body();
        String mpd = ladder.get("index.mpd").body();
        for (int track = 1; track <= 3; track++) {
            String offered =
                    Rings.of(ladder.context)
                            .find("demo/track_" + track)
                            .flatMap(entry -> entry.offer())
                            .orElseThrow()
                            .codecs()
                            .getFirst();
            assertThat(master).contains(offered);
            assertThat(mpd).contains("codecs=\"" + offered + "\"");
        }
    }

    private static void isWhatWasAskedFor(Path file, int track) throws Exception {
        String size = track == 3 ? "320,180" : "640,360";
        assertThat(
                        Tools.probe(
                                file,
                                "-select_streams",
                                "v",
                                "-show_entries",
                                "stream=codec_name,width,height,pix_fmt"))
                .first()
                .isEqualTo(CODECS[track - 1] + "," + size + ",yuv420p");
        assertThat(Tools.decode(file)).isEmpty();
    }

    private static List<Packet> packets(Path file) throws Exception {
        return Tools.probe(file, "-select_streams", "v", "-show_entries", "packet=pts_time,flags")
                .stream()
                .map(line -> line.split(",", -1))
                .map(part -> new Packet(Double.parseDouble(part[0]), part[1].startsWith("K")))
                .toList();
    }

    private static void keyPicturesAreAtEqualTimes(List<List<Packet>> rungs) {
        List<List<Double>> keys = new ArrayList<>();
        for (List<Packet> rung : rungs) {
            double last = rung.getFirst().pts() - 1.0 / RATE;
            for (Packet packet : rung.stream().sorted(BY_TIME).toList()) {
                assertThat(packet.pts() - last).as("no picture is missing").isBetween(0.039, 0.041);
                last = packet.pts();
            }
            keys.add(rung.stream().filter(Packet::key).map(Packet::pts).toList());
        }
        // The windows of the playlists may be off by a segment.
        double from = keys.stream().mapToDouble(List::getFirst).max().orElseThrow();
        double to = keys.stream().mapToDouble(List::getLast).min().orElseThrow();
        List<List<Double>> shared =
                keys.stream()
                        .map(times -> times.stream().filter(t -> t >= from && t <= to).toList())
                        .toList();
        assertThat(shared.getFirst()).hasSizeGreaterThanOrEqualTo(SEGMENTS - 1);
        assertThat(shared.get(1)).isEqualTo(shared.getFirst());
        assertThat(shared.get(2)).isEqualTo(shared.getFirst());
    }

    private static final Comparator<Packet> BY_TIME = Comparator.comparingDouble(Packet::pts);

    /** Small grey pictures with their times. */
    private List<Picture> pictures(Path file) throws Exception {
        Path raw = folder.resolve("luma.raw");
        Tools.make(
                raw,
                "-copyts",
                "-i",
                file.toString(),
                "-vf",
                "scale=" + WIDTH + ":" + HEIGHT + ":flags=area,format=gray",
                "-fps_mode",
                "passthrough",
                "-f",
                "rawvideo");
        List<Double> times =
                Tools.probe(
                                file,
                                "-select_streams",
                                "v",
                                "-show_entries",
                                "frame=best_effort_timestamp_time")
                        .stream()
                        .map(line -> Double.parseDouble(line.split(",", -1)[0]))
                        .toList();
        byte[] bytes = Files.readAllBytes(raw);
        assertThat(bytes).hasSize(times.size() * WIDTH * HEIGHT);
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            int size = WIDTH * HEIGHT;
            pictures.add(new Picture(times.get(i), ByteBuffer.wrap(bytes, i * size, size).slice()));
        }
        return pictures;
    }

    /** Each picture is more like the one of its time than like those around it. */
    private static void isTheSamePictureAtTheSameTime(List<Picture> one, List<Picture> other) {
        TreeMap<Long, Picture> byTime = new TreeMap<>();
        one.forEach(picture -> byTime.put(Math.round(picture.pts() * RATE), picture));
        int compared = 0;
        for (Picture picture : other) {
            long at = Math.round(picture.pts() * RATE);
            Optional<Picture> same = Optional.ofNullable(byTime.get(at));
            Picture before = byTime.get(at - 1);
            Picture after = byTime.get(at + 1);
            if (same.isEmpty() || before == null || after == null) {
                continue;
            }
            assertThat(picture.pts()).isEqualTo(same.get().pts());
            long difference = difference(picture, same.get());
            assertThat(difference)
                    .as("at %s", picture.pts())
                    .isLessThan(difference(picture, before));
            assertThat(difference)
                    .as("at %s", picture.pts())
                    .isLessThan(difference(picture, after));
            compared++;
        }
        assertThat(compared).isGreaterThan(RATE);
    }

    private static long difference(Picture a, Picture b) {
        long sum = 0;
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            sum += Math.abs((a.luma().get(i) & 0xFF) - (b.luma().get(i) & 0xFF));
        }
        return sum;
    }
}
