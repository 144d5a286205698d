package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;

import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Who does not get ahead, and who sends what is too much, loses its own connection, while a
 * publisher and a viewer beside it lose no byte: every frame is compared with the one sent.
 */
class LimitsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final int GROUP = 8;
    private static final int FRAME_MS = 40;
    private static final int MIB = 1024 * 1024;

    /** In the caches of threads that outlive a connection. */
    private static final int FEW_BUFFERS = 64;

    private RtmpFixture server;
    private TestPublisher publisher;
    private LoadViewer viewer;
    private Selector selector;
    private int next;

    @BeforeEach
    void start() throws Exception {
        server = new RtmpFixture(component -> component.setDeadlines(SHORT, SHORT));
        server.camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("rtmp:listen/in/demo").to("ring:demo");
                        from("ring:demo").to("rtmp:listen/live/demo?sendLatency=0");
                    }
                });
        selector = Selector.open();
        publisher = new TestPublisher(server.port());
        publisher.connect("in", Map.of());
        assertThat(publisher.publish("demo")).isEqualTo(StatusCode.PUBLISH_START);
        publisher.send(MessageType.VIDEO, 1, 0, NumberedFrames.sequenceHeader());
        viewer = new LoadViewer(LoadViewer.Kind.RTMP, server.port(), GROUP, selector, false);
        awaitFrames();
    }

    @AfterEach
    void stop() throws Exception {
        viewer.close();
        publisher.close();
        selector.close();
        server.close();
    }

    /** Sends frames until the viewer has some of them; it must have missed none since its first. */
    private void awaitFrames() throws Exception {
        int before = next;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (viewer.number() < before) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            for (int i = 0; i < GROUP; i++) {
                int time = next * FRAME_MS;
                publisher.send(MessageType.VIDEO, 1, time, NumberedFrames.tag(next++, GROUP));
            }
            selector.select(_ -> read(), 100);
        }
        assertThat(viewer.isEnded()).isFalse();
    }

    private void read() {
        try {
            viewer.read();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        assertThat(viewer.complaint()).isEmpty();
    }

    @Test
    void disconnectsWhoSaysNothing() throws Exception {
        try (Socket silent = connection()) {
            silent.setSoTimeout((int) PATIENCE.toMillis());
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
        awaitFrames();
    }

    /** The deadline is that of the whole handshake: a byte now and then does not move it. */
    @Test
    void disconnectsWhoDripsItsHandshake() throws Exception {
        try (Socket slow = connection()) {
            slow.setSoTimeout(5);
            slow.getOutputStream().write(3);
            long began = System.nanoTime();
            while (!isClosed(slow)) {
                slow.getOutputStream().write(0);
                assertThat(System.nanoTime() - began).isLessThan(PATIENCE.toNanos());
            }
        } catch (SocketException _) {
            // Just as good.
        }
        awaitFrames();
    }

    private static boolean isClosed(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException _) {
            return false;
        }
    }

    @Test
    void disconnectsWhoConnectsAndDoesNothing() throws Exception {
        try (TestPublisher idle = new TestPublisher(server.port())) {
            idle.connect("in", Map.of());
            assertThat(idle.createStream()).isEqualTo(1);
            assertThat(idle.isClosedByServer()).isTrue();
        }
        // It has lived longer than any deadline.
        awaitFrames();
    }

    /** What is too much, each in its own way. */
    enum Excess {
        DEPTH {
            @Override
            ByteBuf payload() {
                ByteBuf bytes = command();
                for (int i = 0; i < 100; i++) {
                    bytes.writeByte(3).writeShort(1).writeByte('a'); // an object's first member
                }
                return bytes;
            }
        },
        VALUES {
            @Override
            ByteBuf payload() {
                return command().writeByte(10).writeInt(Integer.MAX_VALUE); // a strict array
            }
        },
        STRING {
            @Override
            ByteBuf payload() {
                return command().writeByte(12).writeInt(200_000).writeZero(200_000); // a long one
            }
        },
        NO_AMF {
            @Override
            ByteBuf payload() {
                return Unpooled.wrappedBuffer(new byte[] {2, 0});
            }
        },
        CHUNK_SIZE {
            @Override
            void send(TestPublisher peer) throws IOException {
                peer.send(MessageType.SET_CHUNK_SIZE, 0, 0, Unpooled.buffer().writeInt(0));
            }
        },
        CHUNK_STREAMS {
            @Override
            void send(TestPublisher peer) throws IOException {
                for (int id = 64; id < 64 + 2 * ChunkReader.MAX_CHUNK_STREAMS; id++) {
                    // Type 0, a chunk stream of two bytes; a message of which a part comes.
                    ByteBuf chunk = Unpooled.buffer().writeByte(0).writeByte(id - 64);
                    chunk.writeMedium(0).writeMedium(1000).writeByte(9).writeIntLE(1);
                    peer.sendRaw(ByteBufUtil.getBytes(chunk.writeZero(128)));
                }
            }
        },
        MEMORY {
            // Three messages of 16 MiB, none of which ends.
            @Override
            void send(TestPublisher peer) throws IOException {
                peer.send(MessageType.SET_CHUNK_SIZE, 0, 0, Unpooled.buffer().writeInt(MIB));
                byte[] part = new byte[MIB];
                for (int i = 0; i < 15; i++) {
                    for (int id = 10; id < 13; id++) {
                        ByteBuf header = Unpooled.buffer().writeByte(i == 0 ? id : 0xC0 | id);
                        if (i == 0) {
                            header.writeMedium(0).writeMedium(ChunkReader.MAX_MESSAGE_BYTES);
                            header.writeByte(9).writeIntLE(1);
                        }
                        peer.sendRaw(ByteBufUtil.getBytes(header));
                        peer.sendRaw(part);
                    }
                }
            }
        },
        COMMANDS {
            @Override
            void send(TestPublisher peer) throws IOException {
                for (int i = 0; i < 2 * Session.MAX_COMMANDS_BEFORE_PUBLISH; i++) {
                    peer.command(0, "getStreamLength", 0, new AmfValue.Null());
                }
            }
        };

        /** The values of a command. */
        ByteBuf payload() {
            throw new IllegalStateException("no payload");
        }

        void send(TestPublisher peer) throws IOException {
            peer.send(MessageType.COMMAND_AMF0, 0, 0, payload());
        }

        private static ByteBuf command() {
            ByteBuf bytes = Unpooled.buffer();
            Amf0.write(AmfValue.of("createStream"), bytes);
            Amf0.write(AmfValue.of(1), bytes);
            return bytes;
        }
    }

    @ParameterizedTest
    @EnumSource
    void excessCostsItsOwnConnectionOnly(Excess excess) throws Exception {
        // The first ones fill the caches of the event loops.
        exceed(excess);
        long before = buffers();
        exceed(excess);
        awaitFrames();
        assertThat(server.events).containsExactly("publishing in/demo");
        await().atMost(PATIENCE).until(() -> buffers() <= before + FEW_BUFFERS);
    }

    private void exceed(Excess excess) throws Exception {
        for (int i = 0; i < 3; i++) {
            try (TestPublisher peer = new TestPublisher(server.port())) {
                peer.connect("in", Map.of());
                try {
                    excess.send(peer);
                } catch (SocketException _) {
                    continue;
                }
                assertThat(peer.isClosedByServer()).isTrue();
            }
        }
    }

    private Socket connection() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    /** Pooled direct buffers that somebody holds. */
    private static long buffers() {
        List<PoolArenaMetric> arenas = PooledByteBufAllocator.DEFAULT.metric().directArenas();
        return arenas.stream().mapToLong(PoolArenaMetric::numActiveAllocations).sum();
    }
}
