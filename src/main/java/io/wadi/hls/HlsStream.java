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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

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

    /** Whose routes have stopped a moment ago. */
    private final ConcurrentSkipListMap<String, Rendition> departed =
            new ConcurrentSkipListMap<>(renditions.comparator());

    /** The names of all that were here: players of theirs go on with what follows. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

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
        known.add(rendition.name());
        changed();
    }

    /** Takes a rendition out. What it made is served until {@link #forget}. */
    void remove(ListedRendition rendition) {
        if (renditions.remove(rendition.name(), rendition)) {
            departed.put(rendition.name(), rendition.media());
        }
        changed();
    }

    /** Serves nothing more of a rendition that was taken out. */
    void forget(Rendition rendition) {
        departed.remove(rendition.name(), rendition);
    }

    /** Whether nothing is served, of renditions that were taken out neither. */
    boolean isEmpty() {
        return renditions.isEmpty() && departed.isEmpty();
    }

    /** What a new rendition may go on from: what had its name, then the best. */
    List<TsRendition> formers(String name) {
        return Stream.concat(
                        Stream.ofNullable(departed.get(name)),
                        departed.values().stream().filter(r -> !r.name().equals(name)))
                .filter(TsRendition.class::isInstance)
                .map(TsRendition.class::cast)
                .toList();
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
        String name = slash < 0 ? "" : path.substring(0, slash);
        ListedRendition rendition = renditions.get(name);
        if (path.equals(INDEX)) {
            serveIndex(rendition, request, response);
            return true;
        }
        String file = path.substring(slash + 1);
        boolean served =
                rendition == null
                        ? serveGone(name, file, request, response)
                        : serve(rendition, file, request, response);
        if (!served && TsRendition.isSegment(file) && known.contains(name)) {
            response.notFound("segment " + file + " is not, or no longer, in the playlist");
            return true;
        }
        return served;
    }

    /**
     * Players of a rendition that is gone go on where they are: the segments that they know, as
     * long as there are any, and the playlist of what follows.
     */
    private boolean serveGone(
            String name, String file, MediaRequest request, MediaResponse response) {
        Rendition last = departed.get(name);
        ListedRendition heir = heir(name).orElse(null);
        boolean playlist = file.endsWith(PLAYLIST);
        if (heir != null && playlist && (last == null || heir.media().isPlayable())) {
            return serve(heir, file, request, response);
        }
        if (last != null && file.equals(INDEX) && last.isPlayable()) {
            send(last.index(), request, response);
            return true;
        }
        return (last != null && sendFile(last, file, request, response))
                || (heir != null && sendFile(heir.media(), file, request, response));
    }

    /** The best rung follows the stream without a ladder, and that one follows all rungs. */
    private Optional<ListedRendition> heir(String name) {
        if (!known.contains(name)) {
            return Optional.empty();
        }
        return name.isEmpty()
                ? renditions.values().stream().filter(r -> r.whyLeftOut().isEmpty()).findFirst()
                : Optional.ofNullable(renditions.get(""));
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
                        if (!sendFile(rendition.media(), file, request, response)) {
                            notYet(response);
                        }
                    });
            return true;
        }
        rendition.asked();
        return sendFile(rendition.media(), file, request, response);
    }

    private boolean sendFile(
            Rendition media, String file, MediaRequest request, MediaResponse response) {
        int bytes = media.serve(file, request, response);
        if (bytes < 0) {
            return false;
        }
        count(request, bytes);
        return true;
    }

    /** Who asks for a rendition's own playlist, wakes it. */
    private void whenAsked(ListedRendition rendition, Runnable answer) {
        long wakes = rendition.isOnDemand() ? WAKES_MS : 0;
        waiting.whenReady(rendition::isPlayable, patienceMs + wakes, rendition.waits(answer));
    }

    private void sendIndex(
            ListedRendition rendition, MediaRequest request, MediaResponse response) {
        if (rendition.isPlayable()) {
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
