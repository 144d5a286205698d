package io.wadi.rtmp;

import io.wadi.http.ViewerCounter;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.ring.UnitSink;

/** Serves what its route brings to RTMP players, on the listener that takes publishers too. */
final class RtmpProducer extends UnitProducer {
    private final RtmpEndpoint endpoint;
    private RtmpListener listener;
    private PlayOutput output;
    private UnitSink units;

    RtmpProducer(RtmpEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        listener = endpoint.getComponent().acquire(endpoint.address());
        PlayOutput made =
                new PlayOutput(
                        endpoint.address().path(),
                        endpoint.getConfiguration().options(),
                        ViewerCounter.of(endpoint.getCamelContext()));
        try {
            listener.register(made);
        } catch (IllegalArgumentException e) {
            made.close();
            releaseListener();
            throw e;
        }
        output = made;
        units = made.units();
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (output != null) {
            listener.unregister(output);
            output.close();
            output = null;
        }
        releaseListener();
    }

    private void releaseListener() {
        if (listener != null) {
            listener = null;
            endpoint.getComponent().release(endpoint.address());
        }
    }

    @Override
    public void onUnit(Unit unit) {
        units.onUnit(unit);
    }

    @Override
    public void forget() {
        units.forget();
    }

    @Override
    public long idleNanos() {
        return units.idleNanos();
    }

    @Override
    public String toString() {
        return "rtmp:" + endpoint.address().path();
    }
}
