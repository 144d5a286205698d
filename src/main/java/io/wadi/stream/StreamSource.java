package io.wadi.stream;

import java.util.List;
import java.util.SortedMap;

/** Where the reconciler finds the streams that should exist. */
@FunctionalInterface
public interface StreamSource {
    /** What is stored now. Called on the reconciler's thread; may read files. */
    Snapshot snapshot();

    /**
     * All streams at one moment.
     *
     * @param version changes whenever anything else here does
     * @param streams by code; a broken document is here as it was when it was last good
     * @param problems what could not be read
     */
    record Snapshot(
            long version, SortedMap<String, StreamSpec> streams, List<FileProblem> problems) {}
}
