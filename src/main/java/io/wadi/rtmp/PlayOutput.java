package io.wadi.rtmp;

import io.netty.channel.Channel;
import io.wadi.fanout.FanOutOptions;
import io.wadi.fanout.Packaging;
import io.wadi.fanout.Successions;
import io.wadi.fanout.Viewer;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.UnitSink;

import java.net.InetSocketAddress;
import java.util.function.Consumer;

/** What players get under one path of a listener: packaged once, however many they are. */
final class PlayOutput implements Successions.Output {
    static final String PROTOCOL = "rtmp";

    private final String path;
    private final Packaging packaging;
    private final ViewerCounter viewers;
    private final Consumer<PlayOutput> onClose;
    private volatile RtmpPackager packager;

    /**
     * @param onClose gives back what it was served by
     */
    PlayOutput(
            String path,
            FanOutOptions options,
            ViewerCounter viewers,
            Consumer<PlayOutput> onClose) {
        this.path = path;
        this.viewers = viewers;
        this.onClose = onClose;
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
     * Sends the stream to a connection until it closes, or until it is stopped.
     *
     * @param needsUnknown called on the event loop, with the FourCC, when the player does not know
     *     a codec of the stream; closes the connection
     */
    Playback play(
            Channel channel,
            int streamId,
            KnownCodecs known,
            String userAgent,
            Consumer<String> needsUnknown) {
        PlayOpening opening =
                new PlayOpening(
                        streamId,
                        known,
                        (videoMs, audioMs) -> packager.headersAt(videoMs, audioMs),
                        needsUnknown);
        Viewer viewer = packaging.join(channel, opening);
        String address =
                ((InetSocketAddress) channel.remoteAddress()).getAddress().getHostAddress();
        String code = path.substring(path.indexOf('/') + 1);
        ViewerCounter.Session session =
                viewers.open(code, PROTOCOL, address, userAgent, viewer::sentBytes);
        channel.closeFuture().addListener(_ -> session.close());
        return new Playback(packaging, viewer, opening, () -> packager.newestMs(), session);
    }

    @Override
    public void succeed(FanOutOptions options) {
        packaging.succeed(options);
    }

    /** Disconnects the players. */
    @Override
    public void close() {
        onClose.accept(this);
        packaging.close();
    }
}
