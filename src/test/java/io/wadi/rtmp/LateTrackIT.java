package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.wadi.flv.FlvReader;
import io.wadi.flv.FlvTags;
import io.wadi.http.ViewerCounter;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Players that are there before a track of their stream is. */
@RequiresTool({"ffmpeg", "ffprobe"})
class LateTrackIT {
    private static final int LATE_MS = 4000;

    /** A tag of the source; on the heap, so that nobody has to release it. */
    private record Tag(int type, int timestampMs, ByteBuf body) {
        boolean isSequenceHeader() {
            return type != FlvTags.SCRIPT && body.getByte(1) == 0;
        }
    }

    @TempDir Path folder;
    private RtmpFixture server;
    private List<Tag> source;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
        server.relay();
        Path file = folder.resolve("source.flv");
        Tools.runFfmpeg(
                ("-f lavfi -i testsrc2=s=320x180:r=25:d=12 -f lavfi -i sine=f=440:r=48000:d=12"
                                + " -c:v libx264 -preset ultrafast -g 25 -c:a aac "
                                + file)
                        .split(" "));
        source = tags(file);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static List<Tag> tags(Path file) throws Exception {
        List<Tag> tags = new ArrayList<>();
        try (FlvReader reader =
                new FlvReader(
                        UnpooledByteBufAllocator.DEFAULT,
                        (type, time, body) ->
                                tags.add(new Tag(type, time, Unpooled.copiedBuffer(body))))) {
            reader.read(Unpooled.wrappedBuffer(Files.readAllBytes(file)));
        }
        return tags;
    }

    private void send(TestPublisher publisher, Predicate<Tag> which) throws Exception {
        for (Tag tag : source) {
            if (which.test(tag)) {
                publisher.send(tag.type(), 1, tag.timestampMs(), tag.body().duplicate());
            }
        }
    }

    private Process player(int number) throws Exception {
        Process player =
                Tools.start(
                        folder.resolve(number + ".log"),
                        ("ffmpeg -nostdin -v error -y -i "
                                        + server.url("live/demo")
                                        + " -map 0 -c copy -t 6 "
                                        + folder.resolve(number + ".mkv"))
                                .split(" "));
        ViewerCounter viewers = ViewerCounter.of(server.camel);
        await().until(() -> viewers.viewers("demo", PlayOutput.PROTOCOL) == number);
        return player;
    }

    /** Nothing but the two tracks, without damage, from zero on. */
    private void assertPlayed(Process player, int number) throws Exception {
        assertThat(Tools.exitCode(player))
                .as(Files.readString(folder.resolve(number + ".log")))
                .isZero();
        Path played = folder.resolve(number + ".mkv");
        assertThat(Tools.probe(played, "-show_entries", "stream=codec_type"))
                .containsExactlyInAnyOrder("video", "audio");
        assertThat(Tools.decode(played)).isEmpty();
        List<String> times = Tools.probe(played, "-show_entries", "packet=pts_time");
        assertThat(Double.parseDouble(times.getFirst().replace(",", ""))).isBetween(0.0, 0.2);
    }

    @Test
    void soundThatComesLaterIsHeardByThosePlayingAlready() throws Exception {
        Process early = player(1);
        try (TestPublisher publisher = new TestPublisher(server.port())) {
            publisher.connect("live", Map.of());
            assertThat(publisher.publish("in")).isEqualTo(StatusCode.PUBLISH_START);
            send(publisher, tag -> tag.type() == FlvTags.VIDEO && tag.timestampMs() < LATE_MS);
            Process between = player(2);
            send(publisher, tag -> tag.type() == FlvTags.AUDIO && tag.isSequenceHeader());
            send(publisher, tag -> tag.type() != FlvTags.SCRIPT && tag.timestampMs() >= LATE_MS);
            assertPlayed(early, 1);
            assertPlayed(between, 2);
        }
    }

    @Test
    void pictureThatComesLaterIsSeenByThoseListeningAlready() throws Exception {
        Process early = player(1);
        try (TestPublisher publisher = new TestPublisher(server.port())) {
            publisher.connect("live", Map.of());
            assertThat(publisher.publish("in")).isEqualTo(StatusCode.PUBLISH_START);
            send(publisher, tag -> tag.type() == FlvTags.AUDIO && tag.timestampMs() < LATE_MS);
            Process between = player(2);
            send(publisher, tag -> tag.type() == FlvTags.VIDEO && tag.isSequenceHeader());
            send(publisher, tag -> tag.type() != FlvTags.SCRIPT && tag.timestampMs() >= LATE_MS);
            assertPlayed(early, 1);
            assertPlayed(between, 2);
        }
    }
}
