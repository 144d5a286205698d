package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.wadi.amf.AmfValue;
import io.wadi.ring.AccessUnitWriter;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Media waits for the tick, and nothing else does. */
class ReceiveLatencyTest {
    private static final Duration PERIOD = Duration.ofMillis(100);

    /** Where the clock stands: the first tick is 93 ms away. */
    private static final Duration START = Duration.ofMillis(1_007);

    private static final int CHUNK = 4096;

    private final AtomicInteger units = new AtomicInteger();
    private final AccessUnitWriter writer =
            new AccessUnitWriter(
                    new UnitWriter(),
                    new UnitSink() {
                        @Override
                        public void onUnit(Unit unit) {
                            units.incrementAndGet();
                        }
                    });
    private long now = START.toNanos();
    private final ReadPace pace = new ReadPace(() -> now);
    private Connection connection;

    /** Takes {@code live/demo}. */
    private final class OneStream implements Session.Host {
        private final PublishInput input =
                new PublishInput("live/demo", "", OnPublish.reject, writer);

        @Override
        public Session.Lookup find(PublishTarget target) {
            return new Session.Lookup(input, "", "");
        }

        @Override
        public Optional<PlayOutput> findOutput(PublishTarget target) {
            return Optional.empty();
        }

        @Override
        public void publishing(Session session, String path) {}

        @Override
        public void refused(Session session, PublishTarget target, String reason) {}

        @Override
        public void hold(Session session, String path) {}

        @Override
        public void ended(Session session, String path, String reason) {}
    }

    /** A connection that counts how often it is asked to be read. */
    private final class Connection extends ChannelOutboundHandlerAdapter {
        private final ChunkWriter chunks = new ChunkWriter();
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private int reads;
        private int sent;

        Connection() {
            channel.freezeTime();
            channel.pipeline()
                    .addLast(this, new RtmpHandler(new OneStream(), RtmpHandlerTest.LIMITS, pace));
            chunks.setChunkSize(CHUNK);
        }

        @Override
        public void read(ChannelHandlerContext ctx) {
            reads++;
            ctx.read();
        }

        boolean isReadAtOnce() {
            return channel.config().isAutoRead();
        }

        void publish() {
            channel.writeInbound(Unpooled.wrappedBuffer(RtmpHandlerTest.publisher(CHUNK)));
            channel.releaseOutbound();
        }

        /** Opus needs no sequence start, so any packet is an access unit. */
        void sendSound(int count) {
            ByteBuf wire = Unpooled.buffer();
            for (int i = 0; i < count; i++) {
                chunks.write(4, MessageType.AUDIO, 1, 20 * sent++, hex("914f707573fc00"), wire);
            }
            // With room behind it, as a socket's buffer that it did not fill.
            channel.writeInbound(Unpooled.buffer(wire.readableBytes() + 1).writeBytes(wire));
        }

        void sendCommand(String name) {
            ByteBuf wire = Unpooled.buffer();
            RtmpHandlerTest.command(
                    chunks,
                    wire,
                    1,
                    AmfValue.of(name),
                    AmfValue.of(4),
                    new AmfValue.Null(),
                    AmfValue.of(1));
            channel.writeInbound(wire);
            channel.releaseOutbound();
        }

