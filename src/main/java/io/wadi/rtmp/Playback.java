package io.wadi.rtmp;

import io.wadi.fanout.Packaging;
import io.wadi.fanout.Viewer;
import io.wadi.http.ViewerCounter;

import java.util.function.LongSupplier;

/** A {@link PlayOutput} on its way to one player. On the connection's event loop. */
final class Playback {
    private final Packaging packaging;
    private final Viewer viewer;
    private final PlayOpening opening;
    private final LongSupplier newestMs;
    private final ViewerCounter.Session session;

    /**
     * @param newestMs the time up to which the player may have got the stream
     */
    Playback(
            Packaging packaging,
            Viewer viewer,
            PlayOpening opening,
            LongSupplier newestMs,
            ViewerCounter.Session session) {
        this.packaging = packaging;
        this.viewer = viewer;
        this.opening = opening;
        this.newestMs = newestMs;
        this.session = session;
    }

    /** Sends nothing until {@link #release}. */
    void hold() {
        opening.interrupted(newestMs.getAsLong());
        packaging.fanOut().pause(viewer);
    }

    /** Goes on at the newest key frame. */
    void release() {
        packaging.fanOut().resume(viewer);
    }

    /** Ends it; the connection stays. */
    void stop() {
        packaging.leave(viewer);
        session.close();
    }

    long sentBytes() {
        return viewer.sentBytes();
    }
}
