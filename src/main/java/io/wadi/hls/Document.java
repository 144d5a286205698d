package io.wadi.hls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.http.ContentTag;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaResponse.CachePolicy;

import java.nio.charset.StandardCharsets;

/**
 * A rendered playlist: the same bytes for everybody until it changes.
 *
 * @param etag of its content
 * @param bytes on the heap and shared; the garbage collector owns them
 */
record Document(String etag, ByteBuf bytes) {
    private static final String PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

    static Document of(String playlist) {
        byte[] bytes = playlist.getBytes(StandardCharsets.UTF_8);
        return new Document(
                ContentTag.of(bytes), Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)));
    }

    void send(MediaResponse response) {
        response.send(PLAYLIST_TYPE, CachePolicy.PLAYLIST, etag, bytes.duplicate());
    }

    int sizeBytes() {
        return bytes.readableBytes();
    }
}
