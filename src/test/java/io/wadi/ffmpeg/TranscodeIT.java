package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Real ladders, of a test picture with noise in it so that there is something to encode. */
class TranscodeIT {
    private static final String SOURCE =
            "ffmpeg:testsrc2?size=1280x720&rate=25&videoBitrate=3000k&gop=2";

    private static final String[] RUNGS = {
        "{\"width\":640,\"height\":360,\"bitrate\":700,\"preset\":\"ultrafast\"}",
        "{\"width\":426,\"height\":240,\"bitrate\":350,\"preset\":\"ultrafast\"}",
        "{\"width\":256,\"height\":144,\"bitrate\":150,\"preset\":\"ultrafast\"}"
    };

    private static final int[][] SIZES = {{640, 360}, {426, 240}, {256, 144}};
    private static final int[] KBPS = {700, 350, 150};
    private static final int AUDIO_KBPS = 64;

    @TempDir private Path folder;

    private record Packet(double pts, boolean key) {}

    @Test
    @RequiresTool({"ffmpeg", "ffprobe"})
    void oneProcessWithTheInstalledFfmpeg() throws Exception {
        makesALadder("ffmpeg", multi());
    }

    @Test
    @RequiresTool("ffprobe")
    void oneProcessWithTheProgramInTheJar() throws Exception {
        Path program = new FfmpegBinary("", folder.resolve("bin"), "").find();
        makesALadder(program.toString(), multi());
    }

    @Test
    @RequiresTool({"ffmpeg", "ffprobe"})
    void aProcessARung() throws Exception {
        makesALadder("ffmpeg", separate());
    }

    private static List<String> multi() {
        return List.of(ladder(1, RUNGS));
    }

    private static List<String> separate() {
        return List.of(ladder(1, RUNGS[0]), ladder(2, RUNGS[1]), ladder(3, RUNGS[2]));
    }

    private static String ladder(int firstTrack, String... rungs) {
        return "{\"first_track\":"
                + firstTrack
                + ",\"video\":{\"profiles\":["
                + String.join(",", rungs)
                + "]},\"audio\":{\"bitrate\":"
                + AUDIO_KBPS
                + "}}";
    }

    private void makesALadder(String program, List<String> ladders) throws Exception {
        try (DefaultCamelContext context = contextWith(program, ladders)) {
            context.start();
            List<Path> files = captureAll(context, Duration.ofSeconds(11));
            assertThat(Transcoders.of(context).of("test"))
                    .hasSize(3)
                    .allSatisfy(rung -> assertThat(rung.status()).isEqualTo("active"))
                    .allSatisfy(rung -> assertThat(rung.restarts()).isZero())
                    .allSatisfy(rung -> assertThat(rung.lostUnits()).isZero());
            check(files);
        }
        await("no child is left").until(() -> children().isEmpty());
    }

