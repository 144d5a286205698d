package io.wadi.stream;

import java.util.List;
import java.util.TreeMap;

/** Streams that a test puts in and takes out. */
final class MemorySource implements StreamSource {
    private final TreeMap<String, StreamSpec> streams = new TreeMap<>();
    private long version = 1;

    synchronized void put(StreamSpec spec) {
        streams.put(spec.code(), spec);
        version++;
    }

    synchronized void remove(String code) {
        streams.remove(code);
        version++;
    }

    @Override
    public synchronized Snapshot snapshot() {
        return new Snapshot(version, new TreeMap<>(streams), List.of());
    }
}
