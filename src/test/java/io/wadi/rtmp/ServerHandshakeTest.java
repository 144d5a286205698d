package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.MalformedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.util.Random;

class ServerHandshakeTest {
    private final ServerHandshake handshake = new ServerHandshake(new Random(1));
    private final ByteBuf out = Unpooled.buffer();

    private static byte[] c1(int version) {
        byte[] c1 = new byte[ServerHandshake.PACKET_SIZE];
        new Random(7).nextBytes(c1);
        ByteBuffer.wrap(c1).putInt(0, 5).putInt(4, version);
        return c1;
    }

    private static byte[] packet(ByteBuf out, int number) {
        return ByteBufUtil.getBytes(
                out, 1 + number * ServerHandshake.PACKET_SIZE, ServerHandshake.PACKET_SIZE);
    }

    private boolean greet(byte[] c1) throws MalformedException {
        ByteBuf in = Unpooled.buffer().writeByte(3).writeBytes(c1);
        boolean done = handshake.read(in, out);
        assertThat(in.isReadable()).isFalse();
        return done;
    }

    @Test
    void echoesSimpleClient() throws Exception {
        byte[] c1 = c1(0);
        assertThat(greet(c1)).isFalse();
        assertThat(out.readableBytes()).isEqualTo(1 + 2 * ServerHandshake.PACKET_SIZE);
        assertThat(out.getByte(0)).isEqualTo((byte) 3);
        assertThat(packet(out, 1)).isEqualTo(c1);
        ByteBuf rest = Unpooled.buffer().writeZero(ServerHandshake.PACKET_SIZE).writeByte(0x55);
        assertThat(handshake.read(rest, out)).isTrue();
        assertThat(rest.readableBytes()).isEqualTo(1);
        assertThat(handshake.isComplex()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(HandshakeDigest.class)
    void answersDigestInItsScheme(HandshakeDigest scheme) throws Exception {
        byte[] c1 = c1(0x80000702);
        byte[] digest = scheme.compute(c1, HandshakeDigest.CLIENT_KEY);
        ByteBuffer.wrap(c1).put(scheme.place(c1), digest);
        greet(c1);
        assertThat(handshake.isComplex()).isTrue();
        byte[] s1 = packet(out, 0);
        assertThat(scheme.digestOf(s1)).isEqualTo(scheme.compute(s1, HandshakeDigest.SERVER_KEY));
        byte[] s2 = packet(out, 1);
        byte[] expected = s2.clone();
        HandshakeDigest.signAnswer(expected, digest);
        assertThat(s2).isEqualTo(expected).isNotEqualTo(c1);
    }

    @Test
    void fallsBackToSimpleOnWrongDigest() throws Exception {
        byte[] c1 = c1(0x80000702);
        greet(c1);
        assertThat(handshake.isComplex()).isFalse();
        assertThat(packet(out, 1)).isEqualTo(c1);
    }

    @Test
    void refusesOtherProtocols() {
        for (int first : new int[] {'G', 6, 0x16 + 32}) {
            assertThatThrownBy(
                            () ->
                                    new ServerHandshake(new Random(1))
                                            .read(Unpooled.buffer().writeByte(first), out))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining("expected 3");
        }
    }
}
