package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/**
 * The accepting side of the RTMP handshake (§5.2), and of the undocumented one with digests that
 * Flash, librtmp and FFmpeg start when their C1 carries a version. Pure: bytes in, bytes out.
 *
 * <pre>
 * C0, S0: version=3(8)
 * C1, S1: time(32) zero or version(32) random(1528)
 * C2, S2: the other's 1, echoed; or random(1504) digest(32)
 * </pre>
 */
final class ServerHandshake {
    static final int PACKET_SIZE = 1536;

    private static final int VERSION = 3;

    /** 32 and above are reserved so that text protocols can be told apart (§5.2.2). */
    private static final int FIRST_TEXT_VERSION = 32;

    /** RTMPE: the same with Diffie-Hellman and RC4. */
    private static final int ENCRYPTED_VERSION = 6;

    /** Not zero, so that the peer looks for our digest: Flash Media Server 3.5.1.1. */
    private static final int SERVER_VERSION = 0x03050101;

    private enum State {
        C0,
        C1,
        C2,
        DONE
    }

    private final RandomGenerator random;
    private State state = State.C0;
    private boolean complex;

    ServerHandshake(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Reads on and writes what is to be answered.
     *
     * @param in borrowed; read as far as the handshake goes
     * @param out borrowed
     * @return whether the handshake is done and what is left in {@code in} are chunks
     */
    boolean read(ByteBuf in, ByteBuf out) throws MalformedException {
        if (state == State.C0 && in.isReadable()) {
            checkVersion(in.getUnsignedByte(in.readerIndex()));
            in.skipBytes(1);
            state = State.C1;
        }
        if (state == State.C1 && in.readableBytes() >= PACKET_SIZE) {
            answer(in.readSlice(PACKET_SIZE), out);
            state = State.C2;
        }
        if (state == State.C2 && in.readableBytes() >= PACKET_SIZE) {
            // C2 should echo S1; enough clients send something else that nobody looks.
            in.skipBytes(PACKET_SIZE);
            state = State.DONE;
        }
        return state == State.DONE;
    }

    /** Whether the peer was answered with a digest. */
    boolean isComplex() {
        return complex;
    }

    private static void checkVersion(int version) throws MalformedException {
        if (version >= FIRST_TEXT_VERSION || version == ENCRYPTED_VERSION) {
            throw new MalformedException("RTMP version", version, "3 (plain RTMP)");
        }
    }

    private void answer(ByteBuf c1, ByteBuf out) {
        byte[] client = new byte[PACKET_SIZE];
        c1.getBytes(c1.readerIndex(), client);
        byte[] s1 = randomPacket();
        HandshakeDigest scheme = HandshakeDigest.find(client);
        out.writeByte(VERSION);
        if (scheme == null) {
            out.writeBytes(s1).writeBytes(client);
            return;
        }
        complex = true;
        ByteBuffer.wrap(s1).putInt(4, SERVER_VERSION);
        scheme.sign(s1);
        byte[] s2 = randomPacket();
        HandshakeDigest.signAnswer(s2, scheme.digestOf(client));
        out.writeBytes(s1).writeBytes(s2);
    }

    private byte[] randomPacket() {
        byte[] packet = new byte[PACKET_SIZE];
        random.nextBytes(packet);
        ByteBuffer.wrap(packet).putLong(0, 0);
        return packet;
    }
}
