package io.wadi.fanout;

import io.netty.channel.Channel;
import io.wadi.ring.Ring;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

import java.util.function.Function;

/**
 * Units in, another format out, to many connections: packaged once, when somebody watches. The
 * transport stream waits in a ring that shares its memory; with the first viewer a packager is fed
 * from the newest random access point on and fills a second ring, which the viewers follow; with
 * the last viewer both go.
 */
public final class Packaging implements UnitSink, Successions.Output {
    /**
     * Turns transport stream units into units of its own format, whose random access points are
     * marked.
     */
    public interface Packager extends UnitSink, AutoCloseable {
        /** Gives its memory back. It is not called any more. */
        @Override
        void close();
    }

    private final Ring source;
    private final Ring packaged;
    private final FanOut fanOut;
    private final Function<UnitSink, Packager> packagers;
    private final Continuation continuation;
    private Packager packager;

    /**
     * @param id for logs: what is delivered, and how
     * @param packagers makes a packager that writes to the given sink
     */
    public Packaging(String id, FanOutOptions options, Function<UnitSink, Packager> packagers) {
        this.source = new Ring(id + " source", Rings.DEFAULT_CAPACITY_PACKETS);
        this.packaged = new Ring(id, Rings.DEFAULT_CAPACITY_PACKETS);
        this.fanOut = new FanOut(packaged, options, this::watched);
        this.packagers = packagers;
        this.continuation = new Continuation(fanOut::disconnectAll);
    }

    public FanOut fanOut() {
        return fanOut;
    }

    /** See {@link FanOut#join}. */
    public Viewer join(Channel channel, Preamble preamble) {
        return fanOut.join(channel, preamble);
    }

    /** See {@link FanOut#leave}. */
    public void leave(Viewer viewer) {
        fanOut.leave(viewer);
    }

    /** Called by the fan-out, one call at a time. */
    private void watched(boolean watched) {
        if (watched) {
            packager = packagers.apply(packaged::append);
            source.addSink(packager);
        } else {
            source.removeSink(packager);
            packager.close();
            packager = null;
            packaged.clear();
        }
    }

    @Override
    public void onUnit(Unit unit) {
        if (continuation.admits(unit)) {
            source.append(unit);
        }
    }

    @Override
    public void succeed(FanOutOptions options) {
        fanOut.setOptions(options);
        continuation.next();
    }

    @Override
    public void forget() {
        source.clear();
        packaged.clear();
    }

    @Override
    public long idleNanos() {
        return fanOut.idleNanos();
    }

    /** Disconnects the viewers and gives the memory back. */
    @Override
    public void close() {
        fanOut.close();
        source.close();
        packaged.close();
    }
}
