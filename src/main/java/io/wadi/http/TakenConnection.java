package io.wadi.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Takes an HTTP/1 connection from Vert.x for an endless answer: Vert.x and Netty's encoder would
 * cost two objects and a pass through the pipeline for every write to every viewer. Vert.x's
 * handlers stay where they are, so that it notices the end of the connection; they only never see
 * an answer.
 */
final class TakenConnection {
    private TakenConnection() {}

    /**
     * Sends the head of the answer. A body without a length ends with its connection (RFC 9112
     * §6.3), which HTTP/1.0 players understand too.
     *
     * @return the channel, empty when the connection is gone or is no socket of ours
     */
    static Optional<Channel> of(HttpServerRequest request, MultiMap headers) {
        if (!(request.connection() instanceof ConnectionBase connection)) {
            return Optional.empty();
        }
        Channel channel = connection.channel();
        if (!channel.isActive()) {
            return Optional.empty();
        }
        // It would not see what is written past it.
        for (Map.Entry<String, ChannelHandler> handler : channel.pipeline()) {
            if (handler.getValue() instanceof IdleStateHandler idle) {
                channel.pipeline().remove(idle);
            }
        }
        HeadDeadline.remove(channel.pipeline());
        channel.unsafe().write(head(channel, headers), channel.voidPromise());
        channel.unsafe().flush();
        return Optional.of(channel);
    }

    private static ByteBuf head(Channel channel, MultiMap headers) {
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        for (Map.Entry<String, String> header : headers) {
            head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        byte[] text = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        return channel.alloc().directBuffer(text.length).writeBytes(text);
    }
}
