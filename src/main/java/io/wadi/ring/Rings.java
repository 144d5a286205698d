package io.wadi.ring;

import org.apache.camel.CamelContext;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rings of a Camel context by id. A ring lives while somebody uses it: endpoints acquire and
 * release it, so that it outlives any one route that feeds or reads it.
 */
public final class Rings {
    /**
     * Packets that a ring keeps at least; the GOP since the newest random access point is kept
     * besides.
     */
    public static final int DEFAULT_CAPACITY_PACKETS = 1000;

    private record Entry(RingEntry ring, int users) {}

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private volatile int capacityPackets = DEFAULT_CAPACITY_PACKETS;

    /** The rings of a Camel context, made on first use. */
    public static Rings of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            Rings rings = extension.getContextPlugin(Rings.class);
            if (rings == null) {
                rings = new Rings();
                extension.addContextPlugin(Rings.class, rings);
            }
            return rings;
        }
    }

    /** Packets that rings made from now on keep at least. */
    public void setCapacityPackets(int capacityPackets) {
        this.capacityPackets = capacityPackets;
    }

    /**
     * The ring with this id, made when it is not there; every call is paid back with {@link
     * #release}.
     */
    public RingEntry acquire(String id) {
        return entries.compute(
                        id,
                        (key, entry) ->
                                entry == null
                                        ? new Entry(
                                                new RingEntry(new Ring(key, capacityPackets)), 1)
                                        : new Entry(entry.ring(), entry.users() + 1))
                .ring();
    }

    public void release(String id) {
        entries.computeIfPresent(
                id,
                (key, entry) -> {
                    if (entry.users() > 1) {
                        return new Entry(entry.ring(), entry.users() - 1);
                    }
                    entry.ring().close();
                    return null;
                });
    }

    /** The ring with this id if it is in use. */
    public Optional<RingEntry> find(String id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::ring);
    }

    /** A snapshot of every ring in use. */
    public Collection<RingEntry> all() {
        return entries.values().stream().map(Entry::ring).toList();
    }

    /** A snapshot of the ids in use. */
    public List<String> ids() {
        return List.copyOf(entries.keySet());
    }
}
