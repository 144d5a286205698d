package io.wadi.store;

import io.wadi.stream.StreamSpec;

import java.util.List;
import java.util.Optional;

/**
 * A store with a history. What somebody else changed in it, a file edited by hand, becomes a
 * revision as soon as it is seen; saves and deletes must come from the thread that looks, so that
 * they are not taken for that.
 */
public final class RevisionedStore implements StreamStore {
    private static final String FILE = "file";
    private static final String API = "api";

    private final StreamStore store;
    private final Revisions revisions;
    private long seen = Long.MIN_VALUE;

    public RevisionedStore(StreamStore store, Revisions revisions) {
        this.store = store;
        this.revisions = revisions;
    }

    public Revisions revisions() {
        return revisions;
    }

    @Override
    public Optional<StreamSpec> find(String code) {
        return store.find(code);
    }

    @Override
    public List<StreamSpec> list() {
        return store.list();
    }

    @Override
    public synchronized Snapshot snapshot() {
        Snapshot snapshot = store.snapshot();
        if (snapshot.version() != seen) {
            seen = snapshot.version();
            revisions.follow(snapshot.streams(), FILE);
        }
        return snapshot;
    }

    @Override
    public void save(StreamSpec spec) throws StoreException {
        save(spec, API);
    }

    @Override
    public synchronized void save(StreamSpec spec, String author) throws StoreException {
        store.save(spec);
        revisions.take(spec.code(), Optional.of(Revisions.essence(spec)), author);
    }

    @Override
    public synchronized boolean delete(String code) throws StoreException {
        boolean was = store.delete(code);
        if (was) {
            revisions.take(code, Optional.empty(), API);
        }
        return was;
    }
}
