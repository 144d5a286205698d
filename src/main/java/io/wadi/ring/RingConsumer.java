package io.wadi.ring;

import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;

import java.util.concurrent.locks.LockSupport;

/** Reads a ring for a route: called by the writer, or on a virtual thread of its own. */
final class RingConsumer extends DefaultConsumer {
    private final RingEndpoint endpoint;
    private Ring ring;
    private UnitSink directSink;
    private Thread follower;
    private volatile boolean following;

    RingConsumer(RingEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ring = Rings.of(endpoint.getCamelContext()).acquire(endpoint.getRingId()).ring();
        UnitSink sink = UnitRoute.sinkOf(this);
        switch (endpoint.getDelivery()) {
            case direct -> {
                directSink = sink;
                ring.addSink(directSink);
            }
            case queued -> startFollowing(sink);
        }
    }

    private void startFollowing(UnitSink sink) {
        following = true;
        // Opened here, so that no unit after the start of the route is missed.
        RingReader reader = ring.openReader(() -> LockSupport.unpark(follower));
        follower =
                Thread.ofVirtual()
                        .name("ring-" + endpoint.getRingId())
                        .unstarted(() -> follow(reader, sink));
        follower.start();
    }

    @Override
    protected void doStop() throws Exception {
        if (directSink != null) {
            ring.removeSink(directSink);
            directSink = null;
        }
        if (follower != null) {
            following = false;
            LockSupport.unpark(follower);
            follower.join();
            follower = null;
        }
        if (ring != null) {
            Rings.of(endpoint.getCamelContext()).release(endpoint.getRingId());
            ring = null;
        }
        super.doStop();
    }

    private void follow(RingReader reader, UnitSink sink) {
        try (reader) {
            while (following) {
                Unit unit = reader.poll();
                if (unit != null) {
                    deliver(sink, unit);
                } else if (reader.arm()) {
                    LockSupport.park(this);
                }
            }
        }
    }

    private void deliver(UnitSink sink, Unit unit) {
        try {
            sink.onUnit(unit);
        } catch (RuntimeException e) {
            getExceptionHandler()
                    .handleException(
                            "A unit of ring " + endpoint.getRingId() + " was not taken", e);
        }
    }
}
