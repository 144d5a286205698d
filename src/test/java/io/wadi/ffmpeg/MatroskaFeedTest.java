package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.wadi.codec.Aac;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.ring.Ring;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What FFmpeg is fed of sources in AV1 and VP9, as FFmpeg reads it. */
@RequiresTool({"ffmpeg", "ffprobe"})
class MatroskaFeedTest {
    private static final long WRAP = 1L << 33;
    private static final int SECOND = 90_000;
    private static final int PICTURES = 50;
    private static final int GOP = 10;

    private record Packet(String kind, long ticks, boolean key) {}

    @TempDir private Path folder;

    /** Two seconds as an encoder sends them. */
    private byte[] clip(String video, String audio) throws Exception {
        Path file = folder.resolve("clip.mp4");
        String made =
                "-f lavfi -i testsrc2=s=64x64:r=25:d=2 -f lavfi -i sine=r=48000:d=2 -pix_fmt"
                        + " yuv420p -c:v VIDEO -g GOP -keyint_min GOP -lag-in-frames 0 -cpu-used 8 -b:v"
                        + " 100k -c:a AUDIO -ac 2 -metadata:s:a language=deu -strict -2";
        List<String> all =
                new ArrayList<>(
                        List.of(
                                made.replace("VIDEO", video)
                                        .replace("AUDIO", audio)
                                        .replace("GOP", "" + GOP)
                                        .split(" ", -1)));
        all.addAll(TranscodeArguments.MP4);
        Tools.make(file, all.toArray(String[]::new));
        return Files.readAllBytes(file);
    }

    private static void push(byte[] mp4, UnitSink sink) throws IOException {
        try (Mp4Intake intake = new Mp4Intake("test", sink)) {
            intake.begin(mp4.length).writeBytes(mp4);
            intake.end(0);
        }
    }

    private static SourceTracks tracks(byte[] mp4) throws IOException {
        SourceWatch watch = new SourceWatch();
        push(mp4, watch::onUnit);
        return watch.tracks().orElseThrow();
    }

    private Path file(ByteArrayOutputStream bytes) throws IOException {
        return Files.write(folder.resolve("fed.mkv"), bytes.toByteArray());
    }