        void pass(Duration time) {
            now += time.toNanos();
            channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private Connection publishing(Duration period) {
        pace.setPeriod(period);
        connection = new Connection();
        connection.publish();
        return connection;
    }

    @AfterEach
    void end() {
        if (connection != null) {
            connection.channel.finishAndReleaseAll();
        }
        writer.close();
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    @Test
    void readsOnceATick() {
        Connection c = publishing(PERIOD);
        assertThat(c.isReadAtOnce()).as("before any media").isTrue();
        c.sendSound(20);
        assertThat(c.isReadAtOnce()).isFalse();
        c.reads = 0;
        c.pass(Duration.ofMillis(92));
        assertThat(c.reads).isZero();
        c.pass(Duration.ofMillis(1));
        assertThat(c.reads).as("at a multiple of the period").isEqualTo(1);

        c.pass(Duration.ofMillis(250));
        assertThat(c.reads).as("while nothing comes").isEqualTo(1);
        c.sendSound(1);
        c.pass(Duration.ofMillis(49));
        assertThat(c.reads).isEqualTo(1);
        c.pass(Duration.ofMillis(1));
        assertThat(c.reads).as("at the next multiple again").isEqualTo(2);
        c.sendSound(7);
        assertThat(units.get()).isEqualTo(28);
    }

    @Test
    void readsOnAtOnceWhenMoreHasComeThanTheBufferHolds() {
        Connection c = publishing(PERIOD);
        c.sendSound(1);
        ByteBuf full = Unpooled.buffer();
        c.chunks.write(4, MessageType.AUDIO, 1, 20, hex("914f707573fc00"), full);
        c.channel.writeInbound(full.capacity(full.readableBytes()));
        assertThat(c.isReadAtOnce()).as("until the rest has come").isTrue();
        c.sendSound(1);
        assertThat(c.isReadAtOnce()).isFalse();
    }

    @Test
    void isReadAtOnceAgainWhenThePublisherHasStopped() {
        Connection c = publishing(PERIOD);
        c.sendSound(1);
        assertThat(c.isReadAtOnce()).isFalse();
        c.sendCommand("deleteStream");
        assertThat(c.isReadAtOnce()).isTrue();
        c.reads = 0;
        c.pass(PERIOD);
        assertThat(c.reads).as("by the tick that was due").isZero();
    }

    @Test
    void readsAtOnceWithoutALatency() {
        Connection c = publishing(Duration.ZERO);
        c.sendSound(50);
        assertThat(c.isReadAtOnce()).isTrue();
        assertThat(units.get()).isEqualTo(50);
    }

    @Test
    void changesWhileAPublisherIsConnected() {
        Connection c = publishing(Duration.ZERO);
        c.sendSound(1);
        pace.setPeriod(PERIOD);
        c.sendSound(1);
        assertThat(c.isReadAtOnce()).isFalse();
        pace.setPeriod(Duration.ZERO);
        c.pass(PERIOD);
        assertThat(c.isReadAtOnce()).isTrue();
    }

    @Test
    void survivesTheEndOfAConnectionThatWaits() {
        Connection c = publishing(PERIOD);
        c.sendSound(1);
        c.channel.close();
        c.pass(PERIOD);
        assertThat(c.channel.isOpen()).isFalse();
    }

    @Test
    void refusesALatencyThatNoPlayerWouldSurvive() {
        assertThatThrownBy(() -> pace.setPeriod(Duration.ofMillis(501)))
                .hasMessageContaining("expected 0 to 500 ms");
        assertThatThrownBy(() -> pace.setPeriod(Duration.ofMillis(-1)))
                .hasMessageContaining("expected 0 to 500 ms");
    }

    /** Over sockets, more than one buffer a tick: nothing is lost, and the end is seen. */
    @ParameterizedTest
    @ValueSource(ints = {20, 500})
    void everythingArrivesAndTheEndIsNoticed(int latencyMs, @TempDir Path folder) throws Exception {
        try (RtmpFixture server = new RtmpFixture(c -> c.setReceiveLatency(latencyMs))) {
            List<RtmpFixture.Seen> seen =
                    server.route("demo", "live/demo", folder.resolve("demo.ts"));
            ByteBuf sound = hex("914f707573fc").writerIndex(6);
            ByteBuf large = Unpooled.buffer().writeBytes(sound).writeZero(1200);
            try (TestPublisher publisher = new TestPublisher(server.port())) {
                publisher.connect("live", Map.of());
                assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
                for (int i = 0; i < 400; i++) {
                    publisher.send(MessageType.AUDIO, 1, 20 * i, large.duplicate());
                }
                await().until(() -> seen.size() == 400);
                for (int i = 400; i < 450; i++) {
                    publisher.send(MessageType.AUDIO, 1, 20 * i, large.duplicate());
                }
                assertThat(server.events).containsExactly("publishing live/demo");
            }
            await().until(() -> server.events.size() == 2);
            assertThat(seen).as("what came just before the end too").hasSize(450);
            for (int i = 1; i < 450; i++) {
                assertThat(seen.get(i).dts() - seen.get(i - 1).dts()).isEqualTo(1800);
            }
        }
    }
}
