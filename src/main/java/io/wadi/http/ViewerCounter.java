package io.wadi.http;

import org.apache.camel.CamelContext;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Who watches: one count per stream and protocol. Viewers with a connection open and close a
 * session; those that ask for one segment after the other are known by address and user agent, and
 * gone when they have not asked for half a minute.
 */
public final class ViewerCounter {
    /** A player asks at least once a target duration, also when it is paused near the live edge. */
    private static final long IDLE_MS = 30_000;

    /** Distinct polling viewers told apart a stream and protocol; more count as bytes only. */
    private static final int MAX_POLLING = 100_000;

    /** What is counted together. */
    public record Key(String code, String protocol) {}

    /** A viewer's connection; closed once, on any thread. */
    @FunctionalInterface
    public interface Session extends AutoCloseable {
        @Override
        void close();
    }

    /** Is told what happens, on the event loop where it happens; must only hand over. */
    public interface Listener {
        default void opened(Key key, String remoteAddress, String userAgent) {}

        default void closed(Key key, String remoteAddress, long bytes) {}
    }

    private static final class Audience {
        final Set<LongSupplier> connected = ConcurrentHashMap.newKeySet();
        final LongAdder bytes = new LongAdder();
        final Map<String, Long> polling = new ConcurrentHashMap<>();
        volatile long sweptMs;

        void sweep(long nowMs) {
            polling.values().removeIf(lastMs -> nowMs - lastMs > IDLE_MS);
            sweptMs = nowMs;
        }
    }

    private final Map<Key, Audience> audiences = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Clock clock;

    public ViewerCounter(Clock clock) {
        this.clock = clock;
    }

    /** The counter of a Camel context, made on first use. */
    public static ViewerCounter of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            ViewerCounter counter = extension.getContextPlugin(ViewerCounter.class);
            if (counter == null) {
                counter = new ViewerCounter(Clock.systemUTC());
                extension.addContextPlugin(ViewerCounter.class, counter);
            }
            return counter;
        }
    }

    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    /**
     * A viewer that keeps a connection: the caller closes the session, once.
     *
     * @param sent bytes sent to the viewer so far, asked on any thread
     */
    public Session open(
            String code,
            String protocol,
            String remoteAddress,
            String userAgent,
            LongSupplier sent) {
        Key key = new Key(code, protocol);
        Audience audience = audience(key);
        audience.connected.add(sent);
        listeners.forEach(listener -> listener.opened(key, remoteAddress, userAgent));
        return () -> {
            if (audience.connected.remove(sent)) {
                audience.bytes.add(sent.getAsLong());
                listeners.forEach(
                        listener -> listener.closed(key, remoteAddress, sent.getAsLong()));
            }
        };
    }

    /** A viewer that polls asked for something and was sent that many bytes. */
    public void polled(
            String code, String protocol, String remoteAddress, String userAgent, long bytes) {
        Audience audience = audience(new Key(code, protocol));
        audience.bytes.add(bytes);
        long nowMs = clock.millis();
        if (nowMs - audience.sweptMs > IDLE_MS) {
            audience.sweep(nowMs);
        }
        String viewer = remoteAddress + ' ' + userAgent;
        if (audience.polling.size() < MAX_POLLING || audience.polling.containsKey(viewer)) {
            audience.polling.put(viewer, nowMs);
        }
    }

    private Audience audience(Key key) {
        return audiences.computeIfAbsent(key, _ -> new Audience());
    }

    /** Viewers of a stream by one protocol now. */
    public long viewers(String code, String protocol) {
        Audience audience = audiences.get(new Key(code, protocol));
        if (audience == null) {
            return 0;
        }
        audience.sweep(clock.millis());
        return (long) audience.connected.size() + audience.polling.size();
    }

    /** Bytes sent to the viewers of a stream by one protocol. */
    public long bytes(String code, String protocol) {
        Audience audience = audiences.get(new Key(code, protocol));
        return audience == null
                ? 0
                : audience.bytes.sum()
                        + audience.connected.stream().mapToLong(LongSupplier::getAsLong).sum();
    }

    /** What was ever counted and not forgotten. */
    public List<Key> keys() {
        return List.copyOf(audiences.keySet());
    }

    /** Forgets a stream that is deleted. */
    public void forget(String code) {
        audiences.keySet().removeIf(key -> key.code().equals(code));
    }
}