    private static void write(FeedFormat feed, Unit unit, WritableByteChannel to) {
        try {
            feed.write(unit, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Packet> packets(Path file) throws Exception {
        return Tools.probe(file, "-show_entries", "packet=codec_type,pts_time,flags").stream()
                .map(line -> line.split(",", -1))
                .map(part -> new Packet(part[0], ticks(part[1]), part[2].startsWith("K")))
                .toList();
    }

    private static long ticks(String seconds) {
        return Math.round(Double.parseDouble(seconds) * SECOND);
    }

    @ParameterizedTest
    @CsvSource({
        "libaom-av1, av1, aac, aac",
        "libvpx-vp9, vp9, libopus, opus",
        "libvpx-vp9, vp9, libmp3lame, mp3",
        "libvpx-vp9, vp9, eac3, eac3"
    })
    void hasEveryAccessUnitAtItsTime(
            String videoEncoder, String video, String audioEncoder, String audio) throws Exception {
        byte[] mp4 = clip(videoEncoder, audioEncoder);
        SourceTracks tracks = tracks(mp4);
        assertThat(tracks.isFedAsMatroska()).isTrue();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        WritableByteChannel to = Channels.newChannel(bytes);
        List<Packet> sent = new ArrayList<>();
        try (FeedFormat feed = FeedFormat.of(tracks)) {
            push(
                    mp4,
                    unit -> {
                        String kind = unit.isVideo() ? "video" : "audio";
                        boolean key = !unit.isVideo() || unit.isRandomAccess();
                        sent.add(new Packet(kind, unit.pts(), key));
                        write(feed, unit, to);
                    });
        }
        Path file = file(bytes);
        assertThat(Tools.probe(file, "-show_entries", "stream=codec_name:stream_tags=language"))
                .containsExactly(video, audio + ",deu");
        // FFmpeg's parser keeps a frame of AC-3 until the next is there.
        assertThat(packets(file)).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(sent.stream().filter(p -> p.kind().equals("video"))).hasSize(PICTURES);
        assertThat(Tools.decode(file)).isEmpty();
    }

    @Test
    void timesCountFromTheWrapBeforeTheFirstPicture() throws Exception {
        byte[] mp4 = clip("libvpx-vp9", "aac");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        WritableByteChannel to = Channels.newChannel(bytes);
        Ring ring = new Ring("test", 10_000);
        long first = 5 * WRAP + SECOND;
        try (FeedFormat feed = FeedFormat.of(tracks(mp4))) {
            feed.start(first);
            ring.addSink(unit -> write(feed, unit, to));
            push(mp4, unit -> new Moved(unit, first).into(ring));
        }
        ring.close();
        List<Packet> packets = packets(file(bytes));
        assertThat(packets.getFirst().ticks()).isEqualTo(SECOND);
        assertThat(packets).isSortedAccordingTo((a, b) -> Long.compare(a.ticks(), b.ticks()));
        assertThat(packets.getLast().ticks()).isBetween(2L * SECOND, 4L * SECOND);
    }

    /** A unit at another time: what says its time itself is believed, whatever its packets say. */
    private record Moved(Unit unit, long by) {
        void into(Ring ring) {
            try (UnitWriter writer = new UnitWriter()) {
                writer.begin(unit.length()).writeBytes(unit.slab(), unit.offset(), unit.length());
                writer.end(unit.pts() + by, unit.dts() + by, 0, unit.flags(), ring::append);
            }
        }
    }

    /** Whole GOPs are missing, and what comes then can be decoded. */
    @Test
    void anEncoderThatIsSlowGoesOnAtAKeyPicture() throws Exception {
        byte[] mp4 = clip("libvpx-vp9", "aac");
        // A GOP and a half.
        Ring ring = new Ring("test", 150);
        CountDownLatch reads = new CountDownLatch(1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        WritableByteChannel slow = slow(bytes, reads);
        push(mp4, ring::append);
        try (Feed feed = new Feed(ring, 0, FeedFormat.of(tracks(mp4)))) {
            assertThat(feed.first()).isNotNegative();
            Thread follower =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            feed.copyTo(slow);
                                        } catch (IOException e) {
                                            throw new UncheckedIOException(e);
                                        }
                                    });
            push(mp4, ring::append);
            long newest = ring.stats().units();
            reads.countDown();
            await().until(() -> feed.position() == newest);
            feed.end();
            follower.join();
            assertThat(feed.lostUnits()).isGreaterThan(GOP);
        }
        ring.close();
        Path file = file(bytes);
        assertThat(Tools.decode(file)).isEmpty();
        List<Packet> pictures =
                packets(file).stream().filter(p -> p.kind().equals("video")).toList();
        for (int i = 1; i < pictures.size(); i++) {
            if (Math.abs(pictures.get(i).ticks() - pictures.get(i - 1).ticks()) > SECOND / 20) {
                assertThat(pictures.get(i).key()).isTrue();
            }
        }
    }

    private static WritableByteChannel slow(ByteArrayOutputStream bytes, CountDownLatch reads) {
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) {
                try {
                    reads.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                byte[] all = new byte[from.remaining()];
                from.get(all);
                bytes.writeBytes(all);
                return all.length;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    /** The header says how AAC is decoded: what is other is left to the process that follows. */
    @Test
    void soundThatDoesNotFitTheHeaderIsLeftOut() throws Exception {
        byte[] mp4 = clip("libvpx-vp9", "aac");
        SourceTracks said = tracks(mp4);
        AudioFormat other = Aac.format(CodecConfig.copyOf(Unpooled.wrappedBuffer(MONO_44100)));
        SourceTracks.Fed sound = said.fed().getLast();
        SourceTracks started =
                new SourceTracks(
                        said.video(),
                        said.audioPids(),
                        said.aacPids(),
                        List.of(
                                said.fed().getFirst(),
                                new SourceTracks.Fed(sound.pid(), other, sound.language())));
        assertThat(said.continues(started)).isFalse();
        assertThat(said.continues(said)).isTrue();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (FeedFormat feed = FeedFormat.of(started)) {
            push(mp4, unit -> write(feed, unit, Channels.newChannel(bytes)));
        }
        assertThat(packets(file(bytes)))
                .hasSize(PICTURES)
                .allMatch(packet -> packet.kind().equals("video"));
    }

    /** AAC-LC, 44.1 kHz, one channel. */
    private static final byte[] MONO_44100 = {0x12, 0x08};

    @Test
    void otherSourcesAreFedAsTheyLieInTheRing() throws Exception {
        Path file = folder.resolve("h264.mp4");
        List<String> all = new ArrayList<>(List.of("-f", "lavfi", "-i", "testsrc2=s=64x64:d=1"));
        all.addAll(List.of("-c:v", "libx264", "-pix_fmt", "yuv420p"));
        all.addAll(TranscodeArguments.MP4);
        Tools.make(file, all.toArray(String[]::new));
        SourceTracks tracks = tracks(Files.readAllBytes(file));
        assertThat(tracks.video().orElseThrow().codec()).isEqualTo(CodecId.H264.name());
        assertThat(tracks.isFedAsMatroska()).isFalse();
        assertThat(tracks.input(0x100)).isEqualTo("0:i:256");
    }
}