    private void check(List<Path> files) throws Exception {
        List<List<Packet>> pictures = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            assertThat(Tools.pictureSize(file)).isEqualTo(SIZES[i][0] + "," + SIZES[i][1]);
            List<Packet> video = packets(file);
            pictures.add(video);
            double seconds = video.getLast().pts() - video.getFirst().pts();
            double kbps = videoBytes(file) * 8 / seconds / 1000;
            assertThat(kbps)
                    .as("video of track %d", i + 1)
                    .isBetween(KBPS[i] * 0.85, KBPS[i] * 1.15);
            noPictureIsMissing(video);
        }
        keyFramesAreAligned(pictures);
    }

    private static void noPictureIsMissing(List<Packet> video) {
        TreeSet<Double> times = new TreeSet<>();
        video.forEach(packet -> times.add(packet.pts()));
        double last = times.first() - 0.04;
        for (double time : times) {
            assertThat(time - last).isBetween(0.039, 0.041);
            last = time;
        }
    }

    /** But for the first of each, which is where its process started. */
    private static void keyFramesAreAligned(List<List<Packet>> pictures) {
        double from = 0;
        double to = Double.MAX_VALUE;
        for (List<Packet> rung : pictures) {
            from = Math.max(from, rung.getFirst().pts());
            to = Math.min(to, rung.getLast().pts());
        }
        List<List<Double>> keys = new ArrayList<>();
        for (List<Packet> rung : pictures) {
            double begin = from + 0.001;
            double end = to;
            keys.add(
                    rung.stream()
                            .filter(packet -> packet.key() && packet.pts() > begin)
                            .map(Packet::pts)
                            .filter(pts -> pts < end)
                            .toList());
        }
        assertThat(keys.getFirst()).hasSizeGreaterThanOrEqualTo(4);
        assertThat(keys.get(1)).isEqualTo(keys.getFirst());
        assertThat(keys.get(2)).isEqualTo(keys.getFirst());
    }

    private DefaultCamelContext contextWith(String program, List<String> ladders) throws Exception {
        FfmpegComponent component = new FfmpegComponent();
        component.setFfmpegPath(program);
        component.setRunDir(folder.resolve("run").toString());
        DefaultCamelContext context = new DefaultCamelContext();
        context.addComponent("ffmpeg", component);
        for (String ladder : ladders) {
            String encoded =
                    Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(ladder.getBytes(StandardCharsets.UTF_8));
            context.addRoutes(
                    new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("ring:test").to("ffmpeg:test?ladder=" + encoded);
                        }
                    });
        }
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(SOURCE).routeId("source").to("ring:test");
                    }
                });
        return context;
    }

    private List<Path> captureAll(DefaultCamelContext context, Duration time) {
        List<Capture> captures = new ArrayList<>();
        for (int i = 1; i <= RUNGS.length; i++) {
            Capture capture =
                    new Capture(folder.resolve("track_" + i + ".ts"), time.toMillis() * 90);
            captures.add(capture);
            Rings.of(context).find("test/track_" + i).orElseThrow().ring().addSink(capture);
        }
        await().atMost(Duration.ofSeconds(90))
                .until(() -> captures.stream().allMatch(capture -> capture.done));
        return captures.stream().map(capture -> capture.file).toList();
    }

    /** Writes a rendition to a file, from its first random access point on. */
    static final class Capture implements UnitSink {
        private final Path file;
        private final long ticks;
        private final OutputStream out;
        private long first = Unit.NO_TIME;
        volatile boolean done;

        Capture(Path file, long ticks) {
            this.file = file;
            this.ticks = ticks;
            try {
                this.out = Files.newOutputStream(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onUnit(Unit unit) {
            if (done) {
                return;
            }
            ByteBuf bytes = unit.retainedSlice();
            try {
                if (unit.dts() != Unit.NO_TIME && unit.isVideo()) {
                    first = first == Unit.NO_TIME ? unit.dts() : first;
                    if (unit.dts() - first >= ticks) {
                        out.close();
                        done = true;
                        return;
                    }
                }
                bytes.readBytes(out, bytes.readableBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                bytes.release();
            }
        }
    }

    private List<Packet> packets(Path file) throws Exception {
        return probe(file, "-select_streams", "v", "-show_entries", "packet=pts_time,flags")
                .stream()
                .map(line -> line.split(",", -1))
                .map(part -> new Packet(Double.parseDouble(part[0]), part[1].startsWith("K")))
                .toList();
    }

    private long videoBytes(Path file) throws Exception {
        return probe(file, "-select_streams", "v", "-show_entries", "packet=size").stream()
                .mapToLong(line -> Long.parseLong(line.replace(",", "")))
                .sum();
    }

    private List<String> probe(Path file, String... what) throws Exception {
        List<String> command = new ArrayList<>(List.of("ffprobe", "-v", "error"));
        command.addAll(List.of(what));
        command.addAll(List.of("-of", "csv=p=0", file.toString()));
        Path out = folder.resolve("probe.txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Files.readAllLines(out).stream().filter(line -> !line.isBlank()).toList();
    }

    static List<ProcessHandle> children() {
        return ProcessHandle.current()
                .children()
                .filter(ProcessHandle::isAlive)
                .filter(child -> child.info().command().orElse("").contains("ffmpeg"))
                .toList();
    }
}
