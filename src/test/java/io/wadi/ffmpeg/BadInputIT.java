package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.Rings;
import io.wadi.segment.TsFeed;
import io.wadi.testing.FlashAndBeep;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Sources that change under the encoder or are not what one expects, each fed in real time: the
 * rung goes on, and is what was asked for. All of them at the same time.
 */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe"})
class BadInputIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SECONDS = 8;

    private static final String LADDER =
            """
            {"audio":{"bitrate":64},"video":{"profiles":[
              {"width":256,"height":144,"bitrate":200,"preset":"ultrafast","keyframe_interval":1}]}}
            """;

    private static final String PICTURE = "-f lavfi -i testsrc2=s=320x180:r=25";
    private static final String SOUND = " -f lavfi -i sine=r=48000 -c:a aac -ac 2";
    private static final String H264 = " -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p";

    @TempDir private Path folder;

    /** A stream with a rung, and what it is fed with. */
    private final class Case implements AutoCloseable {
        final LadderFixture fixture;
        final String stream;
        final byte[] source;
        final int partSeconds;
        final Recording recording;
        final TsFeed feed;

        Case(LadderFixture fixture, String stream, String... parts) throws Exception {
            this.fixture = fixture;
            this.stream = stream;
            partSeconds = SECONDS / parts.length;
            ByteArrayOutputStream joined = new ByteArrayOutputStream();
            for (int i = 0; i < parts.length; i++) {
                joined.write(part(parts[i], i * partSeconds));
            }
            source = joined.toByteArray();
            fixture.encode(stream, LADDER);
            recording = new Recording(folder.resolve(stream + ".ts"));
            feed = new TsFeed(Rings.of(fixture.camel).acquire(stream).input(0));
        }

        private byte[] part(String arguments, int offset) throws Exception {
            Path file = folder.resolve(stream + "-" + offset + "-source.ts");
            List<String> all = new ArrayList<>(List.of(arguments.split(" ", -1)));
            // Times from 10 s on: FFmpeg would move negative ones, and with them that part only.
            all.addAll(List.of("-t", "" + partSeconds, "-output_ts_offset", "" + (10 + offset)));
            all.addAll(List.of("-muxdelay", "0", "-f", "mpegts"));
            Tools.make(file, all.toArray(String[]::new));
            return Files.readAllBytes(file);
        }

        Transcoders.RungState rung() {
            return fixture.rung(stream, 1);
        }

        List<String> probe(String... what) throws Exception {
            return Tools.probe(recording.file, what);
        }

        /** The times of the pictures, in order. */
        List<Double> pictures() throws Exception {
            return List.copyOf(
                    new TreeSet<>(
                            probe("-select_streams", "v", "-show_entries", "packet=pts_time")
                                    .stream()
                                    .map(Double::valueOf)
                                    .toList()));
        }

        /** Everything is there, from the start until what the encoder still holds. */
        void hasAllPictures() throws Exception {
            hasAllPicturesBut(0);
        }

        void hasAllPicturesBut(int missing) throws Exception {
            works(SECONDS / 2.0 + 0.5);
            assertThat(rung().restarts()).as(stream).isZero();
            List<Double> times = pictures();
            int found = 0;
            for (int i = 1; i < times.size(); i++) {
                double step = times.get(i) - times.get(i - 1);
                assertThat(step).as(stream).isBetween(0.019, 0.081);
                found += step > 0.041 ? 1 : 0;
            }
            assertThat(found).as("pictures of %s that are missing", stream).isEqualTo(missing);
        }

        /** A new process took over, and goes on with the second part. */
        void hasChangedOver() throws Exception {
            works(partSeconds + 0.5);
            assertThat(rung().restarts()).as(stream).isPositive();
            assertThat(rung().problems())
                    .as(stream)
                    .anyMatch(problem -> problem.message().contains("other tracks"));
        }

        /** What the encoder holds does not come any more. */
        private void works(double length) throws Exception {
            await(stream).atMost(PATIENCE).until(() -> recording.seconds() > length);
            fixture.ring(stream, 1).removeSink(recording);
            assertThat(Tools.decode(recording.file)).as(stream).isEmpty();
            assertThat(Tools.pictureSize(recording.file)).as(stream).isEqualTo("256,144");
            assertThat(rung().status()).as(stream).isEqualTo("active");
        }

        @Override
        public void close() throws Exception {
            feed.close();
            recording.close();
            Rings.of(fixture.camel).release(stream);
        }
    }

    @Test
    void everySourceEndsInAWorkingLadder() throws Exception {
        try (LadderFixture fixture = new LadderFixture(folder, Tools.ffmpeg(), 0);
                Case size = new Case(fixture, "size", PICTURE + SOUND + H264, large());
                Case rate = new Case(fixture, "rate", PICTURE + SOUND + H264, fast());
                Case codec = new Case(fixture, "codec", PICTURE + SOUND + H264, hevc());
                Case mute = new Case(fixture, "mute", PICTURE + SOUND + H264, PICTURE + H264);
                Case silent = new Case(fixture, "silent", PICTURE + breaksOff() + H264);
                Case step = new Case(fixture, "step", flashAndStep());
                Case fields = new Case(fixture, "fields", PICTURE + SOUND + interlaced());
                Case deep = new Case(fixture, "deep", PICTURE + SOUND + tenBits());
                Case sound = new Case(fixture, "sound", SOUND.strip())) {
            play(fixture, List.of(size, rate, codec, mute, silent, step, fields, deep, sound));

            // FFmpeg's deinterlacer holds one, which goes with the old size's filters.
            size.hasAllPicturesBut(1);
            rate.hasAllPictures();
            codec.hasChangedOver();
            mute.hasChangedOver();
            silent.hasAllPictures();
            fields.hasAllPictures();
            deep.hasAllPictures();
            assertThat(rate.pictures()).hasSizeGreaterThan(200);
            assertThat(fields.probe("-show_entries", "frame=interlaced_frame"))
                    .isNotEmpty()
                    .noneMatch(line -> line.equals("1"));
            assertThat(deep.probe("-select_streams", "v", "-show_entries", "stream=pix_fmt"))
                    .first()
                    .isEqualTo("yuv420p");
            await().atMost(PATIENCE).until(() -> fixture.ring("sound", 1).stats().units() > 50);
            assertThat(sound.probe("-show_entries", "stream=codec_type")).contains("audio");
            assertThat(sound.probe("-show_entries", "stream=codec_type")).doesNotContain("video");
            assertThat(sound.rung().status()).isEqualTo("active");
            step.hasAllPictures();
            assertThat(FlashAndBeep.offsets(step.recording.file))
                    .as("seconds that beeps come after their flashes")
                    .hasSizeGreaterThan(2)
                    .allSatisfy(s -> assertThat(Math.abs(s)).isLessThan(0.04));
        }
    }

    private static void play(LadderFixture fixture, List<Case> cases) throws Exception {
        fixture.camel.start();
        // So that the encoders do not wait for that.
        fixture.camel.getComponent("ffmpeg", FfmpegComponent.class).probe();
        for (Case one : cases) {
            fixture.ring(one.stream, 1).addSink(one.recording);
        }
        List<Future<?>> feeds = new ArrayList<>();
        for (Case one : cases) {
            feeds.add(one.feed.pace(one.source, 0, Duration.ofSeconds(SECONDS)));
        }
        for (var feed : feeds) {
            feed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private static String large() {
        return PICTURE.replace("320x180", "480x270") + SOUND + H264;
    }

    private static String fast() {
        return PICTURE.replace("r=25", "r=50") + SOUND + H264.replace("-g 25", "-g 50");
    }

    private static String hevc() {
        return PICTURE
                + SOUND
                + " -c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params keyint=25:log-level=none";
    }

    /** The sound ends in the middle, and the PMT goes on to announce it. */
    private static String breaksOff() {
        return SOUND.replace("sine=r=48000", "sine=r=48000:d=4");
    }

    /** From five seconds on, the time of the sound is 64 ms further on. */
    private static String flashAndStep() {
        return "-f lavfi -i "
                + FlashAndBeep.picture("320x180")
                + " -f lavfi -i "
                + FlashAndBeep.soundWithStep(5, 0.064)
                + " -c:a aac"
                + H264;
    }

    private static String interlaced() {
        return H264 + " -flags +ildct+ilme -x264-params tff=1";
    }

    private static String tenBits() {
        return H264.replace("yuv420p", "yuv420p10le");
    }

    @Test
    void aProgramThatIsNotThereIsSaid() throws Exception {
        String missing = folder.resolve("no/ffmpeg").toString();
        assertThat(problemWith(missing, "restarting")).contains(missing);
    }

    @Test
    void aProgramThatIsNoFfmpegIsSaid() throws Exception {
        Path program = script("echo 'libx264.so.164: cannot open shared object' >&2; exit 127");
        assertThat(problemWith(program.toString(), "restarting"))
                .contains(program.toString())
                .contains("cannot open shared object");
    }

    /** It says what it can do, and dies when it is to do it. */
    @Test
    void aProgramThatDiesIsGivenUp() throws Exception {
        Path program =
                script(
                        "case \"$*\" in *-copyts*) echo 'Illegal instruction' >&2; exit 132;; esac",
                        "exec " + Tools.ffmpeg() + " \"$@\"");
        assertThat(problemWith(program.toString(), "failed"))
                .contains("given up after 1 restarts")
                .contains("Illegal instruction");
    }

    /** It starts once, and then neither takes its input nor sends anything. */
    @Test
    void aProgramThatHangsAtItsStartIsReplaced() throws Exception {
        Path program =
                script(
                        "case \"$*\" in *-copyts*)",
                        "if mkdir '" + folder.resolve("hung") + "' 2>/dev/null",
                        "then while :; do sleep 1; done; fi;; esac",
                        "exec " + Tools.ffmpeg() + " \"$@\"");
        try (LadderFixture fixture = new LadderFixture(folder, program.toString(), 1);
                Case one = new Case(fixture, "one", PICTURE + SOUND + H264)) {
            fixture.camel.start();
            one.feed.pace(one.source, 0, Duration.ofSeconds(SECONDS));
            await().atMost(PATIENCE).until(() -> fixture.ring("one", 1).stats().pictures() > 0);
            assertThat(one.rung().status()).isEqualTo("active");
            assertThat(one.rung().restarts()).isEqualTo(1);
            assertThat(one.rung().problems().getFirst().message())
                    .contains("FFmpeg hangs: it does nothing and has not taken up its input");
        }
    }

    private Path script(String... lines) throws Exception {
        Path file = folder.resolve("ffmpeg.sh");
        Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private String problemWith(String program, String status) throws Exception {
        try (LadderFixture fixture = new LadderFixture(folder, program, 1);
                Case one = new Case(fixture, "one", PICTURE + SOUND + H264)) {
            fixture.camel.start();
            one.feed.pace(one.source, 0, Duration.ofSeconds(SECONDS));
            await().atMost(PATIENCE).until(() -> one.rung().status().equals(status));
            return one.rung().problems().getLast().message();
        }
    }
}
