package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.amf.AmfValue;
import io.wadi.ring.Unit;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What publishers are told, and what becomes of their streams, over a socket on loopback. */
class PublishTest {
    private static final Map<String, AmfValue> PLAIN = Map.of();

    @TempDir Path folder;
    private RtmpFixture server;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private List<RtmpFixture.Seen> route(String options) throws Exception {
        return server.route("demo", "live/demo" + options, folder.resolve("demo.ts"));
    }

    private TestPublisher connected(String app) throws Exception {
        TestPublisher publisher = new TestPublisher(server.port());
        publisher.connect(app, PLAIN);
        return publisher;
    }

    private String codeFor(String app, String name) throws Exception {
        try (TestPublisher publisher = connected(app)) {
            return publisher.publish(name);
        }
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    /** Opus needs no sequence start, so any packet is an access unit. */
    private static void sendAudio(TestPublisher publisher, int from, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            publisher.send(MessageType.AUDIO, 1, from + 20 * i, hex("914f707573fc00"));
        }
    }

    @Test
    void refusesNamesThatNobodyRegistered() throws Exception {
        route("");
        assertThat(codeFor("live", "other")).isEqualTo(StatusCode.PUBLISH_BAD_NAME);
        assertThat(codeFor("other", "demo")).isEqualTo(StatusCode.PUBLISH_BAD_NAME);
        assertThat(codeFor("live", "demo")).isEqualTo(StatusCode.PUBLISH_START);
    }

    @Test
    void asksForTheStreamKey() throws Exception {
        route("?streamKey=s3cret");
        assertThat(codeFor("live", "demo")).isEqualTo(StatusCode.PUBLISH_DENIED);
        assertThat(codeFor("live", "demo?key=wrong")).isEqualTo(StatusCode.PUBLISH_DENIED);
        assertThat(codeFor("live", "demo?key=")).isEqualTo(StatusCode.PUBLISH_DENIED);
        assertThat(codeFor("live", "other?key=s3cret")).isEqualTo(StatusCode.PUBLISH_BAD_NAME);
        assertThat(server.events).isEmpty();
        for (String name :
                List.of(
                        "demo?key=s3cret",
                        "demo?stream_key=s3cret",
                        "demo?token=s3cret",
                        "s3cret")) {
            assertThat(codeFor("live", name)).as(name).isEqualTo(StatusCode.PUBLISH_START);
            await().until(() -> server.events.size() == 2);
            assertThat(server.events.getFirst()).isEqualTo("publishing live/demo");
            server.events.clear();
        }
        assertThat(codeFor("live?key=s3cret", "demo")).isEqualTo(StatusCode.PUBLISH_START);
    }

