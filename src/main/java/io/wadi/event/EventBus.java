package io.wadi.event;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The in-process bus: whoever sees something happen publishes it here once. Subscribers are called
 * on the publishing thread and must only hand over (put into a bounded queue of their own), so that
 * a slow one never slows a stream.
 */
public final class EventBus {
    private static final Logger LOG = LoggerFactory.getLogger(EventBus.class);

    private final List<Consumer<Event>> subscribers = new CopyOnWriteArrayList<>();
    private final Clock clock;

    public EventBus(Clock clock) {
        this.clock = clock;
    }

    /** The bus of a Camel context, made on first use. */
    public static EventBus of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            EventBus bus = extension.getContextPlugin(EventBus.class);
            if (bus == null) {
                bus = new EventBus(Clock.systemUTC());
                extension.addContextPlugin(EventBus.class, bus);
            }
            return bus;
        }
    }

    public void publish(String type, String streamCode, Map<String, Object> payload) {
        Event event =
                new Event(UUID.randomUUID().toString(), type, streamCode, clock.instant(), payload);
        for (Consumer<Event> subscriber : subscribers) {
            try {
                subscriber.accept(event);
            } catch (RuntimeException e) {
                LOG.warn("A subscriber failed on event {} of stream {}", type, streamCode, e);
            }
        }
    }

    /** Subscribes until the returned handle is closed. */
    public Subscription subscribe(Consumer<Event> subscriber) {
        subscribers.add(subscriber);
        return () -> subscribers.remove(subscriber);
    }

    /** Ends a subscription. */
    @FunctionalInterface
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
