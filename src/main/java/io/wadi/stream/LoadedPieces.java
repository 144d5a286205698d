package io.wadi.stream;

import io.wadi.stream.ReconcileStatus.Change;
import io.wadi.stream.ReconcileStatus.RouteState;
import io.wadi.stream.ReconcileStatus.State;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is loaded into Camel, and why the rest is not: carries differences out, and tries again what
 * failed. Owned by the reconciler's thread.
 */
final class LoadedPieces {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);

    /** Why a piece does not run in the form that it should have. */
    private record Failure(Piece wanted, String error, int attempts, Instant retryAt) {}

    private final CamelRoutes camel;
    private final Map<String, Piece> applied = new HashMap<>();
    private final Map<String, Failure> failures = new HashMap<>();

    LoadedPieces(CamelRoutes camel) {
        this.camel = camel;
    }

    List<Piece> all() {
        return List.copyOf(applied.values());
    }

    /** A stream's pieces by name. */
    SortedMap<String, Piece> of(String stream) {
        SortedMap<String, Piece> pieces = new TreeMap<>();
        for (Piece piece : applied.values()) {
            if (piece.stream().equals(stream)) {
                pieces.put(piece.name(), piece);
            }
        }
        return pieces;
    }

    /** Whether something that failed is to be tried again. */
    boolean isDue(Instant now) {
        return failures.values().stream().anyMatch(f -> !f.retryAt().isAfter(now));
    }

    boolean areAllThere() {
        return camel.missing(applied.values()).isEmpty();
    }

    /** Takes a stream's pieces out, failed ones too. */
    void unload(String stream) {
        for (Piece piece : all()) {
            if (piece.stream().equals(stream)) {
                unload(piece);
            }
        }
        failures.values().removeIf(f -> f.wanted().stream().equals(stream));
    }

    /** What would have to be done now for these to be what is loaded. */
    Difference difference(Map<String, Piece> desired, Instant now) {
        return Difference.between(applied, desired, piece -> mayTry(piece, now));
    }

    /** The same when only one stream's pieces are to be other ones. */
    Difference difference(String stream, Map<String, Piece> desired, Instant now) {
        return Difference.between(of(stream), desired, piece -> mayTry(piece, now));
    }

    /** A piece that failed in this very form waits for its turn. */
    private boolean mayTry(Piece piece, Instant now) {
        Failure failure = failures.get(piece.name());
        return failure == null
                || !failure.wanted().sameAs(piece)
                || !failure.retryAt().isAfter(now);
    }

    /** Does what a difference says. */
    Change apply(Map<String, Piece> desired, Instant now) {
        failures.values().removeIf(f -> !f.wanted().sameAs(desired.get(f.wanted().name())));
        Difference difference = difference(desired, now);
        List<String> stopped = new ArrayList<>();
        for (Piece piece : difference.stop()) {
            unload(piece);
            stopped.add(piece.name());
        }
        List<String> started = new ArrayList<>();
        List<String> restarted = new ArrayList<>();
        for (List<Piece> together : byStream(difference.load())) {
            // All of them first: one may be given what another one had.
            Map<String, Piece> before = new HashMap<>();
            for (Piece piece : together) {
                Piece old = applied.get(piece.name());
                if (old != null) {
                    before.put(piece.name(), old);
                    unload(old);
                }
            }
            for (Piece piece : together) {
                Piece old = before.get(piece.name());
                if (replace(piece, old, now)) {
                    (old == null ? started : restarted).add(piece.name());
                }
            }
        }
        return new Change(started, stopped, restarted);
    }

    /** Neighbours of one stream together; what belongs to none by itself. */
    private static List<List<Piece>> byStream(List<Piece> pieces) {
        List<List<Piece>> groups = new ArrayList<>();
        String stream = "";
        for (Piece piece : pieces) {
            if (piece.stream().isEmpty() || !piece.stream().equals(stream)) {
                groups.add(new ArrayList<>());
            }
            groups.getLast().add(piece);
            stream = piece.stream();
        }
        return groups;
    }

    /** Routes that somebody stopped and removed behind our back are loaded again. */
    void forgetExternallyRemoved() {
        camel.missing(applied.values()).forEach(this::unload);
    }

    /**
     * Puts a piece in the place of the one before; on failure the one before comes back.
     *
     * @param before what was unloaded for it, or null
     */
    private boolean replace(Piece piece, Piece before, Instant now) {
        try {
            if (piece.route().isPresent() && piece.fingerprint().equals("no template")) {
                throw new IllegalStateException(
                        "there is no template '"
                                + piece.route().get().template()
                                + "' in the routes folder");
            }
            load(piece);
            failures.remove(piece.name());
            return true;
        } catch (Exception e) {
            fail(piece, before, e, now);
            return false;
        }
    }

    private void fail(Piece piece, Piece before, Exception cause, Instant now) {
        String error = CamelRoutes.explain(cause);
        Failure last = failures.get(piece.name());
        int attempts = last == null ? 1 : last.attempts() + 1;
        long millis =
                Math.min(
                        LAST_RETRY.toMillis(),
                        FIRST_RETRY.toMillis() << Math.min(attempts - 1, 10));
        boolean kept = before != null && restore(before);
        // a form that works is not stopped again and again for one that does not
        Instant retryAt = kept ? Instant.MAX : now.plusMillis(millis);
        failures.put(piece.name(), new Failure(piece, error, attempts, retryAt));
        if (attempts == 1 || !Objects.equals(last.error(), error)) {
            LOG.warn(
                    "Route {} did not start: {}; {}",
                    piece.name(),
                    error,
                    kept ? "the one before goes on" : "trying again with growing pauses");
        }
    }

    private boolean restore(Piece before) {
        try {
            load(before);
            return true;
        } catch (Exception e) {
            LOG.warn("Route {} did not come back: {}", before.name(), CamelRoutes.explain(e));
            return false;
        }
    }

    private void load(Piece piece) throws Exception {
        camel.load(piece);
        applied.put(piece.name(), piece);
    }

    private void unload(Piece piece) {
        applied.remove(piece.name());
        camel.unload(piece);
    }

    SortedMap<String, RouteState> states(Map<String, Piece> desired) {
        SortedMap<String, RouteState> states = new TreeMap<>();
        for (Piece piece : desired.values()) {
            if (!piece.runs()) {
                continue;
            }
            Failure failure = failures.get(piece.name());
            boolean loaded = applied.containsKey(piece.name());
            State state = failure == null ? State.RUNNING : loaded ? State.KEPT : State.FAILED;
            String id = piece.route().map(RouteSpec::id).orElse(piece.name());
            states.put(
                    id,
                    new RouteState(
                            piece.stream(),
                            state,
                            failure == null ? "" : failure.error(),
                            failure == null ? 0 : failure.attempts()));
        }
        return states;
    }
}
