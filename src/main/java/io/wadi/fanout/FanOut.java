package io.wadi.fanout;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.wadi.ring.Ring;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends the units of one ring to many connections, as they are. The cost of a viewer is the
 * kernel's: no thread, no timer, no allocation per unit. Viewers may join from any thread.
 */
public final class FanOut implements AutoCloseable {
    private final Ring ring;
    private final Activity activity;
    private final Map<EventLoop, LoopGroup> groups = new ConcurrentHashMap<>();
    private final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
    private final AtomicLong droppedViewers = new AtomicLong();
    private volatile FanOutOptions options;
    private volatile boolean closed;

    /** Told when the first viewer comes and when the last has gone, one call at a time. */
    @FunctionalInterface
    public interface Activity {
        /** Nobody needs to know. */
        Activity NONE = watched -> {};

        void watched(boolean watched);
    }

    public FanOut(Ring ring, FanOutOptions options) {
        this(ring, options, Activity.NONE);
    }

    public FanOut(Ring ring, FanOutOptions options, Activity activity) {
        this.ring = ring;
        this.options = options;
        this.activity = activity;
    }

    public FanOutOptions options() {
        return options;
    }

    /** Takes effect with the next write; viewers stay. */
    public void setOptions(FanOutOptions options) {
        this.options = options;
    }

    /**
     * Sends the ring to a connection until it closes, from the newest random access unit on. From
     * now on nobody else writes media to it; small writes of its owner on its event loop (control
     * messages) may go between.
     */
    public Viewer join(Channel channel, Preamble preamble) {
        // Before the ring is fed for its sake: the first viewer misses nothing.
        Viewer viewer = new Viewer(channel, preamble, ring.entryPoint());
        synchronized (viewers) {
            viewers.add(viewer);
            if (viewers.size() == 1) {
                activity.watched(true);
            }
        }
        channel.closeFuture().addListener(gone -> leave(viewer));
        channel.eventLoop().execute(() -> enter(viewer));
        if (closed) {
            viewer.disconnect();
        }
        return viewer;
    }

    private void enter(Viewer viewer) {
        EventLoop loop = viewer.channel().eventLoop();
        while (viewer.channel().isActive() && !closed && viewers.contains(viewer)) {
            LoopGroup group = groups.computeIfAbsent(loop, key -> new LoopGroup(this, ring, key));
            if (group.add(viewer)) {
                return;
            }
        }
    }

    /** Sends nothing to a viewer until {@link #resume}; the connection stays. */
    public void pause(Viewer viewer) {
        viewer.channel().eventLoop().execute(() -> exit(viewer));
    }

    /** Goes on after {@link #pause}, at the newest random access unit. */
    public void resume(Viewer viewer) {
        viewer.channel()
                .eventLoop()
                .execute(
                        () -> {
                            viewer.comeBack(ring.entryPoint(), System.nanoTime());
                            enter(viewer);
                        });
    }

    private void exit(Viewer viewer) {
        LoopGroup group = groups.get(viewer.channel().eventLoop());
        if (group != null) {
            group.remove(viewer);
        }
    }

    /**
     * Sends nothing more to a viewer; the connection stays. On the viewer's event loop. A viewer
     * whose connection closes leaves by itself.
     */
    public void leave(Viewer viewer) {
        synchronized (viewers) {
            if (viewers.remove(viewer) && viewers.isEmpty()) {
                activity.watched(false);
            }
        }
        exit(viewer);
    }

    void forget(EventLoop loop, LoopGroup group) {
        groups.remove(loop, group);
    }

    void dropped() {
        droppedViewers.incrementAndGet();
    }

    public int viewerCount() {
        return viewers.size();
    }

    /** See {@link io.wadi.ring.UnitSink#idleNanos}. */
    public long idleNanos() {
        return viewers.isEmpty() ? Long.MAX_VALUE : 0;
    }

    /** Viewers that were disconnected because they stayed behind. */
    public long droppedViewers() {
        return droppedViewers.get();
    }

    /** Disconnects every viewer. */
    @Override
    public void close() {
        closed = true;
        disconnectAll();
    }

    /** Disconnects every viewer; others may come. */
    public void disconnectAll() {
        for (Viewer viewer : viewers) {
            viewer.disconnect();
        }
    }
}
