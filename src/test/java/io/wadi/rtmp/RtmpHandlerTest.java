package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.MalformedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole connection without a network: what is answered does not depend on how bytes arrive. */
class RtmpHandlerTest {
    static final RtmpLimits LIMITS =
            new RtmpLimits(
                    RtmpLimits.HANDSHAKE,
                    RtmpLimits.PUBLISH,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(5),
                    16);

    private static final int GREETING_BYTES = 1 + 2 * ServerHandshake.PACKET_SIZE;

    /** Knows no stream, and remembers who asked. */
    private static final class Nobody implements Session.Host {
        final List<String> refused = new ArrayList<>();

        @Override
        public Session.Lookup find(PublishTarget target) {
            return new Session.Lookup(null, StatusCode.PUBLISH_BAD_NAME, "nobody takes this");
        }

        @Override
        public Optional<PlayOutput> findOutput(PublishTarget target) {
            return Optional.empty();
        }

        @Override
        public void publishing(Session session, String path) {
            throw new AssertionError("there is no stream " + path);
        }

        @Override
        public void refused(Session session, PublishTarget target, String reason) {
            refused.add(target.path());
        }

        @Override
        public void hold(Session session, String path) {
            throw new AssertionError("there is no stream " + path);
        }

        @Override
        public void ended(Session session, String path, String reason) {
            throw new AssertionError("there is no stream " + path);
        }
    }

    private final Nobody host = new Nobody();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new RtmpHandler(host, LIMITS, new ReadPace(System::nanoTime)));

    /** All that an encoder says until it may publish, in chunks of a size. */
    static byte[] publisher(int chunkSize) {
        ByteBuf wire = Unpooled.buffer();
        wire.writeByte(3).writeZero(ServerHandshake.PACKET_SIZE); // C0, C1
        wire.writeZero(ServerHandshake.PACKET_SIZE); // C2
        ChunkWriter chunks = new ChunkWriter();
        ByteBuf size = Unpooled.buffer().writeInt(chunkSize);
        chunks.write(
                ChunkWriter.CONTROL_CHUNK_STREAM, MessageType.SET_CHUNK_SIZE, 0, 0, size, wire);
        chunks.setChunkSize(chunkSize);
        AmfValue request =
                new AmfValue.Obj(
                        Map.of(
                                "app",
                                AmfValue.of("live"),
                                "tcUrl",
                                AmfValue.of("rtmp://localhost/live"),
                                // Longer than the smallest chunk.
                                "flashVer",
                                AmfValue.of("encoder ".repeat(40))));
        command(chunks, wire, 0, AmfValue.of("connect"), AmfValue.of(1), request);
        command(chunks, wire, 0, AmfValue.of("createStream"), AmfValue.of(2), new AmfValue.Null());
        command(
                chunks,
                wire,
                1,
                AmfValue.of("publish"),
                AmfValue.of(3),
                new AmfValue.Null(),
                AmfValue.of("demo"),
                AmfValue.of("live"));
        return ByteBufUtil.getBytes(wire);
    }

    static void command(ChunkWriter chunks, ByteBuf wire, int streamId, AmfValue... values) {
        ByteBuf payload = Unpooled.buffer();
        for (AmfValue value : values) {
            Amf0.write(value, payload);
        }
        chunks.write(
                ChunkWriter.COMMAND_CHUNK_STREAM,
                MessageType.COMMAND_AMF0,
                streamId,
                0,
                payload,
                wire);
    }

    private void send(byte[] bytes, int pieces) {
        for (int at = 0; at < bytes.length && channel.isOpen(); at += pieces) {
            channel.writeInbound(
                    Unpooled.copiedBuffer(bytes, at, Math.min(pieces, bytes.length - at)));
        }
    }

    private ByteBuf answered() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        return all;
    }

    /** The commands that were answered after the greeting: name, and code where there is one. */
    private List<String> commands() throws MalformedException {
        ByteBuf all = answered();
        assertThat(all.readByte()).isEqualTo((byte) 3);
        all.skipBytes(GREETING_BYTES - 1);
        List<String> commands = new ArrayList<>();
        try (ChunkReader reader =
                new ChunkReader(
                        channel.alloc(),
                        (type, _, _, payload) -> {
                            if (type == MessageType.COMMAND_AMF0) {
                                commands.add(describe(Amf0.readAll(payload)));
                            }
                        })) {
            reader.read(all);
        }
        return commands;
    }

    private static String describe(List<AmfValue> command) {
        String code =
                command.getLast().get("code").flatMap(AmfValue::text).map(c -> " " + c).orElse("");
        return command.getFirst().text().orElseThrow() + code;
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 129, 4096, 1 << 20})
    void answersTheSameHoweverBytesArrive(int chunkSize) throws Exception {
        byte[] publisher = publisher(chunkSize);
        for (int pieces : new int[] {1, 7, 1536, publisher.length}) {
            RtmpHandlerTest connection = new RtmpHandlerTest();
            connection.send(publisher, pieces);
            assertThat(connection.commands())
                    .as("in pieces of %d bytes", pieces)
                    .containsExactly(
                            "_result NetConnection.Connect.Success",
                            "_result",
                            "onStatus NetStream.Publish.BadName");
            assertThat(connection.host.refused).containsExactly("live/demo");
            connection.end();
        }
        end();
    }

    /** Nothing is left in the channel, and nothing of what was allocated (leak detection). */
    private void end() {
        channel.finishAndReleaseAll();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void answersTheGreetingAsSoonAsItCanBe() {
        byte[] publisher = publisher(128);
        for (int at = 0; at < ServerHandshake.PACKET_SIZE; at++) {
            send(new byte[] {publisher[at]}, 1);
            assertThat(channel.outboundMessages()).as("after byte %d", at).isEmpty();
        }
        send(new byte[] {publisher[ServerHandshake.PACKET_SIZE]}, 1);
        assertThat(answered().readableBytes()).isEqualTo(GREETING_BYTES);
        end();
    }

    /** A connection that ends anywhere leaves nothing behind and harms nobody. */
    @ParameterizedTest
    @ValueSource(ints = {128, 1 << 20})
    void survivesTheEndAfterEveryByte(int chunkSize) {
        byte[] publisher = publisher(chunkSize);
        int handshake = GREETING_BYTES;
        // The last byte is that of the command that is refused.
        for (int length = 0; length < publisher.length; length++) {
            if (length % 97 == 0 || length >= handshake) {
                RtmpHandlerTest connection = new RtmpHandlerTest();
                connection.send(Arrays.copyOf(publisher, length), 1000);
                assertThat(connection.channel.isOpen()).as("after %d bytes", length).isTrue();
                connection.end();
                assertThat(connection.host.refused).isEmpty();
            }
        }
        end();
    }

    @Test
    void closesOnBytesThatAreNoRtmp() {
        send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII), 5);
        assertThat(channel.isOpen()).isFalse();
        end();
    }

    @Test
    void closesOnAChunkSizeThatCannotBe() {
        ByteBuf wire = Unpooled.buffer();
        wire.writeByte(3).writeZero(2 * ServerHandshake.PACKET_SIZE);
        new ChunkWriter()
                .write(
                        ChunkWriter.CONTROL_CHUNK_STREAM,
                        MessageType.SET_CHUNK_SIZE,
                        0,
                        0,
                        Unpooled.buffer().writeInt(0),
                        wire);
        send(ByteBufUtil.getBytes(wire), 100);
        assertThat(channel.isOpen()).isFalse();
        end();
    }
}
