package io.wadi.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose request head does not come to its end in time, however often a byte of
 * it comes: the idle timeout would let a client hold a connection for ever that way. A connection
 * between two requests has no deadline, the idle timeout looks after it. Two handlers, one on each
 * side of the decoder; on the connection's event loop.
 */
public final class HeadDeadline extends ChannelInboundHandlerAdapter {
    private final Duration limit;
    private boolean awaitingHead = true;
    private ScheduledFuture<?> deadline;

    private HeadDeadline(Duration limit) {
        this.limit = limit;
    }

    /** For {@code HttpServer.connectionHandler}. */
    public static void guard(HttpConnection connection, Duration limit) {
        if (connection instanceof ConnectionBase base) {
            guard(base.channel(), limit);
        }
    }

    static void guard(Channel channel, Duration limit) {
        ChannelPipeline pipeline = channel.pipeline();
        for (Map.Entry<String, ChannelHandler> handler : pipeline) {
            if (handler.getValue() instanceof HttpRequestDecoder) {
                HeadDeadline before = new HeadDeadline(limit);
                pipeline.addBefore(handler.getKey(), null, before);
                pipeline.addAfter(handler.getKey(), null, before.new AfterDecoder());
                return;
            }
        }
    }

    /** The connection is not HTTP any more. */
    static void remove(ChannelPipeline pipeline) {
        for (Map.Entry<String, ChannelHandler> handler : pipeline) {
            if (handler.getValue() instanceof HeadDeadline
                    || handler.getValue() instanceof AfterDecoder) {
                pipeline.remove(handler.getValue());
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (awaitingHead && deadline == null) {
            deadline =
                    context.executor()
                            .schedule(
                                    () -> expire(context), limit.toMillis(), TimeUnit.MILLISECONDS);
        }
        context.fireChannelRead(message);
    }

    private static void expire(ChannelHandlerContext context) {
        context.close().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private void cancel() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        cancel();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancel();
    }

    /** Sees what the decoder made of the bytes. */
    private final class AfterDecoder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest) {
                awaitingHead = false;
                cancel();
            }
            if (message instanceof LastHttpContent) {
                awaitingHead = true;
            }
            context.fireChannelRead(message);
        }
    }
}
