package io.wadi.http;

import io.netty.channel.Channel;

import java.util.function.LongSupplier;

/**
 * One path of a stream that is answered by a body without end. Who asks for it is a viewer for as
 * long as its connection is open.
 */
public final class EndlessResource implements MediaResource {
    /** Begins to send to a connection that has got the head of its answer. */
    @FunctionalInterface
    public interface Sender {
        /**
         * @return the bytes sent so far, asked on any thread
         */
        LongSupplier sendTo(Channel channel);
    }

    private final String path;
    private final String protocol;
    private final String contentType;
    private final ViewerCounter viewers;
    private final Sender sender;

    /**
     * @param path below the stream's code
     * @param protocol under which viewers are counted
     */
    public EndlessResource(
            String path,
            String protocol,
            String contentType,
            ViewerCounter viewers,
            Sender sender) {
        this.path = path;
        this.protocol = protocol;
        this.contentType = contentType;
        this.viewers = viewers;
        this.sender = sender;
    }

    @Override
    public boolean serve(MediaRequest request, MediaResponse response) {
        if (!request.path().equals(path)) {
            return false;
        }
        String code = request.code();
        String address = request.remoteAddress();
        String userAgent = request.header("User-Agent").orElse("");
        response.takeOver(contentType, channel -> begin(channel, code, address, userAgent));
        return true;
    }

    private void begin(Channel channel, String code, String address, String userAgent) {
        LongSupplier sent = sender.sendTo(channel);
        ViewerCounter.Session session = viewers.open(code, protocol, address, userAgent, sent);
        channel.closeFuture().addListener(_ -> session.close());
    }
}
