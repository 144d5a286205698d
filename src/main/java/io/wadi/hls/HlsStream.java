package io.wadi.hls;

import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;
import io.wadi.http.ViewerCounter;
import io.wadi.http.WaitingRequests;
import io.wadi.ring.RenditionOffer;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
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
    private static final String PLAYLIST = ".m3u8";

    /** An encoder starts, on a machine that does other things, too. */
    private static final long WAKES_MS = 10_000;

    private record Rendered(
            long version, List<Optional<RenditionOffer>> offers, Document document) {}

    private final String code;
    private final ViewerCounter viewers;
    private final ConcurrentSkipListMap<String, ListedRendition> renditions =
            new ConcurrentSkipListMap<>(
                    Comparator.comparingInt(String::length)
                            .thenComparing(Comparator.naturalOrder()));
    private final WaitingRequests waiting;
    private final AtomicLong version = new AtomicLong();
    private volatile long patienceMs;
    private volatile Rendered master;

    HlsStream(String code, ViewerCounter viewers) {
        this.code = code;
        this.viewers = viewers;
        this.waiting = new WaitingRequests("hls-" + code);
    }

    /**
     * Adds a rendition.
     *
     * @param patienceMs how long a player may be kept waiting for the first segment
     */
    void add(ListedRendition rendition, long patienceMs) {
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

    void remove(ListedRendition rendition) {
        renditions.remove(rendition.name(), rendition);
        changed();
    }

    /** A segment was added, or a rendition came or went. Called by writers: only hands over. */
    void changed() {
        version.incrementAndGet();
        waiting.changed();
    }

    @Override
    public boolean serve(MediaRequest request, MediaResponse response) {
        String path = request.path();
        if (path.equals(MASTER)) {
            whenReady(this::areAllReady, () -> sendMaster(request, response));
            return true;
        }
        int slash = path.indexOf('/');
        ListedRendition rendition = renditions.get(slash < 0 ? "" : path.substring(0, slash));
        if (path.equals(INDEX)) {
            serveIndex(rendition, request, response);
            return true;
        }
        if (rendition == null) {
            return false;
        }
        return serve(rendition, path.substring(slash + 1), request, response);
    }

    private void serveIndex(ListedRendition own, MediaRequest request, MediaResponse response) {
        if (own != null && renditions.size() == 1) {
            whenAsked(own, () -> sendIndex(own, request, response));
        } else {
            whenReady(this::areAllReady, () -> sendMaster(request, response));
        }
    }

    private boolean serve(
            ListedRendition rendition, String file, MediaRequest request, MediaResponse response) {
        boolean playlist = file.endsWith(PLAYLIST);
        Optional<String> missing = rendition.whyLeftOut().filter(_ -> playlist);
        if (missing.isPresent()) {
            response.notFound(missing.get()); // players go to another rendition then
            return true;
        }
        if (file.equals(INDEX)) {
            whenAsked(rendition, () -> sendIndex(rendition, request, response));
            return true;
        }
        if (playlist && rendition.isOnDemand() && !rendition.isReady()) {
            whenAsked(
                    rendition,
                    () -> {
                        if (!sendFile(rendition, file, request, response)) {
                            notYet(response);
                        }
                    });
            return true;
        }
        rendition.asked();
        return sendFile(rendition, file, request, response);
    }

    private boolean sendFile(
            ListedRendition rendition, String file, MediaRequest request, MediaResponse response) {
        int bytes = rendition.media().serve(file, request, response);
        if (bytes < 0) {
            return false;
        }
        count(request, bytes);
        return true;
    }

    /** Who asks for a rendition's own playlist, wakes it. */
    private void whenAsked(ListedRendition rendition, Runnable answer) {
        rendition.asked();
        long wakes = rendition.isOnDemand() ? WAKES_MS : 0;
        waiting.whenReady(rendition::isReady, patienceMs + wakes, answer);
    }

    private void sendIndex(
            ListedRendition rendition, MediaRequest request, MediaResponse response) {
        if (rendition.isReady()) {
            send(rendition.media().index(), request, response);
        } else {
            notYet(response);
        }
    }

    private void sendMaster(MediaRequest request, MediaResponse response) {
        if (renditions.values().stream().anyMatch(ListedRendition::isListed)) {
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
        List<ListedRendition> all = List.copyOf(renditions.values());
        List<Optional<RenditionOffer>> offers = all.stream().map(ListedRendition::offer).toList();
        Rendered last = master;
        if (last != null && last.version() == now && last.offers().equals(offers)) {
            return last.document();
        }
        Document document = MasterPlaylists.of(all);
        master = new Rendered(now, offers, document);
        return document;
    }

    /**
     * Players read the master once: it should list every rung, not just the first that is ready.
     */
    private boolean areAllReady() {
        Collection<ListedRendition> all = renditions.values();
        return all.stream().anyMatch(ListedRendition::isListed)
                && all.stream().allMatch(ListedRendition::isSettled);
    }

    /** Answers when the condition holds, or when a player has waited long enough. */
    private void whenReady(BooleanSupplier condition, Runnable answer) {
        waiting.whenReady(condition, patienceMs, answer);
    }

    /** Nothing more will come: whoever waits is answered. */
    void close() {
        waiting.close();
    }
}
