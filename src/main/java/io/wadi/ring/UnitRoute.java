package io.wadi.ring;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Navigate;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.processor.SendProcessor;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.SynchronizationAdapter;

import java.util.List;
import java.util.function.Consumer;

/**
 * How a consumer hands units to its route. A route that is one {@code to:} with nothing between is
 * fused: units go straight into the producer. Any other gets an Exchange a unit, whose body is the
 * unit and whose memory is given back when the Exchange is done.
 */
public final class UnitRoute {
    private UnitRoute() {}

    /**
     * The sink for a consumer's route; call it in {@code doStart}, when the route's producers run
     * already.
     */
    public static UnitSink sinkOf(DefaultConsumer consumer) {
        UnitSink fused = fusedSink(consumer.getRoute());
        return fused != null ? fused : new Exchanges(consumer);
    }

    /**
     * Units go as Exchanges; that the source is gone is no unit, so it is told to every producer of
     * the route that takes units.
     */
    private record Exchanges(DefaultConsumer consumer) implements UnitSink {
        @Override
        public void onUnit(Unit unit) {
            exchange(consumer, unit);
        }

        @Override
        public void ended(String reason) {
            tell(consumer.getRoute().navigate(), sink -> sink.ended(reason));
        }

        @Override
        public void failed(String reason) {
            tell(consumer.getRoute().navigate(), sink -> sink.failed(reason));
        }

        private static void tell(Navigate<Processor> node, Consumer<UnitSink> what) {
            if (node == null || !node.hasNext()) {
                return;
            }
            for (Processor next : node.next()) {
                if (next instanceof SendProcessor send
                        && send.getEndpoint() instanceof UnitEndpoint units
                        && units.onlySink() != null) {
                    what.accept(units.onlySink());
                }
                tell(asNavigate(next), what);
            }
        }
    }

    private static UnitSink fusedSink(Route route) {
        if (route == null) {
            return null;
        }
        Navigate<Processor> node = route.navigate();
        while (node != null) {
            List<Processor> next = node.hasNext() ? node.next() : List.of();
            if (next.size() != 1) {
                return null;
            }
            if (next.getFirst() instanceof SendProcessor send) {
                Endpoint endpoint = send.getEndpoint();
                return endpoint instanceof UnitEndpoint units ? units.onlySink() : null;
            }
            node = asNavigate(next.getFirst());
        }
        return null;
    }

    @SuppressWarnings("unchecked")
    private static Navigate<Processor> asNavigate(Processor processor) {
        return processor instanceof Navigate<?> navigate ? (Navigate<Processor>) navigate : null;
    }

    private static void exchange(DefaultConsumer consumer, Unit unit) {
        Exchange exchange = consumer.createExchange(true);
        Unit copy = unit.retainedCopy();
        exchange.getExchangeExtension()
                .addOnCompletion(
                        new SynchronizationAdapter() {
                            @Override
                            public void onDone(Exchange done) {
                                copy.release();
                            }
                        });
        exchange.getMessage().setBody(copy);
        consumer.getAsyncProcessor()
                .process(exchange, consumer.defaultConsumerCallback(exchange, true));
    }
}
