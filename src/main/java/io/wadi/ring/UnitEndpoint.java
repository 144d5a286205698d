package io.wadi.ring;

import org.apache.camel.Component;
import org.apache.camel.support.DefaultEndpoint;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An endpoint whose producers take units. It knows those that run, so that a route can be fused
 * with its one producer.
 */
public abstract class UnitEndpoint extends DefaultEndpoint {
    private final List<UnitProducer> running = new CopyOnWriteArrayList<>();

    protected UnitEndpoint(String uri, Component component) {
        super(uri, component);
    }

    void started(UnitProducer producer) {
        running.add(producer);
    }

    void stopped(UnitProducer producer) {
        running.remove(producer);
    }

    /** The producer that a fused route calls, or null when there is none or more than one. */
    UnitSink onlySink() {
        List<UnitProducer> producers = List.copyOf(running);
        return producers.size() == 1 ? producers.getFirst() : null;
    }

    /** Units are not answers: routes with our endpoints are in-only. */
    @Override
    public boolean isLenientProperties() {
        return false;
    }
}
