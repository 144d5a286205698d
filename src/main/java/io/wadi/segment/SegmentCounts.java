package io.wadi.segment;

import org.apache.camel.CamelContext;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many segments were made, by rendition and by what they are made for. Any thread. */
public final class SegmentCounts {
    /**
     * What is counted together.
     *
     * @param rendition {@code track_n}, or "" for the stream itself
     * @param format {@code hls} or {@code dash}
     */
    public record Key(String code, String rendition, String format) {}

    private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();

    /** The counts of a Camel context, made on first use. */
    public static SegmentCounts of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            SegmentCounts counts = extension.getContextPlugin(SegmentCounts.class);
            if (counts == null) {
                counts = new SegmentCounts();
                extension.addContextPlugin(SegmentCounts.class, counts);
            }
            return counts;
        }
    }

    /** What to add one to for each segment, until {@link #close}. */
    public LongAdder open(Key key) {
        return counts.computeIfAbsent(key, _ -> new LongAdder());
    }

    /** Nothing more is made: the count goes with its rendition. */
    public void close(Key key) {
        counts.remove(key);
    }

    /** A snapshot. */
    public Map<Key, LongAdder> all() {
        return Map.copyOf(counts);
    }
}
