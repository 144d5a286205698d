package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The processes that may run at the same time. Who waits is served by how few its stream has
 * already, and then by who came first, so that one large ladder does not keep all others out.
 */
final class Workers {
    /** A place in the queue, and the worker that came of it. */
    final class Turn {
        private final String stream;
        private final CompletableFuture<Void> granted = new CompletableFuture<>();

        private Turn(String stream) {
            this.stream = stream;
        }

        /** Completed when a worker is free. */
        CompletableFuture<Void> granted() {
            return granted;
        }

        /** Leaves the queue, or gives the worker back; once. */
        void giveBack() {
            leave(this);
        }
    }

    private int limit;
    private final Map<String, Integer> running = new HashMap<>();
    private final List<Turn> waiting = new ArrayList<>();
    private int busy;

    Workers(int limit) {
        this.limit = limit;
    }

    synchronized int limit() {
        return limit;
    }

    /**
     * Changes how many there may be: who waits starts at once where there is room now; those above
     * a lower limit run on, and nobody starts until so many have ended.
     */
    synchronized void setLimit(int limit) {
        this.limit = limit;
        serve();
    }

    synchronized int busy() {
        return busy;
    }

    synchronized Turn ask(String stream) {
        Turn turn = new Turn(stream);
        waiting.add(turn);
        serve();
        return turn;
    }

    private synchronized void leave(Turn turn) {
        if (!waiting.remove(turn)) {
            busy--;
            running.merge(turn.stream, -1, Integer::sum);
            running.remove(turn.stream, 0);
            serve();
        }
    }

    private void serve() {
        while (busy < limit && !waiting.isEmpty()) {
            Turn next = waiting.getFirst();
            for (Turn turn : waiting) {
                if (held(turn) < held(next)) {
                    next = turn;
                }
            }
            waiting.remove(next);
            busy++;
            running.merge(next.stream, 1, Integer::sum);
            next.granted.complete(null);
        }
    }

    private int held(Turn turn) {
        return running.getOrDefault(turn.stream, 0);
    }
}
