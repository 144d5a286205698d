package io.wadi.ring;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * A producer that takes units: called directly in a fused route, by an Exchange whose body is a
 * {@link Unit} in any other.
 */
public abstract class UnitProducer extends DefaultAsyncProducer implements UnitSink {
    protected UnitProducer(UnitEndpoint endpoint) {
        super(endpoint);
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            if (exchange.getMessage().getBody() instanceof Unit unit) {
                onUnit(unit);
            } else {
                throw new IllegalArgumentException(
                        getEndpoint()
                                + " takes units, got "
                                + typeOf(exchange.getMessage().getBody()));
            }
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    private static String typeOf(Object body) {
        return body == null ? "an empty body" : body.getClass().getName();
    }

    @Override
    public UnitEndpoint getEndpoint() {
        return (UnitEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        getEndpoint().started(this);
    }

    @Override
    protected void doStop() throws Exception {
        getEndpoint().stopped(this);
        super.doStop();
    }
}
