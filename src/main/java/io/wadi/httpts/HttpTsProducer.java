package io.wadi.httpts;

import io.wadi.fanout.FanOutOptions;
import io.wadi.fanout.Successions;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;

/**
 * Serves what its route brings. The route may have steps that drop or change units, so viewers
 * follow a ring of its own.
 */
final class HttpTsProducer extends UnitProducer {
    static final String PATH = "mpegts";
    static final String PROTOCOL = "mpegts";

    private final HttpTsEndpoint endpoint;
    private HttpTsOutput output;

    HttpTsProducer(HttpTsEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        FanOutOptions options = endpoint.getConfiguration().options();
        output =
                successions()
                        .take(toString(), HttpTsOutput.class, options)
                        .orElseGet(
                                () ->
                                        new HttpTsOutput(
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
        output.onUnit(unit);
    }

    @Override
    public void forget() {
        output.forget();
    }

    @Override
    public long idleNanos() {
        return output.idleNanos();
    }

    @Override
    public String toString() {
        return "http-ts:" + endpoint.getRingId();
    }
}
