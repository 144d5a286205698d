package io.wadi.rtmp;

import io.wadi.fanout.FanOutOptions;
import io.wadi.fanout.Successions;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.ring.UnitSink;

import java.io.IOException;
import java.util.Optional;

/** Serves what its route brings to RTMP players, on the listener that takes publishers too. */
final class RtmpProducer extends UnitProducer {
    private final RtmpEndpoint endpoint;
    private PlayOutput output;
    private UnitSink units;

    RtmpProducer(RtmpEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        FanOutOptions options = endpoint.getConfiguration().options();
        Optional<PlayOutput> kept = successions().take(name(), PlayOutput.class, options);
        output = kept.isPresent() ? kept.get() : open(options);
        units = output.units();
        super.doStart();
    }

    /** It holds the listener for as long as it is open. */
    private PlayOutput open(FanOutOptions options) throws IOException {
        RtmpComponent component = endpoint.getComponent();
        RtmpAddress address = endpoint.address();
        RtmpListener listener = component.acquire(address);
        boolean registered = false;
        try {
            PlayOutput made =
                    new PlayOutput(
                            address.path(),
                            options,
                            ViewerCounter.of(endpoint.getCamelContext()),
                            closed -> {
                                listener.unregister(closed);
                                component.release(address);
                            });
            listener.register(made);
            registered = true;
            return made;
        } finally {
            if (!registered) {
                component.release(address);
            }
        }
    }

    private Successions successions() {
        return Successions.of(endpoint.getCamelContext());
    }

    private String name() {
        return "rtmp:" + endpoint.address();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (output != null) {
            successions().keep(name(), output);
            output = null;
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
