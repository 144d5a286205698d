package io.wadi.rtmp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The digest in C1 and S1: HMAC-SHA256 of the packet without the digest's own 32 bytes, at a place
 * that four bytes of the packet add up to. There are two schemes of where those are. Never
 * published by Adobe; the keys are known from the players themselves.
 */
enum HandshakeDigest {
    /** Key block first, digest block at 772. */
    SCHEME_0(772),
    /** Digest block first. */
    SCHEME_1(8);

    static final int SIZE = 32;

    private static final int OFFSET_SIZE = 4;

    /** Block of 764 bytes less the offset and the digest. */
    private static final int PLACES = 728;

    private static final byte[] SECRET =
            HexFormat.of()
                    .parseHex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae");
    static final byte[] CLIENT_KEY =
            "Genuine Adobe Flash Player 001".getBytes(StandardCharsets.US_ASCII);
    static final byte[] SERVER_KEY =
            "Genuine Adobe Flash Media Server 001".getBytes(StandardCharsets.US_ASCII);

    private final int block;

    HandshakeDigest(int block) {
        this.block = block;
    }

    /** The scheme whose digest of a C1 is right, null when none is. */
    static HandshakeDigest find(byte[] c1) {
        boolean versioned = (c1[4] | c1[5] | c1[6] | c1[7]) != 0;
        if (versioned) {
            for (HandshakeDigest scheme : values()) {
                if (MessageDigest.isEqual(scheme.digestOf(c1), scheme.compute(c1, CLIENT_KEY))) {
                    return scheme;
                }
            }
        }
        return null;
    }

    /** Where the digest of this packet is. */
    int place(byte[] packet) {
        int sum = 0;
        for (int i = 0; i < OFFSET_SIZE; i++) {
            sum += packet[block + i] & 0xFF;
        }
        return block + OFFSET_SIZE + sum % PLACES;
    }

    byte[] digestOf(byte[] packet) {
        int place = place(packet);
        return Arrays.copyOfRange(packet, place, place + SIZE);
    }

    /** Puts the server's digest into an S1. */
    void sign(byte[] s1) {
        ByteBuffer.wrap(s1).put(place(s1), compute(s1, SERVER_KEY));
    }

    /** Ends an S2 with the digest that proves that the C1's was seen. */
    static void signAnswer(byte[] s2, byte[] clientDigest) {
        byte[] key =
                ByteBuffer.allocate(SERVER_KEY.length + SECRET.length)
                        .put(SERVER_KEY)
                        .put(SECRET)
                        .array();
        Mac mac = hmac(hmac(key).doFinal(clientDigest));
        int length = s2.length - SIZE;
        mac.update(s2, 0, length);
        ByteBuffer.wrap(s2).put(length, mac.doFinal());
    }

    byte[] compute(byte[] packet, byte[] key) {
        int place = place(packet);
        Mac mac = hmac(key);
        mac.update(packet, 0, place);
        mac.update(packet, place + SIZE, packet.length - place - SIZE);
        return mac.doFinal();
    }

    private static Mac hmac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }
}
