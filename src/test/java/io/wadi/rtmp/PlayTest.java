package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.amf.AmfValue;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Rings;

import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What players are told and sent, over a socket on loopback. */
class PlayTest {
    private static final AmfValue NULL = new AmfValue.Null();
    private static final int FRAME_MS = 20;

    private RtmpFixture server;
    private TestPublisher publisher;
    private TestPublisher player;
    private int timeMs;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
        server.camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        for (String name : List.of("one", "two")) {
                            from("rtmp:listen/in/" + name).to("ring:" + name);
                            from("ring:" + name).to("rtmp:listen/live/" + name + "?sendLatency=0");
                        }
                    }
                });
        publisher = publisher("one");
        player = new TestPublisher(server.port());
    }

    @AfterEach
    void stop() throws Exception {
        player.close();
        publisher.close();
        server.close();
    }

    private TestPublisher publisher(String name) throws Exception {
        TestPublisher made = new TestPublisher(server.port());
        made.connect("in", Map.of());
        assertThat(made.publish(name)).isEqualTo(StatusCode.PUBLISH_START);
        made.send(MessageType.AUDIO, 1, 0, hex("af001210"));
        return made;
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    private void frames(TestPublisher to, int count, int size) throws Exception {
        for (int i = 0; i < count; i++) {
            ByteBuf frame = Unpooled.buffer(2 + size).writeShort(0xAF01).writeZero(size);
            to.send(MessageType.AUDIO, 1, timeMs, frame);
            timeMs += FRAME_MS;
        }
    }

    private void frames(int count) throws Exception {
        frames(publisher, count, 100);
    }

    private int play(String name) throws Exception {
        int stream = player.createStream();
        assertThat(player.play(stream, name)).isEqualTo(StatusCode.PLAY_RESET);
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_START);
        awaitViewers(name, 1);
        return stream;
    }

    private void awaitViewers(String name, int count) {
        ViewerCounter viewers = ViewerCounter.of(server.camel);
        await().until(() -> viewers.viewers(name, PlayOutput.PROTOCOL) == count);
    }

    private TestPublisher.Answer media() throws Exception {
        TestPublisher.Answer answer = player.next();
        while (!answer.isMedia() || answer.size() < 10) {
            answer = player.next();
        }
        return answer;
    }

    /** All that comes until the answer to a question asked now. */
    private List<TestPublisher.Answer> soFar() throws Exception {
        player.command(0, "getStreamLength", 99, NULL, AmfValue.of("one"));
        List<TestPublisher.Answer> all = new ArrayList<>();
        for (var next = player.next(); !next.isCommand("_result"); next = player.next()) {
            all.add(next);
        }
        return all;
    }

    private void command(int stream, String name, AmfValue... values) throws Exception {
        AmfValue[] all = new AmfValue[values.length + 1];
        all[0] = NULL;
        System.arraycopy(values, 0, all, 1, values.length);
        player.command(stream, name, 0, all);
    }

    /** What the stream has got goes through to its viewers before the publisher's answer comes. */
    private void settle() throws Exception {
        publisher.command(0, "_checkbw", 77, NULL);
        publisher.await("_result");
        soFar();
        soFar();
    }

    @Test
    void mediaIsLedByMetadataAndHeaderAndStartsAtZero() throws Exception {
        timeMs = 600_000;
        player.connect("live", Map.of());
        int stream = play("one");
        // It has joined when this is answered, so that the first frame of all is its first.
        soFar();
        frames(50);
        List<TestPublisher.Answer> first = new ArrayList<>();
        while (first.size() < 3) {
            TestPublisher.Answer answer = player.next();
            if (answer.size() > 0 && (answer.isMedia() || answer.type() == MessageType.DATA_AMF0)) {
                first.add(answer);
            }
        }
        assertThat(first)
                .extracting(TestPublisher.Answer::type)
                .containsExactly(MessageType.DATA_AMF0, MessageType.AUDIO, MessageType.AUDIO);
        assertThat(first).allMatch(answer -> answer.streamId() == stream);
        assertThat(first).allMatch(answer -> answer.timestampMs() == 0);
        assertThat(first.get(0).values().get(0)).isEqualTo(AmfValue.of("onMetaData"));
        assertThat(first.get(1).size()).as("AudioSpecificConfig").isLessThan(10);
        assertThat(media().timestampMs()).isBetween(FRAME_MS, FRAME_MS + 3);
    }

    @Test
    void resetIsToldToThoseWhoWantIt() throws Exception {
        player.connect("live", Map.of());
        int stream = player.createStream();
        AmfValue live = AmfValue.of(-1000);
        String code = player.play(stream, "one", live, AmfValue.of(-1), AmfValue.of(false));
        assertThat(code).isEqualTo(StatusCode.PLAY_START);
    }

    @Test
    void pausedPlayerGetsNothingAndGoesOnLive() throws Exception {
        player.connect("live", Map.of());
        int stream = play("one");
        frames(50);
        int before = media().timestampMs();
        player.command(stream, "pause", 5, NULL, AmfValue.of(true), AmfValue.of(before));
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.PAUSE_NOTIFY);
        player.await("_result");
        settle();
        frames(50);
        settle();
        assertThat(soFar()).noneMatch(TestPublisher.Answer::isMedia);
        command(stream, "pause", AmfValue.of(true));
        assertThat(player.awaitStatus()).as("again").isEqualTo(StatusCode.PAUSE_NOTIFY);
        command(stream, "pause", AmfValue.of(false), AmfValue.of(before));
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.UNPAUSE_NOTIFY);
        frames(10);
        assertThat(media().timestampMs()).isGreaterThanOrEqualTo(50 * FRAME_MS);
        assertThat(ViewerCounter.of(server.camel).viewers("one", PlayOutput.PROTOCOL)).isOne();
    }

    @Test
    void seekIsAnsweredAndTimeDoesNotGoBack() throws Exception {
        player.connect("live", Map.of());
        int stream = play("one");
        frames(50);
        int last = 0;
        for (int i = 0; i < 20; i++) {
            last = media().timestampMs();
        }
        for (String name : List.of("seek", "receiveAudio", "receiveVideo")) {
            command(stream, name, name.equals("seek") ? AmfValue.of(0) : AmfValue.of(true));
            assertThat(player.awaitStatus()).isEqualTo(StatusCode.SEEK_NOTIFY);
            assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_START);
            frames(20);
            int next = media().timestampMs();
            assertThat(next).isGreaterThanOrEqualTo(last);
            last = next;
        }
        command(stream, "receiveVideo", AmfValue.of(false));
        assertThat(soFar()).noneMatch(answer -> !answer.statusCode().isEmpty());
    }

    @Test
    void anotherPlayTakesThePlaceOfTheOneBefore() throws Exception {
        try (TestPublisher other = publisher("two")) {
            player.connect("live", Map.of());
            int stream = play("one");
            frames(50);
            media();
            assertThat(player.play(stream, "two")).isEqualTo(StatusCode.PLAY_STOP);
            assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_RESET);
            assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_START);
            awaitViewers("one", 0);
            awaitViewers("two", 1);
            frames(other, 50, 333);
            TestPublisher.Answer first = media();
            assertThat(first.timestampMs()).isZero();
            assertThat(first.size()).isEqualTo(335);
        }
    }

    @Test
    void closedStreamsStopAndCanPlayAgain() throws Exception {
        player.connect("live", Map.of());
        for (String end : List.of("closeStream", "deleteStream")) {
            for (int i = 0; i < 5; i++) {
                int stream = play("one");
                frames(20);
                media();
                command(0, "deleteStream", AmfValue.of(stream + 1));
                assertThat(soFar()).noneMatch(answer -> !answer.statusCode().isEmpty());
                boolean delete = end.equals("deleteStream");
                command(delete ? 0 : stream, end, AmfValue.of(stream));
                assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_STOP);
                awaitViewers("one", 0);
                assertThat(soFar()).noneMatch(TestPublisher.Answer::isMedia);
            }
        }
    }

    @Test
    void closedBeforeItHasBegunItNeverBegins() throws Exception {
        player.connect("live", Map.of());
        frames(50);
        int stream = player.createStream();
        command(stream, "play", AmfValue.of("one"));
        command(stream, "closeStream");
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_RESET);
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_START);
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_STOP);
        settle();
        frames(50);
        settle();
        assertThat(soFar()).noneMatch(TestPublisher.Answer::isMedia);
    }

    @Test
    void answersWhatPlayersAskBeforeTheyPlay() throws Exception {
        player.connect("live", Map.of());
        player.command(0, "FCSubscribe", 4, NULL, AmfValue.of("one"));
        player.await("_result");
        assertThat(player.await("onFCSubscribe").get(3).get("code"))
                .contains(AmfValue.of(StatusCode.PLAY_START));
        player.command(0, "getStreamLength", 5, NULL, AmfValue.of("one"));
        assertThat(player.await("_result").get(3)).isEqualTo(AmfValue.of(0));
        // without a stream that plays
        command(1, "pause", AmfValue.of(true));
        command(1, "seek", AmfValue.of(0));
        command(1, "closeStream");
        play("one");
    }

    @Test
    void playerThatAcknowledgesNothingPlaysOn() throws Exception {
        player.connect("live", Map.of());
        play("one");
        receive(5L * Session.WINDOW);
        assertThat(media().size()).isPositive();
    }

    /**
     * Sends so many bytes by way of the publisher and reads them, never more at once than the ring
     * holds: it waits for nobody.
     */
    private void receive(long bytes) throws Exception {
        // A publisher that starts with sound is given a moment to send a picture too, and a player
        // starts at the newest place of what then comes at once. From here on it gets everything.
        frames(publisher, 30, 100);
        settle();
        long end = player.bytesIn() + bytes;
        while (player.bytesIn() < end) {
            roundTrip(Rings.DEFAULT_CAPACITY_PACKETS * 188 / 2 / 8000, 8000);
        }
        frames(publisher, 2, 8000);
    }

    private void roundTrip(int count, int size) throws Exception {
        frames(publisher, count, size);
        for (int i = 0; i < count; i++) {
            media();
        }
    }

    @Test
    void playerThatIsWindowsBehindWaitsUntilItHasCaughtUp() throws Exception {
        player.connect("live", Map.of());
        play("one");
        receive(Session.WINDOW);
        long acknowledged = player.bytesIn() / 2;
        player.acknowledge(acknowledged);
        receive(4L * Session.WINDOW);
        player.acknowledge(acknowledged + 100);
        settle();
        frames(20);
        settle();
        assertThat(soFar()).noneMatch(TestPublisher.Answer::isMedia);
        player.acknowledge(player.bytesIn());
        settle();
        frames(20);
        assertThat(media().size()).isEqualTo(102);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Session.WINDOW})
    void acknowledgementsThatSayNothingAreIgnored(int always) throws Exception {
        player.connect("live", Map.of());
        play("one");
        for (int i = 0; i < 5; i++) {
            receive(Session.WINDOW);
            player.acknowledge(always);
        }
        settle();
        frames(20);
        assertThat(media().size()).isPositive();
    }

    private static AmfValue list(String... fourCcs) {
        return new AmfValue.Array(List.of(fourCcs).stream().map(AmfValue::of).toList());
    }

    private static AmfValue mask(String fourCc, int mask) {
        return new AmfValue.Obj(Map.of(fourCc, AmfValue.of(mask)));
    }

    @Test
    void codecsBeyondTheLegacyTagsGoToPlayersThatAnnounceThem() throws Exception {
        try (TestPublisher other = new TestPublisher(server.port())) {
            other.connect("in", Map.of());
            assertThat(other.publish("two")).isEqualTo(StatusCode.PUBLISH_START);
            for (Map<String, AmfValue> announces :
                    List.of(
                            Map.of("fourCcList", list("av01", "Opus")),
                            Map.of("fourCcList", list("*")),
                            Map.of("audioFourCcInfoMap", mask("Opus", 1)),
                            Map.of("audioFourCcInfoMap", mask("*", 4)))) {
                assertThat(codeForOpus(other, announces)).as("%s", announces).isEmpty();
            }
            for (Map<String, AmfValue> announces :
                    List.<Map<String, AmfValue>>of(
                            Map.of(),
                            Map.of("fourCcList", list("hvc1")),
                            Map.of("capsEx", AmfValue.of(1)),
                            Map.of("fourCcList", AmfValue.of("Opus")),
                            Map.of("audioFourCcInfoMap", mask("Opus", 2)))) {
                assertThat(codeForOpus(other, announces))
                        .as("%s", announces)
                        .isEqualTo(StatusCode.PLAY_FAILED);
            }
        }
    }

    /** The status that a player gets after its Play.Start, "" when it gets media instead. */
    private String codeForOpus(TestPublisher other, Map<String, AmfValue> announces)
            throws Exception {
        player.close();
        player = new TestPublisher(server.port());
        player.connect("live", announces);
        assertThat(player.play(player.createStream(), "two")).isEqualTo(StatusCode.PLAY_RESET);
        assertThat(player.awaitStatus()).isEqualTo(StatusCode.PLAY_START);
        for (int i = 0; i < 50; i++) {
            other.send(MessageType.AUDIO, 1, timeMs, hex("914f707573fc0011223344556677"));
            timeMs += FRAME_MS;
        }
        TestPublisher.Answer answer = player.next();
        while (answer.statusCode().isEmpty() && !answer.isMedia()) {
            answer = player.next();
        }
        if (!answer.statusCode().isEmpty()) {
            assertThat(answer.values().get(3).get("description").orElseThrow().text())
                    .hasValueSatisfying(text -> assertThat(text).contains("Opus", "fourCcList"));
            assertThat(player.isClosedWithoutAWord()).as("gets no media").isTrue();
        }
        return answer.statusCode();
    }

    @Test
    void playerThatAsksAndNeverReadsIsDisconnected() throws Exception {
        player.connect("live", Map.of());
        int stream = play("one");
        assertThat(
                        catchThrowable(
                                () -> {
                                    while (true) {
                                        command(stream, "seek", AmfValue.of(0));
                                    }
                                }))
                .isInstanceOf(IOException.class);
        awaitViewers("one", 0);
    }
}
