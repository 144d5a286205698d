package io.wadi.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

import java.util.function.Consumer;

/**
 * The answer to one media request: exactly one of these is called, at once or later, from any
 * thread. CORS, HEAD, Range, If-None-Match and Content-Length are done here for all resources.
 */
public interface MediaResponse {
    /**
     * Answers with a whole body; takes ownership of {@code body} and releases it when it is written
     * or not wanted.
     *
     * @param etag strong entity tag without quotes, or "" for none
     */
    void send(String contentType, CachePolicy cache, String etag, ByteBuf body);

    /**
     * Answers with a body that ends with its connection, and gives the connection away: from the
     * call of {@code started} on the caller writes bare body bytes to the channel. A HEAD request
     * gets the headers only, and {@code started} is not called then.
     *
     * @param started called on the channel's event loop
     */
    void takeOver(String contentType, Consumer<Channel> started);

    /** Answers 404 with the error envelope. */
    void notFound(String what);

    /** How long others may keep an answer. */
    enum CachePolicy {
        /** Changes all the time: {@code no-cache}. */
        PLAYLIST("no-cache"),
        /** Live MPD: {@code no-store, max-age=0, must-revalidate}. */
        MANIFEST("no-store, max-age=0, must-revalidate"),
        /** Never changes under this name. */
        SEGMENT("public, max-age=3600, immutable"),
        /** Endless. */
        NONE("no-cache, no-store, no-transform");

        private final String header;

        CachePolicy(String header) {
            this.header = header;
        }

        public String header() {
            return header;
        }
    }
}
