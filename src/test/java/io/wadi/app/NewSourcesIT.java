package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.testing.EnhancedFfmpeg;
import io.wadi.testing.FlashAndBeep;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;

/** What is published in AV1 and VP9 ends in a ladder, as what is published in H.264 does. */
@Tag("slow")
@RequiresTool({"ffmpeg", "ffprobe"})
class NewSourcesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long WRAP = 1L << 33;
    private static final int PICTURE = 3600;
    private static final int SECOND = 90_000;
    private static final int SECONDS = 7;

    /** EBU R 37, for sound that is early. */
    private static final double LIP_SYNC_SECONDS = 0.04;

    private static final String DOCUMENT =
            """
            {"inputs":[{"url":"publish://"}],"protocols":{"hls":true},
             "transcoder":{"mode":"MODE","audio":AUDIO,"video":{"profiles":[
               {"width":320,"height":180,"bitrate":300,"preset":"ultrafast","keyframe_interval":1},
               {"width":160,"height":90,"bitrate":100,"preset":"ultrafast","keyframe_interval":1}]}}}
            """;

    enum Source {
        H264("libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p"),
        AV1("libaom-av1 -usage realtime -cpu-used 8 -row-mt 1"),
        VP9("libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1");

        final String encoder;

        Source(String encoder) {
            this.encoder = encoder;
        }
    }

    /** Everything of a ring, in a file, and the times of its pictures. */
    private static final class Recording implements UnitSink, AutoCloseable {
        final String ring;
        final Path file;
        final NavigableSet<Long> times = new ConcurrentSkipListSet<>();
        final NavigableSet<Long> keys = new ConcurrentSkipListSet<>();
        private final OutputStream out;

        Recording(String ring, Path file) throws IOException {
            this.ring = ring;
            this.file = file;
            this.out = Files.newOutputStream(file);
        }

        @Override
        public void onUnit(Unit unit) {
            ByteBuf bytes = unit.retainedSlice();
            try {
                bytes.readBytes(out, bytes.readableBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                bytes.release();
            }
            if (unit.isVideo() && unit.pts() != Unit.NO_TIME) {
                times.add(unit.pts());
                if (unit.isRandomAccess()) {
                    keys.add(unit.pts());
                }
            }
        }

        double seconds() {
            return times.isEmpty() ? 0 : (times.last() - times.first()) / (double) SECOND;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    @TempDir Path folder;

    private Process publish(LiveServer server, Source source, int seconds) throws Exception {
        Path clip = folder.resolve(source + ".mkv");
        if (!Files.exists(clip)) {
            String made =
                    "-t %d -c:v %s -b:v 400k -g 50 -c:a aac -ac 2 -b:a 64k"
                            .formatted(seconds, source.encoder);
            String[] inputs = {
                "-f", "lavfi", "-i", FlashAndBeep.picture("320x180"),
                "-f", "lavfi", "-i", FlashAndBeep.sound()
            };
            List<String> all = new ArrayList<>(List.of(inputs));
            all.addAll(List.of(made.split(" ", -1)));
            Tools.make(clip, all.toArray(String[]::new));
        }
        String to = "rtmp://127.0.0.1:" + server.rtmpPort() + "/live/demo";
        return server.launch(
                folder.resolve(source + ".log"),
                EnhancedFfmpeg.command("-re", "-i", clip.toString(), "-c", "copy", "-f", "flv", to)
                        .toArray(String[]::new));
    }

    private static RingEntry entry(LiveServer server, String ring) {
        return Rings.of(server.camel).find(ring).orElseThrow();
    }

    private Recording record(LiveServer server, String ring) throws Exception {
        Recording recording = new Recording(ring, folder.resolve(ring.replace('/', '-') + ".ts"));
        entry(server, ring).ring().addSink(recording);
        return recording;
    }

    private static void stop(LiveServer server, Recording... recordings) {
        for (Recording recording : recordings) {
            entry(server, recording.ring).ring().removeSink(recording);
        }
    }

    private static String document(String mode, String audio) {
        return DOCUMENT.replace("MODE", mode).replace("AUDIO", audio);
    }

    @ParameterizedTest
    @EnumSource(
            value = Source.class,
            names = {"AV1", "VP9"})
    void isEncodedWithItsOwnTimes(Source source) throws Exception {
        try (LiveServer server = new LiveServer(folder)) {
            server.create("demo", document("multi", "{\"bitrate\":64}"));
            try (Recording sent = record(server, "demo");
                    Recording first = record(server, "demo/track_1");
                    Recording second = record(server, "demo/track_2")) {
                publish(server, source, SECONDS + 5);
                await().atMost(PATIENCE)
                        .until(() -> Math.min(first.seconds(), second.seconds()) > SECONDS);
                stop(server, first, second);
                for (Recording rung : List.of(first, second)) {
                    isWhole(rung, sent);
                    isInSync(rung);
                }
                assertThat(inBoth(first.keys, second)).isEqualTo(inBoth(second.keys, first));
                assertThat(
                                server.runtime("demo")
                                        .at("/transcoder/profiles/0/restart_count")
                                        .asInt())
                        .isZero();
            }
        }
    }

    /** Of what is in both recordings. */
    private static List<Long> inBoth(NavigableSet<Long> keys, Recording other) {
        return List.copyOf(
                keys.subSet(other.times.first(), true, other.times.last() - SECOND, true));
    }

    private static void isWhole(Recording rung, Recording sent) throws Exception {
        assertThat(sent.times).containsAll(rung.times);
        assertThat(sent.times.subSet(rung.times.first(), true, rung.times.last(), true))
                .as("pictures of the source are pictures of the rung")
                .isEqualTo(rung.times);
        NavigableSet<Long> seconds = new TreeSet<>();
        for (long key : rung.keys.tailSet(rung.keys.first(), false)) {
            seconds.add(Math.floorDiv(key, SECOND));
            assertThat(Math.floorMod(key, SECOND)).as("on the grid").isLessThan(PICTURE);
        }
        assertThat(seconds).hasSizeGreaterThanOrEqualTo(SECONDS - 2);
        assertThat(Tools.decode(rung.file)).isEmpty();
        assertThat(Tools.probe(rung.file, "-show_entries", "stream=codec_name"))
                .contains("h264", "aac");
        List<Long> read =
                Tools.probe(rung.file, "-select_streams", "v", "-show_entries", "packet=pts")
                        .stream()
                        .map(Long::valueOf)
                        .toList();
        assertThat(rung.times.stream().map(time -> time % WRAP)).containsAll(read);
    }

    private static void isInSync(Recording rung) throws Exception {
        assertThat(FlashAndBeep.offsets(rung.file))
                .as("seconds that beeps come after their flashes")
                .hasSizeGreaterThan(SECONDS - 3)
                .allSatisfy(s -> assertThat(Math.abs(s)).isLessThan(LIP_SYNC_SECONDS));
    }

    /** The encoder of a publisher who comes back with another codec goes on where it was. */
    @Test
    void goesOnWhenTheSourceChangesItsCodec() throws Exception {
        try (LiveServer server = new LiveServer(folder)) {
            server.create("demo", document("per_profile", "{\"bitrate\":64}"));
            try (Recording sent = record(server, "demo");
                    Recording rung = record(server, "demo/track_1")) {
                for (Source source : List.of(Source.H264, Source.AV1, Source.VP9, Source.H264)) {
                    double before = rung.seconds();
                    Process publisher = publish(server, source, SECONDS + 5);
                    await(source.name())
                            .atMost(PATIENCE)
                            .until(() -> rung.seconds() > before + SECONDS);
                    publisher.destroy();
                    assertThat(publisher.waitFor(PATIENCE)).isTrue();
                }
                stop(server, rung);
                assertThat(sent.times).containsAll(rung.times);
                assertThat(Tools.decode(rung.file)).isEmpty();
                assertThat(Tools.pictureSize(rung.file)).isEqualTo("320,180");
                isInSync(rung);
                assertThat(rung.times).hasSizeGreaterThan(4 * (SECONDS - 2) * SECOND / PICTURE);
            }
        }
    }

    /** What is copied of it stays what it is, beside what is encoded; and stills are taken. */
    @Test
    void isCopiedAndShownInStills() throws Exception {
        try (LiveServer server = new LiveServer(folder)) {
            server.create(
                    "demo",
                    """
                    {"inputs":[{"url":"publish://"}],"protocols":{"hls":true},
                     "packaging":{"container":"fmp4"},
                     "thumbnail":{"enabled":true,"interval_sec":1},
                     "transcoder":{"mode":"multi","audio":{"bitrate":64},"video":{"profiles":[
                       {"codec":"copy"},
                       {"height":90,"bitrate":100,"preset":"ultrafast","keyframe_interval":1}]}}}
                    """);
            try (Recording sent = record(server, "demo");
                    Recording copied = record(server, "demo/track_1");
                    Recording encoded = record(server, "demo/track_2")) {
                publish(server, Source.VP9, SECONDS + 5);
                await().atMost(PATIENCE)
                        .until(() -> Math.min(copied.seconds(), encoded.seconds()) > SECONDS);
                stop(server, copied, encoded);
                assertThat(entry(server, "demo/track_1").tracks())
                        .extracting(TrackFormat::codec)
                        .containsExactly(CodecId.VP9, CodecId.AAC);
                assertThat(entry(server, "demo/track_2").tracks())
                        .extracting(TrackFormat::codec)
                        .containsExactly(CodecId.H264, CodecId.AAC);
                assertThat(sent.times).containsAll(copied.times);
                assertThat(copied.times)
                        .containsAll(
                                encoded.times.subSet(
                                        copied.times.first(), true, copied.times.last(), true));
                assertThat(server.send("GET", "/demo/thumbnail.jpg", "").statusCode())
                        .isEqualTo(200);
            }
        }
    }
}
