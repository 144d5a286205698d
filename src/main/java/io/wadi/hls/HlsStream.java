package io.wadi.hls;

import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;
import io.wadi.http.ViewerCounter;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * What is served for one stream: its renditions, and the master playlist made from those that are
 * there. Answers on event loops.
 */
final class HlsStream implements MediaResource {
    static final String INDEX = "index.m3u8";
    static final String MASTER = "master.m3u8";
    static final String PROTOCOL = "hls";

    /** Players that wait for the first segment at the same time; more are told to come again. */
    private static final int MAX_WAITING = 10_000;

    private record Rendered(long version, Document document) {}

    /** A request that came before there was something to answer it with. */
    private final class Waiter {
        private final BooleanSupplier condition;
        private final Runnable answer;
        private final AtomicBoolean answered = new AtomicBoolean();

        Waiter(BooleanSupplier condition, Runnable answer) {
            this.condition = condition;
            this.answer = answer;
        }

        void answer() {
            if (answered.compareAndSet(false, true)) {
                waiting.remove(this);
                answer.run();
            }
        }
    }

    private final String code;
    private final ViewerCounter viewers;
    private final ConcurrentSkipListMap<String, Rendition> renditions =
            new ConcurrentSkipListMap<>(
                    Comparator.comparingInt(String::length)
                            .thenComparing(Comparator.naturalOrder()));
    private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();
    private final AtomicLong version = new AtomicLong();
    private volatile long patienceMs;
    private volatile Rendered master;

    HlsStream(String code, ViewerCounter viewers) {
        this.code = code;
        this.viewers = viewers;
    }

    /**
     * Adds a rendition.
     *
     * @param patienceMs how long a player may be kept waiting for the first segment
     */
    void add(Rendition rendition, long patienceMs) {
        if (renditions.putIfAbsent(rendition.name(), rendition) != null) {
            throw new IllegalStateException(
                    "hls:"
                            + code
                            + (rendition.name().isEmpty() ? "" : "/" + rendition.name())
                            + " is packaged by another route already, expected one");
        }
        this.patienceMs = patienceMs;
        changed();
    }

    void remove(Rendition rendition) {
        renditions.remove(rendition.name(), rendition);
        changed();
    }

    /** A segment was added, or a rendition came or went. Called by writers: only hands over. */
    void changed() {
        version.incrementAndGet();
        if (!waiting.isEmpty()) {
            List<Waiter> ready =
                    waiting.stream().filter(waiter -> waiter.condition.getAsBoolean()).toList();
            if (!ready.isEmpty()) {
                // Not on the publisher's thread: answers render and write.
                Thread.ofVirtual().name("hls-" + code).start(() -> ready.forEach(Waiter::answer));
            }
        }
    }

    @Override
    public boolean serve(MediaRequest request, MediaResponse response) {
        String path = request.path();
        if (path.equals(MASTER)) {
            whenReady(this::areAllReady, () -> sendMaster(request, response));
            return true;
        }
        int slash = path.indexOf('/');
        Rendition rendition = renditions.get(slash < 0 ? "" : path.substring(0, slash));
        if (path.equals(INDEX)) {
            serveIndex(rendition, request, response);
            return true;
        }
        if (rendition == null) {
            return false;
        }
        return serve(rendition, path.substring(slash + 1), request, response);
    }

    private void serveIndex(Rendition own, MediaRequest request, MediaResponse response) {
        if (own != null && renditions.size() == 1) {
            whenReady(own::isReady, () -> sendIndex(own, request, response));
        } else {
            whenReady(this::areAllReady, () -> sendMaster(request, response));
        }
    }

    private boolean serve(
            Rendition rendition, String file, MediaRequest request, MediaResponse response) {
        if (file.equals(INDEX)) {
            whenReady(rendition::isReady, () -> sendIndex(rendition, request, response));
            return true;
        }
        int bytes = rendition.serve(file, request, response);
        if (bytes < 0) {
            return false;
        }
        count(request, bytes);
        return true;
    }

    private void sendIndex(Rendition rendition, MediaRequest request, MediaResponse response) {
        if (rendition.isReady()) {
            send(rendition.index(), request, response);
        } else {
            notYet(response);
        }
    }

    private void sendMaster(MediaRequest request, MediaResponse response) {
        if (renditions.values().stream().anyMatch(Rendition::isReady)) {
            send(master(), request, response);
        } else {
            notYet(response);
        }
    }

    private void send(Document document, MediaRequest request, MediaResponse response) {
        document.send(response);
        count(request, document.sizeBytes());
    }

    private void notYet(MediaResponse response) {
        response.notFound("stream " + code + " has no segment yet");
    }

    private void count(MediaRequest request, int bytes) {
        viewers.polled(
                code,
                PROTOCOL,
                request.remoteAddress(),
                request.header("User-Agent").orElse(""),
                request.isHead() ? 0 : bytes);
    }

    private Document master() {
        long now = version.get();
        Rendered last = master;
        if (last != null && last.version() == now) {
            return last.document();
        }
        Document document = MasterPlaylists.of(renditions.values());
        master = new Rendered(now, document);
        return document;
    }

    /**
     * Players read the master once: it should list every rung, not just the first that is ready.
     */
    private boolean areAllReady() {
        Collection<Rendition> all = renditions.values();
        return !all.isEmpty() && all.stream().allMatch(Rendition::isReady);
    }

    /** Answers when the condition holds, or when a player has waited long enough. */
    private void whenReady(BooleanSupplier condition, Runnable answer) {
        if (condition.getAsBoolean() || waiting.size() >= MAX_WAITING) {
            answer.run();
            return;
        }
        Waiter waiter = new Waiter(condition, answer);
        waiting.add(waiter);
        if (condition.getAsBoolean()) {
            waiter.answer(); // it came true in between, and nobody may have seen the waiter
            return;
        }
        CompletableFuture.delayedExecutor(patienceMs, TimeUnit.MILLISECONDS)
                .execute(waiter::answer);
    }

    /** Nothing more will come: whoever waits is answered. */
    void close() {
        List.copyOf(waiting).forEach(Waiter::answer);
    }
}
