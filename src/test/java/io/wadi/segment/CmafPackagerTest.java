package io.wadi.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.buffer.ByteBuf;
import io.wadi.fmp4.Fragment;
import io.wadi.fmp4.FragmentReader;
import io.wadi.fmp4.InitReader;
import io.wadi.ring.Unit;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

@RequiresTool({"ffmpeg", "ffprobe"})
class CmafPackagerTest {
    /** 2025-11-13T02:13:20Z in 90 kHz ticks since 1970: where a stream's timeline may start. */
    private static final long START = 1_763_000_000L * Segment.TICKS_PER_SECOND;

    @TempDir private Path folder;

    private CmafPackager packager = packager(2);

    private static CmafPackager packager(int seconds) {
        return new CmafPackager(
                "demo", new CmafOptions(Duration.ofSeconds(seconds), 100, 0, Optional.empty()));
    }

    @AfterEach
    void close() {
        packager.retire();
        packager.letGo();
    }

    private byte[] stream(String name, String... arguments) throws Exception {
        Path file = folder.resolve(name);
        Tools.make(file, arguments);
        return Files.readAllBytes(file);
    }

    private byte[] stream(int seconds, String... encoding) throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-f",
                                "lavfi",
                                "-i",
                                "testsrc2=s=320x180:r=25",
                                "-f",
                                "lavfi",
                                "-i",
                                "sine=440:r=48000",
                                "-t",
                                Integer.toString(seconds)));
        arguments.addAll(List.of(encoding));
        arguments.addAll(List.of("-f", "mpegts"));
        return stream("in.ts", arguments.toArray(String[]::new));
    }

    private byte[] h264(int seconds) throws Exception {
        return stream(
                seconds,
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-g",
                "50",
                "-bf",
                "3",
                "-c:a",
                "aac");
    }

    private void feed(byte[] stream) {
        try (TsFeeder feeder = new TsFeeder(packager, START)) {
            feeder.push(stream);
        }
    }

    private CmafTrack track(String name) {
        return packager.tracks().stream()
                .filter(t -> t.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no track " + name));
    }

    /** The init segment and all segments of one epoch, as a player would append them. */
    private Path file(CmafTrack track, CmafEpoch epoch) throws Exception {
        Path file = folder.resolve(track.name() + epoch.firstNumber() + ".mp4");
        try (OutputStream out = Files.newOutputStream(file)) {
            ByteBuf init = track.state().init(epoch.initVersion()).orElseThrow().bytes();
            init.getBytes(init.readerIndex(), out, init.readableBytes());
            for (Segment segment : track.segments().snapshot().held()) {
                if (track.state().epochOf(segment.number()).orElseThrow().equals(epoch)) {
                    ByteBuf bytes = segment.bytes();
                    bytes.getBytes(bytes.readerIndex(), out, bytes.readableBytes());
                }
            }
        }
        return file;
    }

    private Path file(CmafTrack track) throws Exception {
        return file(track, track.state().epochs().getFirst());
    }

    @Test
    void goesOnWithHigherNumbersAfterItForgot() throws Exception {
        byte[] stream = h264(5);
        feed(stream);
        long last = track("v").segments().snapshot().held().getLast().number();
        packager.forget();
        packager.forget();
        assertThat(packager.tracks()).isEmpty();
        try (TsFeeder feeder = new TsFeeder(packager, START + 60 * 90_000)) {
            feeder.restart(Unit.DISCONTINUITY);
            feeder.push(stream);
        }
        packager.endOfStream();
        CmafTrack video = track("v");
        List<Segment> held = video.segments().snapshot().held();
        assertThat(held.getFirst().number()).isEqualTo(last + 1);
        assertThat(held.getFirst().discontinuity()).isTrue();
        // The same format: who was promised the first init segment gets it.
        assertThat(video.state().epochs()).hasSize(1);
        assertThat(video.state().epochs().getFirst().initVersion()).isEqualTo(1);
        assertThat(Tools.decode(file(video))).isEmpty();
        long ticks = held.get(1).startTicks();
        assertThat(CmafFiles.isSettled(packager.tracks(), "seg_v_t" + ticks + ".m4s")).isTrue();
        CmafFiles.File timed =
                CmafFiles.find(packager.tracks(), "seg_v_t" + (ticks + 3600) + ".m4s")
                        .orElseThrow();
        assertThat(timed.bytes().readableBytes()).isEqualTo(held.get(1).bytes().readableBytes());
        timed.bytes().release();
        assertThat(CmafFiles.find(packager.tracks(), "seg_v_t1.m4s")).isEmpty();
        assertThat(CmafFiles.isSettled(packager.tracks(), "seg_v_t1.m4s")).isTrue();
    }

    @Test
    void cutsVideoAtKeyPicturesAndAudioWithIt() throws Exception {
        feed(h264(9));
        packager.endOfStream();
        List<Segment> video = track("v").segments().snapshot().held();
        List<Segment> audio = track("a").segments().snapshot().held();
        assertThat(video).hasSize(5);
        assertThat(video.subList(0, 4)).allMatch(s -> s.durationTicks() == 180_000);
        assertThat(audio).hasSize(5);
        for (int i = 1; i < video.size(); i++) {
            assertThat(video.get(i).startTicks()).isEqualTo(video.get(i - 1).endTicks());
            assertThat(audio.get(i).startTicks()).isEqualTo(audio.get(i - 1).endTicks());
            // On the first frame that starts at or after the cut.
            assertThat(audio.get(i).startTicks() - video.get(i).startTicks()).isBetween(0L, 1920L);
            assertThat(video.get(i).number()).isEqualTo(i);
        }
        assertThat(video).noneMatch(Segment::discontinuity);
        assertThat(video.getFirst().wallClock().getEpochSecond())
                .isBetween(1763000000L, 1763000003L);
        assertThat(packager.droppedSamples()).isZero();
    }

    @Test
    void ffmpegDecodesWhatWasSent() throws Exception {
        byte[] sent = h264(6);
        feed(sent);
        packager.endOfStream();
        Path video = file(track("v"));
        Path audio = file(track("a"));
        assertThat(Tools.decode(video)).isEmpty();
        assertThat(Tools.decode(audio)).isEmpty();
        assertThat(frames(video)).isEqualTo(150);
        List<Double> in = times(folder.resolve("in.ts"), "v");
        List<Double> out = times(video, "v");
        assertThat(out).hasSameSizeAs(in);
        for (int i = 0; i < in.size(); i++) {
            assertThat(out.get(i) - out.getFirst())
                    .isCloseTo(in.get(i) - in.getFirst(), within(0.0005));
        }
        double apartIn = times(folder.resolve("in.ts"), "a").getLast() - in.getLast();
        double apartOut = times(audio, "a").getLast() - out.getLast();
        assertThat(apartOut - apartIn).as("A/V offset").isCloseTo(0, within(0.005));
    }

    private static long scale(long ticks, int timescale) {
        return BigInteger.valueOf(ticks)
                .multiply(BigInteger.valueOf(timescale))
                .add(BigInteger.valueOf(45_000))
                .divide(BigInteger.valueOf(90_000))
                .longValueExact();
    }

    private static int frames(Path file) throws Exception {
        return Integer.parseInt(
                Tools.probe(file, "-count_frames", "-show_entries", "stream=nb_read_frames")
                        .getFirst());
    }

    private static List<Double> times(Path file, String kind) throws Exception {
        return Tools.probe(file, "-select_streams", kind, "-show_entries", "packet=pts_time")
                .stream()
                .map(line -> Double.valueOf(line.split(",", -1)[0]))
                .sorted()
                .toList();
    }

    @Test
    void fragmentsFollowEachOtherAndStartWhenTheyAreShown() throws Exception {
        feed(h264(6));
        packager.endOfStream();
        for (String name : List.of("v", "a")) {
            CmafTrack track = track(name);
            var tracks = InitReader.read(track.state().currentInit().orElseThrow().bytes());
            int timescale = tracks.getFirst().timescale();
            long next = -1;
            for (Segment segment : track.segments().snapshot().held()) {
                List<Fragment> fragments = FragmentReader.read(segment.bytes(), tracks);
                assertThat(fragments).hasSize(1);
                Fragment fragment = fragments.getFirst();
                if (next >= 0) {
                    assertThat(fragment.baseDecodeTime()).isEqualTo(next);
                }
                next = fragment.endTime();
                assertThat(fragment.samples().getFirst().sync()).isTrue();
                long shown =
                        fragment.samples().stream()
                                .mapToLong(Fragment.Sample::presentationTime)
                                .min()
                                .getAsLong();
                assertThat(shown).isEqualTo(fragment.samples().getFirst().presentationTime());
                assertThat(scale(segment.startTicks(), timescale)).isEqualTo(shown);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "libx265, libmp3lame",
        "libx265, ac3",
        "libx264, eac3",
        "libx264, libopus",
        "libx264, mp2"
    })
    void packagesEveryCodecOfTs(String video, String audio) throws Exception {
        byte[] stream =
                stream(
                        4,
                        "-c:v",
                        video,
                        "-preset",
                        "ultrafast",
                        "-g",
                        "25",
                        "-c:a",
                        audio,
                        "-ar",
                        "48000",
                        "-b:a",
                        "128k");
        feed(stream);
        packager.endOfStream();
        double first = times(folder.resolve("in.ts"), "v").getFirst();
        for (String name : List.of("v", "a")) {
            Path file = file(track(name));
            assertThat(Tools.decode(file)).as(name).isEmpty();
            // What comes before the first picture is left out.
            long sent =
                    times(folder.resolve("in.ts"), name).stream()
                            .filter(time -> time >= first)
                            .count();
            assertThat(times(file, name)).as(name).hasSize((int) sent);
        }
    }

    @Test
    void startsAnEpochAtADiscontinuity() throws Exception {
        byte[] stream = h264(5);
        try (TsFeeder feeder = new TsFeeder(packager, START)) {
            feeder.push(stream);
            feeder.restart(Unit.DISCONTINUITY);
            try (TsFeeder later = new TsFeeder(packager, START + 8 * 90_000)) {
                later.restart(Unit.DISCONTINUITY);
                later.push(stream);
            }
        }
        packager.endOfStream();
        for (String name : List.of("v", "a")) {
            CmafTrack track = track(name);
            List<CmafEpoch> epochs = track.state().epochs();
            assertThat(epochs).hasSize(2);
            assertThat(epochs).extracting(CmafEpoch::initVersion).containsExactly(1, 1);
            assertThat(epochs.get(1).startTicks() - epochs.get(0).startTicks())
                    .isEqualTo(8 * 90_000);
            assertThat(track.segments().snapshot().held().stream().filter(Segment::discontinuity))
                    .extracting(Segment::number)
                    .containsExactly(epochs.get(1).firstNumber());
            assertThat(Tools.decode(file(track, epochs.get(0)))).isEmpty();
            assertThat(Tools.decode(file(track, epochs.get(1)))).isEmpty();
        }
        assertThat(frames(file(track("v"), track("v").state().epochs().get(0)))).isEqualTo(125);
        assertThat(frames(file(track("v"), track("v").state().epochs().get(1)))).isEqualTo(125);
    }

    @Test
    void makesANewInitSegmentForANewFormat() throws Exception {
        byte[] small = h264(4);
        byte[] large =
                stream(
                        "large.ts",
                        "-f",
                        "lavfi",
                        "-i",
                        "testsrc2=s=640x360:r=25",
                        "-f",
                        "lavfi",
                        "-i",
                        "sine=440:r=48000",
                        "-t",
                        "4",
                        "-c:v",
                        "libx264",
                        "-preset",
                        "veryfast",
                        "-g",
                        "50",
                        "-c:a",
                        "aac",
                        "-f",
                        "mpegts");
        try (TsFeeder feeder = new TsFeeder(packager, START);
                TsFeeder later = new TsFeeder(packager, START + 6 * 90_000)) {
            feeder.push(small);
            later.restart(Unit.DISCONTINUITY);
            later.push(large);
        }
        packager.endOfStream();
        assertThat(track("v").state().epochs())
                .extracting(CmafEpoch::initVersion)
                .containsExactly(1, 2);
        assertThat(track("a").state().epochs())
                .extracting(CmafEpoch::initVersion)
                .containsExactly(1, 1);
        assertThat(Tools.decode(file(track("v"), track("v").state().epochs().get(1)))).isEmpty();
        Optional<CmafFiles.File> second = CmafFiles.find(packager.tracks(), "init_v_2.mp4");
        assertThat(second).isPresent();
        second.orElseThrow().bytes().release();
    }

    @Test
    void ignoresUnitsThatItHasSeen() throws Exception {
        byte[] stream = h264(5);
        try (TsFeeder feeder =
                new TsFeeder(
                        unit -> {
                            packager.onUnit(unit);
                            packager.onUnit(unit);
                        },
                        START)) {
            feeder.push(stream);
        }
        packager.endOfStream();
        assertThat(frames(file(track("v")))).isEqualTo(125);
    }

    @Test
    void packagesAudioAlone() throws Exception {
        byte[] stream =
                stream(
                        "in.ts",
                        "-f",
                        "lavfi",
                        "-i",
                        "sine=440:r=44100",
                        "-t",
                        "9",
                        "-c:a",
                        "aac",
                        "-f",
                        "mpegts");
        feed(stream);
        packager.endOfStream();
        assertThat(packager.tracks()).extracting(CmafTrack::name).containsExactly("a");
        assertThat(track("a").segments().snapshot().held()).hasSizeBetween(4, 6);
        assertThat(Tools.decode(file(track("a")))).isEmpty();
    }

    @Test
    void countsOnOverARestart() throws Exception {
        byte[] stream = h264(5);
        CmafOptions options =
                new CmafOptions(Duration.ofSeconds(2), 10, 0, Optional.of(folder.resolve("state")));
        long last;
        try (TsFeeder feeder = new TsFeeder(unit -> packager.onUnit(unit), START)) {
            packager.retire();
            packager.letGo();
            packager = new CmafPackager("demo", options);
            feeder.push(stream);
            packager.endOfStream();
            last = track("v").segments().snapshot().held().getLast().number();
        }
        packager.retire();
        packager.letGo();
        packager = new CmafPackager("demo", options);
        feed(stream);
        Segment next = track("v").segments().snapshot().held().getFirst();
        assertThat(last).isEqualTo(2);
        assertThat(next.number()).isEqualTo(3);
        assertThat(next.discontinuity()).isTrue();
    }

    @Test
    void survivesGarbageAndCutStreams() throws Exception {
        byte[] stream = h264(5);
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 400; i++) {
            stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
        }
        feed(stream);
        packager.endOfStream();
        for (CmafTrack track : packager.tracks()) {
            for (Segment segment : track.segments().snapshot().held()) {
                assertThat(FragmentReader.read(segment.bytes(), List.of())).isNotEmpty();
            }
        }
    }
}
