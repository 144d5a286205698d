package io.wadi.store;

import io.wadi.stream.StreamSource;
import io.wadi.stream.StreamSpec;

import java.util.List;
import java.util.Optional;

/** Stream documents by code. Safe for use by many threads; what was saved is found at once. */
public interface StreamStore extends StreamSource {
    Optional<StreamSpec> find(String code);

    /** All documents by code. */
    List<StreamSpec> list();

    /** Stores a valid document under its code, whole or not at all. */
    void save(StreamSpec spec) throws StoreException;

    /**
     * The same, with a word about where it comes from for stores that keep a history.
     *
     * @param author {@code api} or {@code rollback}
     */
    default void save(StreamSpec spec, String author) throws StoreException {
        save(spec);
    }

    /** Returns whether there was one. */
    boolean delete(String code) throws StoreException;
}
