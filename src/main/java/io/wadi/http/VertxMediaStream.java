package io.wadi.http;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** An endless Vert.x response. Used on its event loop only, {@link #execute} apart. */
final class VertxMediaStream implements MediaStream {
    private static final Runnable NOTHING = () -> {};

    private final HttpServerRequest request;
    private final HttpServerResponse out;
    private final Context loop;
    private long pendingBytes;
    private Runnable drained = NOTHING;
    private Runnable closed = NOTHING;
    private boolean gone;

    VertxMediaStream(HttpServerRequest request, Context loop) {
        this.request = request;
        this.out = request.response();
        this.loop = loop;
        out.closeHandler(_ -> leave());
        out.exceptionHandler(_ -> leave());
    }

    @Override
    public void write(ByteBuf bytes) {
        if (gone || out.closed()) {
            bytes.release();
            return;
        }
        int length = bytes.readableBytes();
        pendingBytes += length;
        out.write(wrap(bytes)).onComplete(_ -> written(bytes, length));
    }

    /**
     * A view for Vert.x, which copies nothing and never releases it. Vert.x 4.5 marks this entrance
     * as one for those who know Netty; it has no other for direct memory.
     */
    @SuppressWarnings("deprecation")
    static Buffer wrap(ByteBuf bytes) {
        return Buffer.buffer(bytes);
    }

    private void written(ByteBuf bytes, int length) {
        bytes.release();
        pendingBytes -= length;
        if (!gone) {
            drained.run();
        }
    }

    @Override
    public long pendingBytes() {
        return pendingBytes;
    }

    @Override
    public void onDrained(Runnable drained) {
        this.drained = drained;
    }

    @Override
    public void onClosed(Runnable closed) {
        this.closed = closed;
        if (gone) {
            closed.run();
        }
    }

    @Override
    public void close() {
        if (!gone) {
            leave();
            // What is pending would keep the connection open for as long as a viewer does not read.
            request.connection().close();
        }
    }

    private void leave() {
        if (!gone) {
            gone = true;
            closed.run();
        }
    }

    @Override
    public void execute(Runnable task) {
        loop.runOnContext(_ -> task.run());
    }
}
