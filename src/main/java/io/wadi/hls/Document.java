package io.wadi.hls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaResponse.CachePolicy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A rendered playlist: the same bytes for everybody until it changes.
 *
 * @param etag of its content
 * @param bytes on the heap and shared; the garbage collector owns them
 */
record Document(String etag, ByteBuf bytes) {
    private static final String PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
    private static final int ETAG_BYTES = 12;

    static Document of(String playlist) {
        byte[] bytes = playlist.getBytes(StandardCharsets.UTF_8);
        String etag = HexFormat.of().formatHex(sha256(bytes), 0, ETAG_BYTES);
        return new Document(etag, Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    void send(MediaResponse response) {
        response.send(PLAYLIST_TYPE, CachePolicy.PLAYLIST, etag, bytes.duplicate());
    }

    int sizeBytes() {
        return bytes.readableBytes();
    }
}
