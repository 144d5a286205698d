package io.wadi.rtmp;

import io.netty.channel.Channel;
import io.wadi.fanout.Packaging;
import io.wadi.fanout.Viewer;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.UnitSink;

import java.net.InetSocketAddress;

/** What players get under one path of a listener: packaged once, however many they are. */
final class PlayOutput implements AutoCloseable {
    static final String PROTOCOL = "rtmp";

    private final String path;
    private final Packaging packaging;
    private final ViewerCounter viewers;
    private volatile RtmpPackager packager;

    PlayOutput(String path, io.wadi.fanout.FanOutOptions options, ViewerCounter viewers) {
        this.path = path;
        this.viewers = viewers;
        this.packaging = new Packaging("rtmp:" + path, options, this::newPackager);
    }

    private RtmpPackager newPackager(UnitSink out) {
        packager = new RtmpPackager(out);
        return packager;
    }

    String path() {
        return path;
    }

    /** Where the route's units go. */
    UnitSink units() {
        return packaging;
    }

    /**
     * Sends the stream to a connection until it closes.
     *
     * @param needsEnhanced called on the event loop when the player does not know the codec's tags
     */
    Viewer play(
            Channel channel,
            int streamId,
            boolean enhanced,
            String userAgent,
            Runnable needsEnhanced) {
        PlayOpening opening =
                new PlayOpening(
                        streamId,
                        enhanced,
                        (videoMs, audioMs) -> packager.headersAt(videoMs, audioMs),
                        needsEnhanced);
        Viewer viewer = packaging.join(channel, opening);
        String address =
                ((InetSocketAddress) channel.remoteAddress()).getAddress().getHostAddress();
        String code = path.substring(path.indexOf('/') + 1);
        ViewerCounter.Session session =
                viewers.open(code, PROTOCOL, address, userAgent, viewer::sentBytes);
        channel.closeFuture().addListener(_ -> session.close());
        return viewer;
    }

    void pause(Viewer viewer, boolean pause) {
        if (pause) {
            packaging.fanOut().pause(viewer);
        } else {
            packaging.fanOut().resume(viewer);
        }
    }

    /** Disconnects the players. */
    @Override
    public void close() {
        packaging.close();
    }
}