    @Test
    void rejectsSecondPublisher() throws Exception {
        List<RtmpFixture.Seen> units = route("");
        try (TestPublisher first = connected("live")) {
            assertThat(first.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            assertThat(codeFor("live", "demo")).isEqualTo(StatusCode.PUBLISH_BAD_NAME);
            sendAudio(first, 0, 50);
            await().until(() -> units.size() == 50);
        }
        await().until(() -> server.events.size() == 2);
        assertThat(codeFor("live", "demo")).isEqualTo(StatusCode.PUBLISH_START);
    }

    @Test
    void secondPublisherTakesOver() throws Exception {
        List<RtmpFixture.Seen> units = route("?onPublish=takeover");
        try (TestPublisher first = connected("live");
                TestPublisher second = connected("live")) {
            assertThat(first.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            sendAudio(first, 0, 30);
            await().until(() -> units.size() == 30);
            assertThat(second.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            assertThat(first.awaitStatus()).isEqualTo(StatusCode.PUBLISH_BAD_NAME);
            assertThat(first.isClosedByServer()).isTrue();
            sendAudio(second, 0, 30);
            await().until(() -> units.size() == 60);
        }
        assertThat(units.stream().filter(unit -> unit.is(Unit.NEW_SOURCE))).hasSize(2);
        assertThat(units.get(30).is(Unit.NEW_SOURCE)).isTrue();
    }

    @Test
    void publisherStaysWhileItsRouteRestarts() throws Exception {
        List<RtmpFixture.Seen> units = route("");
        try (TestPublisher publisher = connected("live")) {
            assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            sendAudio(publisher, 0, 30);
            await().until(() -> units.size() == 30);
            server.camel.getRouteController().stopRoute("demo");
            sendAudio(publisher, 600, 5);
            server.camel.getRouteController().startRoute("demo");
            await().until(
                            () -> {
                                sendAudio(publisher, 1000, 30);
                                return units.size() > 60;
                            });
        }
        assertThat(units.get(30).is(Unit.NEW_SOURCE)).isTrue();
        await().until(() -> server.events.size() == 2);
        assertThat(server.events.getFirst()).isEqualTo("publishing live/demo");
    }

    @Test
    void letsThePublisherGoAfterTheGracePeriod() throws Exception {
        server.close();
        server = new RtmpFixture(component -> component.setGracePeriod(50));
        route("");
        try (TestPublisher publisher = connected("live")) {
            assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            server.camel.getRouteController().stopRoute("demo");
            assertThat(publisher.awaitStatus()).isEqualTo(StatusCode.UNPUBLISH_SUCCESS);
            assertThat(publisher.isClosedByServer()).isTrue();
        }
    }

    @Test
    void disconnectsAnIdlePublisher() throws Exception {
        server.close();
        server = new RtmpFixture(component -> component.setIdleTimeout(100));
        route("");
        try (TestPublisher publisher = connected("live")) {
            assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            assertThat(publisher.awaitStatus()).isEqualTo(StatusCode.PUBLISH_IDLE);
            assertThat(publisher.isClosedByServer()).isTrue();
        }
    }

    @Test
    void limitsConnectionsPerAddress() throws Exception {
        server.close();
        server = new RtmpFixture(component -> component.setMaxConnectionsPerAddress(1));
        try (TestPublisher first = connected("live");
                TestPublisher second = new TestPublisher(server.port())) {
            assertThat(second.isClosedByServer()).isTrue();
            assertThat(first).isNotNull();
        }
    }

    @Test
    void publisherStopsAndPublishesAgainOnOneConnection() throws Exception {
        List<RtmpFixture.Seen> units = route("");
        try (TestPublisher publisher = connected("live")) {
            for (int i = 1; i <= 12; i++) {
                int expected = 30 * i;
                assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
                sendAudio(publisher, 0, 30);
                publisher.command(0, "deleteStream", 0, new AmfValue.Null(), AmfValue.of(i));
                assertThat(publisher.awaitStatus()).isEqualTo(StatusCode.UNPUBLISH_SUCCESS);
                assertThat(units).hasSize(expected);
            }
        }
        assertThat(server.events).hasSize(24);
    }

    @Test
    void tellsEnhancedClientsWhatItUnderstands() throws Exception {
        try (TestPublisher publisher = new TestPublisher(server.port())) {
            AmfValue info = publisher.connect("live", Map.of("capsEx", AmfValue.of(1)));
            assertThat(info.get("capsEx")).contains(AmfValue.of(14));
            assertThat(info.get("videoFourCcInfoMap").orElseThrow().named()).containsKey("hvc1");
            assertThat(info.get("fourCcList")).isPresent();
        }
        try (TestPublisher publisher = new TestPublisher(server.port())) {
            assertThat(publisher.connect("live", PLAIN).get("fourCcList")).isEmpty();
        }
    }

    @Test
    void acknowledgesAndAnswersPings() throws Exception {
        route("");
        try (TestPublisher publisher = connected("live")) {
            assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            publisher.send(
                    MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE,
                    0,
                    0,
                    Unpooled.buffer().writeInt(4000));
            sendAudio(publisher, 0, 200);
            publisher.awaitType(MessageType.ACKNOWLEDGEMENT);
            publisher.send(MessageType.USER_CONTROL, 0, 0, hex("000600000001"));
            publisher.awaitType(MessageType.USER_CONTROL);
        }
    }

    @Test
    void hostilePeersLoseOnlyTheirOwnConnection() throws Exception {
        List<RtmpFixture.Seen> units = route("");
        try (TestPublisher good = connected("live")) {
            assertThat(good.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
            for (int seed = 0; seed < 20; seed++) {
                byte[] noise = new byte[20_000];
                new Random(seed).nextBytes(noise);
                try (TestPublisher hostile = connected("live")) {
                    hostile.sendRaw(noise);
                }
            }
            try (TestPublisher hostile = connected("live")) {
                hostile.send(MessageType.COMMAND_AMF0, 0, 0, hex("0a7fffffff"));
                assertThat(hostile.isClosedByServer()).isTrue();
            }
            try (TestPublisher hostile = connected("live")) {
                for (int i = 0; i < Session.MAX_COMMANDS_BEFORE_PUBLISH; i++) {
                    hostile.command(0, "_checkbw", i);
                }
                assertThat(hostile.isClosedByServer()).isTrue();
            }
            sendAudio(good, 0, 40);
            await().until(() -> units.size() == 40);
        }
    }

    @Test
    @SuppressWarnings("try") // a context's close may say InterruptedException; not in this test
    void namesTheAddressThatIsTaken() throws Exception {
        RtmpComponent second = new RtmpComponent();
        second.setListenHost("127.0.0.1");
        second.setPort(server.port());
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            second.setCamelContext(camel);
            assertThatThrownBy(second::start)
                    .hasStackTraceContaining("cannot listen on 127.0.0.1:" + server.port());
        }
    }
}
