package io.wadi.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Answers on a Vert.x response. Vert.x wraps a body without copying and hands an unreleasable view
 * of it to the channel: the reference stays ours until the write is done, one way or the other, and
 * is given up exactly then.
 */
final class VertxMediaResponse implements MediaResponse {
    private static final CharSequence OCTETS = HttpHeaders.createOptimized("bytes");
    private static final CharSequence PRAGMA = HttpHeaders.createOptimized("Pragma");
    private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");

    private final HttpServerResponse out;
    private final VertxMediaRequest request;
    private final Context loop;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** On the event loop of the request. */
    VertxMediaResponse(VertxMediaRequest request) {
        this.out = request.http().response();
        this.request = request;
        this.loop = Vertx.currentContext();
    }

    @Override
    public void send(String contentType, CachePolicy cache, String etag, ByteBuf body) {
        claim(body);
        onLoop(() -> sendNow(contentType, cache, etag, body));
    }

    @Override
    public void notFound(String what) {
        claim(null);
        onLoop(
                () -> {
                    if (isOpen()) {
                        Cors.allow(out.headers());
                        ErrorBody.send(out, 404, "NOT_FOUND", what, request.isHead());
                    }
                });
    }

    @Override
    public void takeOver(String contentType, Consumer<Channel> started) {
        claim(null);
        onLoop(
                () -> {
                    if (isOpen()) {
                        takeOverNow(contentType, started);
                    }
                });
    }

    private void claim(ByteBuf body) {
        if (!answered.compareAndSet(false, true)) {
            if (body != null) {
                body.release();
            }
            throw new IllegalStateException(
                    "a second answer to " + request.code() + "/" + request.path());
        }
    }

    @SuppressWarnings("ReferenceEquality") // this very loop
    private void onLoop(Runnable task) {
        if (Vertx.currentContext() == loop) {
            task.run();
        } else {
            loop.runOnContext(_ -> task.run());
        }
    }

    private boolean isOpen() {
        return !out.closed() && !out.ended();
    }

    private void sendNow(String contentType, CachePolicy cache, String etag, ByteBuf body) {
        boolean written = false;
        try {
            if (isOpen()) {
                written = answer(contentType, cache, etag, body);
            }
        } finally {
            if (!written) {
                body.release();
            }
        }
    }

    /**
     * @return whether the body is on its way, and will be released when it was written
     */
    private boolean answer(String contentType, CachePolicy cache, String etag, ByteBuf body) {
        MultiMap headers = out.headers();
        setHeaders(headers, cache, etag);
        if (isUnchanged(etag)) {
            out.setStatusCode(304).end();
            return false;
        }
        headers.set(HttpHeaders.CONTENT_TYPE, contentType);
        headers.set(HttpHeaders.ACCEPT_RANGES, OCTETS);
        int length = body.readableBytes();
        switch (rangeOf(etag, length)) {
            case ByteRange.Whole() -> {
                return write(headers, body, body.readerIndex(), length);
            }
            case ByteRange.Part part -> {
                out.setStatusCode(206);
                headers.set(
                        HttpHeaders.CONTENT_RANGE,
                        "bytes " + part.first() + "-" + part.last() + "/" + length);
                return write(headers, body, body.readerIndex() + part.first(), part.length());
            }
            case ByteRange.Unsatisfiable() -> {
                headers.set(HttpHeaders.CONTENT_RANGE, "bytes */" + length);
                headers.remove(HttpHeaders.CONTENT_TYPE);
                out.setStatusCode(416).end();
                return false;
            }
        }
    }

    private static void setHeaders(MultiMap headers, CachePolicy cache, String etag) {
        Cors.allow(headers);
        headers.set(HttpHeaders.CACHE_CONTROL, cache.header());
        if (cache == CachePolicy.PLAYLIST) {
            headers.set(PRAGMA, NO_CACHE);
        }
        if (!etag.isEmpty()) {
            headers.set(HttpHeaders.ETAG, quoted(etag));
        }
    }

    /** If-None-Match compares weakly (RFC 9110 §13.1.2). */
    private boolean isUnchanged(String etag) {
        String asked = request.http().getHeader(HttpHeaders.IF_NONE_MATCH);
        if (asked == null || etag.isEmpty()) {
            return false;
        }
        if (asked.strip().equals("*")) {
            return true;
        }
        for (String candidate : asked.split(",", -1)) {
            String tag = candidate.strip();
            if ((tag.startsWith("W/") ? tag.substring(2) : tag).equals(quoted(etag))) {
                return true;
            }
        }
        return false;
    }

    /** A range counts for GET only, and under If-Range only for the body that is still there. */
    private ByteRange rangeOf(String etag, int length) {
        String condition = request.http().getHeader("If-Range");
        boolean stale = condition != null && (etag.isEmpty() || !condition.equals(quoted(etag)));
        return request.isHead() || stale
                ? new ByteRange.Whole()
                : ByteRange.of(request.http().getHeader("Range"), length);
    }

    private static String quoted(String etag) {
        return '"' + etag + '"';
    }

    private boolean write(MultiMap headers, ByteBuf body, int from, int length) {
        headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
        if (request.isHead()) {
            out.end();
            return false;
        }
        out.end(wrap(body.slice(from, length))).onComplete(_ -> body.release());
        return true;
    }

    private void takeOverNow(String contentType, Consumer<Channel> started) {
        MultiMap headers = out.headers();
        setHeaders(headers, CachePolicy.NONE, "");
        headers.set(HttpHeaders.CONTENT_TYPE, contentType);
        headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        if (request.isHead()) {
            out.end();
        } else if (request.http().version() == HttpVersion.HTTP_2) {
            headers.remove(HttpHeaders.CONNECTION);
            ErrorBody.send(
                    out, 505, "HTTP_VERSION", "endless streams are served by HTTP/1.1", false);
        } else {
            TakenConnection.of(request.http(), headers).ifPresent(started);
        }
    }

    /**
     * A view for Vert.x, which copies nothing and never releases it. Vert.x 4.5 marks this entrance
     * as one for those who know Netty; it has no other for direct memory.
     */
    @SuppressWarnings("deprecation")
    private static Buffer wrap(ByteBuf bytes) {
        return Buffer.buffer(bytes);
    }
}
