package io.wadi.httpflv;

import io.wadi.fanout.FanOutOptions;
import io.wadi.fanout.Successions;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;

/** Serves what its route brings as FLV. */
final class HttpFlvProducer extends UnitProducer {
    static final String PATH = "live.flv";
    static final String PROTOCOL = "http_flv";

    private final HttpFlvEndpoint endpoint;
    private HttpFlvOutput output;

    HttpFlvProducer(HttpFlvEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        FanOutOptions options = endpoint.getConfiguration().options();
        output =
                successions()
                        .take(toString(), HttpFlvOutput.class, options)
                        .orElseGet(
                                () ->
                                        new HttpFlvOutput(
                                                endpoint.getCamelContext(),
                                                endpoint.getRingId(),
                                                options));
        super.doStart();
    }

    private Successions successions() {
        return Successions.of(endpoint.getCamelContext());
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (output != null) {
            successions().keep(toString(), output);
            output = null;
        }
    }

    @Override
    public void onUnit(Unit unit) {
        output.packaging().onUnit(unit);
    }

    @Override
    public void forget() {
        output.packaging().forget();
    }

    @Override
    public long idleNanos() {
        return output.packaging().idleNanos();
    }

    @Override
    public String toString() {
        return "http-flv:" + endpoint.getRingId();
    }
}
