package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.AnnexB;
import io.wadi.codec.CodecId;
import io.wadi.codec.H265;
import io.wadi.codec.HevcConfig;
import io.wadi.codec.NalUnit;
import io.wadi.flv.FlvCodec;
import io.wadi.flv.FlvPacket;
import io.wadi.flv.FlvPacketWriter;
import io.wadi.ring.Unit;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Real publishers that die, come back, and other kinds than FFmpeg's plain ones. */
@RequiresTool({"ffmpeg", "ffprobe"})
class PublisherIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

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

    private Process live(String path) throws Exception {
        return Tools.start(
                folder.resolve("ffmpeg-" + System.nanoTime() + ".log"),
                ("ffmpeg -nostdin -v error -re -f lavfi -i testsrc2=s=320x180:r=25"
                                + " -f lavfi -i sine=r=48000 -c:v libx264 -preset ultrafast -g 12"
                                + " -c:a aac -f flv "
                                + server.url(path))
                        .split(" "));
    }

    @Test
    void publisherIsKilledAndComesBack() throws Exception {
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        for (int life = 1; life <= 2; life++) {
            int before = units.size();
            int events = 2 * life;
            Process publisher = live("live/demo");
            await().atMost(PATIENCE).until(() -> units.size() > before + 100);
            publisher.destroyForcibly();
            Tools.exitCode(publisher);
            await().atMost(PATIENCE).until(() -> server.events.size() == events);
        }
        assertThat(units.stream().filter(unit -> unit.is(Unit.NEW_SOURCE))).hasSize(2);
        assertThat(Tools.probe(ts, "-show_entries", "stream=codec_name"))
                .anyMatch(line -> line.contains("h264"))
                .anyMatch(line -> line.contains("aac"));
    }

    @Test
    void publisherDoesNotNoticeThatItsRouteRestarts() throws Exception {
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        Process publisher = live("live/demo");
        try {
            await().atMost(PATIENCE).until(() -> units.size() > 50);
            server.camel.getRouteController().stopRoute("demo");
            int before = units.size();
            server.camel.getRouteController().startRoute("demo");
            await().atMost(PATIENCE).until(() -> units.size() > before + 50);
            RtmpFixture.Seen firstVideo =
                    units.stream()
                            .skip(before)
                            .filter(RtmpFixture.Seen::isVideo)
                            .findFirst()
                            .orElseThrow();
            assertThat(firstVideo.is(Unit.RANDOM_ACCESS)).isTrue();
            assertThat(publisher.isAlive()).isTrue();
            assertThat(server.events).containsExactly("publishing live/demo");
        } finally {
            publisher.destroyForcibly();
            Tools.exitCode(publisher);
        }
    }

    /** FFmpeg 5.1 cannot publish H.265, so its pictures travel in tags of our own. */
    @Test
    void takesHevcByEnhancedRtmp() throws Exception {
        Path hevc = folder.resolve("in.hevc");
        Tools.runFfmpeg(
                ("-f lavfi -i testsrc2=s=320x180:r=25:d=3 -c:v libx265 -preset ultrafast"
                                + " -x265-params aud=1:bframes=0:keyint=25:log-level=none "
                                + hevc)
                        .split(" "));
        List<List<NalUnit>> pictures = pictures(Unpooled.wrappedBuffer(Files.readAllBytes(hevc)));
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        try (TestPublisher publisher = new TestPublisher(server.port())) {
            publisher.connect("live", Map.of());
            assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            publisher.send(MessageType.VIDEO, 1, 0, sequenceStart(pictures.getFirst()));
            int time = 0;
            for (List<NalUnit> picture : pictures) {
                publisher.send(MessageType.VIDEO, 1, time, codedFrames(picture));
                time += 40;
            }
            publisher.send(MessageType.AUDIO, 1, time, opus());
            await().atMost(PATIENCE).until(() -> units.size() == pictures.size() + 1);
        }
        assertThat(pictures).hasSize(75);
        assertThat(
                        Tools.probe(
                                ts,
                                "-select_streams",
                                "v",
                                "-count_frames",
                                "-show_entries",
                                "stream=codec_name,nb_read_frames"))
                .first()
                .asString()
                .startsWith("hevc,75");
        assertThat(
                        Tools.runFfmpeg(
                                "-xerror", "-i", ts.toString(), "-map", "0:v", "-f", "null", "-"))
                .isEmpty();
        assertThat(units.stream().filter(u -> u.isVideo() && u.is(Unit.RANDOM_ACCESS))).hasSize(3);
    }

    private static ByteBuf opus() {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("914f707573fc00"));
    }

    private static List<List<NalUnit>> pictures(ByteBuf stream) {
        List<List<NalUnit>> pictures = new ArrayList<>();
        int to = stream.writerIndex();
        for (int nal = AnnexB.nalStart(stream, 0, to); nal >= 0; ) {
            int end = AnnexB.nalEnd(stream, nal, to);
            if (H265.nalType(stream.getByte(nal)) == H265.NAL_AUD) {
                pictures.add(new ArrayList<>());
            } else {
                pictures.getLast().add(NalUnit.copyOf(stream, nal, end - nal));
            }
            nal = AnnexB.nalStart(stream, end, to);
        }
        return pictures;
    }

    private static List<NalUnit> ofType(List<NalUnit> units, int type) {
        return units.stream().filter(nal -> H265.nalType(nal.unsignedByte(0)) == type).toList();
    }

    private static ByteBuf sequenceStart(List<NalUnit> picture) throws Exception {
        ByteBuf out = Unpooled.buffer();
        FlvPacketWriter.video(
                FlvCodec.of(CodecId.H265), FlvPacket.Kind.SEQUENCE_START, true, 0, out);
        HevcConfig.of(
                        ofType(picture, H265.NAL_VPS),
                        ofType(picture, H265.NAL_SPS),
                        ofType(picture, H265.NAL_PPS))
                .toConfig()
                .writeTo(out);
        return out;
    }

    private static ByteBuf codedFrames(List<NalUnit> picture) {
        ByteBuf out = Unpooled.buffer();
        boolean key = !ofType(picture, H265.NAL_VPS).isEmpty();
        FlvPacketWriter.video(FlvCodec.of(CodecId.H265), FlvPacket.Kind.CODED_FRAMES, key, 0, out);
        for (NalUnit nal : picture) {
            int type = H265.nalType(nal.unsignedByte(0));
            if (type < H265.NAL_VPS || type > H265.NAL_PPS) {
                out.writeInt(nal.length());
                nal.writeTo(out);
            }
        }
        return out;
    }

    @Test
    void takesGStreamer() throws Exception {
        assumeTrue(
                Tools.onPath("gst-launch-1.0").isPresent(),
                "apt-get install gstreamer1.0-tools and -plugins-bad, -ugly");
        List<RtmpFixture.Seen> units = server.route("demo", "live/demo", ts);
        Tools.run(
                ("gst-launch-1.0 -q flvmux name=mux streamable=true ! rtmp2sink location="
                                + server.url("live/demo")
                                + " videotestsrc num-buffers=75 ! video/x-raw,width=320,height=180,framerate=25/1"
                                + " ! x264enc tune=zerolatency key-int-max=25 ! mux."
                                + " audiotestsrc num-buffers=130 ! audio/x-raw,rate=44100,channels=2"
                                + " ! avenc_aac ! mux.")
                        .split(" "));
        await().atMost(PATIENCE).until(() -> server.events.size() == 2);
        assertThat(units.stream().filter(RtmpFixture.Seen::isVideo)).hasSize(75);
        assertThat(Tools.decode(ts)).isEmpty();
        assertThat(units).anyMatch(unit -> !unit.isVideo());
    }
}
