package io.wadi.dash;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResource;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaResponse.CachePolicy;
import io.wadi.http.ViewerCounter;
import io.wadi.http.WaitingRequests;
import io.wadi.ring.RenditionDemand;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.Unit;
import io.wadi.segment.CmafFiles;
import io.wadi.segment.CmafPackager;
import io.wadi.segment.CmafTrack;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What is served of one stream: {@code index.mpd}, {@code time}, init segments and segments, those
 * of a rung of its ladder below {@code track_n/}.
 *
 * <p>The MPD is rendered when somebody asks after it changed, and then served to all.
 */
final class DashStream implements MediaResource {
    private static final Logger LOG = LoggerFactory.getLogger(DashStream.class);

    private static final String PROTOCOL = "dash";
    private static final String MPD_PATH = "index.mpd";
    private static final String TIME_PATH = "time";
    private static final String MPD_TYPE = "application/dash+xml";

    /** An encoder starts, on a machine that does other things, too. */
    private static final long WAKES_MS = 10_000;

    private static final String TIME_TYPE = "text/plain; charset=utf-8";

    private final String code;
    private final Clock clock;
    private final ViewerCounter viewers;
    private final MpdBuilder mpds;
    private final List<Rendition> renditions = new CopyOnWriteArrayList<>();
    private final FormerRenditions former;
    private final AtomicLong changes = new AtomicLong();
    private final Runnable listener = this::changed;
    private final ReentrantLock rendering = new ReentrantLock();
    private volatile MpdDocument rendered;
    private volatile List<Optional<RenditionOffer>> offered = List.of();
    private final WaitingRequests waiting;
    private final ViewerLag lag = new ViewerLag();

    DashStream(CamelContext context, String code, Clock clock, ViewerCounter viewers) {
        this.former = new FormerRenditions(context, this::changed);
        this.viewers = viewers;
        this.code = code;
        this.clock = clock;
        this.mpds = new MpdBuilder();
        this.waiting = new WaitingRequests("dash-" + code);
    }

    void join(Rendition rendition) {
        rendition.likelyDts = this::likelyDts;
        if (renditions.isEmpty()) {
            former.succeed();
        }
        renditions.add(rendition);
        rendition.packager().addListener(listener);
        changed();
    }

    /** Takes a rendition out. What it made is served until {@link #forget}. */
    void leave(Rendition rendition) {
        rendition.packager().removeListener(listener);
        former.add(rendition);
        renditions.remove(rendition);
        changed();
    }

    /** Nothing followed a rendition that was taken out. */
    void forget(Rendition rendition) {
        former.forget(rendition);
    }

    boolean isEmpty() {
        return renditions.isEmpty() && !former.isWaiting();
    }

    /** What the MPD is made of: one after the other, the last one is fed. */
    private List<List<Rendition>> generations() {
        return former.followedBy(List.copyOf(renditions));
    }

    /** On the writer's thread of a ring. */
    private void changed() {
        if (!mpds.isAnchored()) {
            mpds.anchor(List.copyOf(renditions), clock.millis());
        }
        changes.incrementAndGet();
        waiting.changed();
    }

    @Override
    public boolean serve(MediaRequest request, MediaResponse response) {
        String path = request.path();
        if (path.equals(MPD_PATH)) {
            Runnable answer = () -> serveMpd(request, response);
            waiting.whenReady(
                    this::isReady,
                    mpdPatienceMs(),
                    wokenWhenAllRest().map(rendition -> rendition.waits(answer)).orElse(answer));
            return true;
        }
        if (path.equals(TIME_PATH)) {
            // xs:dateTime in UTC with milliseconds: urn:mpeg:dash:utc:http-iso:2014
            String now =
                    DateTimeFormatter.ISO_INSTANT.format(
                            clock.instant().truncatedTo(ChronoUnit.MILLIS));
            response.send(
                    TIME_TYPE,
                    CachePolicy.MANIFEST,
                    "",
                    Unpooled.copiedBuffer(now, CharsetUtil.US_ASCII));
            return true;
        }
        return serveFile(path, request, response);
    }

    private boolean serveFile(String path, MediaRequest request, MediaResponse response) {
        int slash = path.lastIndexOf('/');
        String name = slash < 0 ? "" : path.substring(0, slash);
        String file = path.substring(slash + 1);
        for (Rendition rendition : renditions) {
            if (rendition.name().equals(name)) {
                CmafFiles.videoTime(file).ifPresent(rendition::askedFor); // before it wakes
                rendition.asked();
                if (send(rendition, file, request, response)) {
                    remember(rendition, file);
                    return true;
                }
                if (rendition.isOnDemand() && CmafFiles.isMade(file)) {
                    waiting.whenReady(
                            () -> CmafFiles.isSettled(rendition.packager().tracks(), file),
                            patienceMs() + WAKES_MS,
                            rendition.waits(() -> sendLate(rendition, file, request, response)));
                    return true;
                }
            }
        }
        return former.all().stream()
                .filter(rendition -> rendition.name().equals(name))
                .anyMatch(rendition -> send(rendition, file, request, response));
    }

    /** How far behind its player stands: it may go to a rung that rests, or this one may rest. */
    private void remember(Rendition rendition, String file) {
        if (renditions.stream().anyMatch(Rendition::isOnDemand)) {
            CmafFiles.ticksBehind(rendition.packager().tracks(), file)
                    .filter(behind -> behind <= RenditionOffer.WAKES_BACK_MAX_TICKS)
                    .ifPresent(behind -> lag.fetched(behind, System.nanoTime()));
        }
    }

    /**
     * When that starts which a player will probably want of a rung that it has woken: as far behind
     * as players are, or what is listed of the rung.
     */
    private long likelyDts() {
        OptionalLong newest =
                renditions.stream()
                        .flatMap(rendition -> rendition.packager().tracks().stream())
                        .filter(CmafTrack::isVideo)
                        .map(track -> track.segments().snapshot().held())
                        .filter(held -> !held.isEmpty())
                        .mapToLong(held -> held.getLast().endTicks())
                        .max();
        long behind = lag.farthest(System.nanoTime()).orElse(Representations.PROMISED_TICKS);
        return newest.isPresent() ? newest.getAsLong() - behind : Unit.NO_TIME;
    }

    private boolean send(
            Rendition rendition, String name, MediaRequest request, MediaResponse response) {
        Optional<CmafFiles.File> found = CmafFiles.find(rendition.packager().tracks(), name);
        if (found.isEmpty()) {
            return false;
        }
        CmafFiles.File file = found.get();
        CachePolicy cache = file.immutable() ? CachePolicy.SEGMENT : CachePolicy.PLAYLIST;
        count(request, file.bytes().readableBytes());
        response.send(file.contentType(), cache, file.etag(), file.bytes());
        return true;
    }

    private void sendLate(
            Rendition rendition, String file, MediaRequest request, MediaResponse response) {
        if (!send(rendition, file, request, response)) {
            response.notFound(
                    rendition.prefix() + file + " is from before this rendition was asked for");
        }
    }

    private void count(MediaRequest request, int bytes) {
        viewers.polled(
                code,
                PROTOCOL,
                request.remoteAddress(),
                request.header("User-Agent").orElse(""),
                request.isHead() ? 0 : bytes);
    }

    /** An MPD has times in it: where nothing is made, the smallest rendition is. */
    private Optional<Rendition> wokenWhenAllRest() {
        if (!renditions.stream().allMatch(r -> r.rests() || r.isLeftOut())) {
            return Optional.empty();
        }
        return renditions.stream()
                .filter(Rendition::isOnDemand)
                .min(Comparator.comparingLong(r -> r.offer().orElseThrow().averageBps()));
    }

    private long mpdPatienceMs() {
        boolean wakes = renditions.stream().anyMatch(Rendition::isOnDemand);
        return patienceMs() + (wakes ? WAKES_MS : 0);
    }

    private boolean isReady() {
        return mpds.isReady(generations());
    }

    /** A segment ends when the next one starts, so a player that comes first waits for two. */
    private long patienceMs() {
        return renditions.stream()
                .mapToLong(r -> 2 * r.packager().options().segmentDuration().toMillis() + 1000)
                .max()
                .orElse(0);
    }

    /** Nothing more will come: whoever waits is answered. */
    void close() {
        waiting.close();
    }

    private void serveMpd(MediaRequest request, MediaResponse response) {
        MpdDocument document = document();
        if (document.isEmpty()) {
            response.notFound("stream " + code + " has no DASH segments yet");
            return;
        }
        String timeUrl = TimeUrl.of(request, code + "/" + TIME_PATH, TIME_PATH);
        ByteBuf body = document.withTimeUrl(timeUrl);
        count(request, body.readableBytes());
        response.send(MPD_TYPE, CachePolicy.MANIFEST, document.etag(timeUrl), body);
    }

    /** The document as it is now. Who comes while another renders gets the one before. */
    private MpdDocument document() {
        MpdDocument document = rendered;
        List<Optional<RenditionOffer>> offers = renditions.stream().map(Rendition::offer).toList();
        if (!offers.equals(offered)) {
            offered = offers;
            changes.incrementAndGet();
        }
        if (document != null && document.change() == changes.get()) {
            return document;
        }
        if (document == null) {
            rendering.lock();
        } else if (!rendering.tryLock()) {
            return document;
        }
        try {
            long change = changes.get();
            if (rendered == null || rendered.change() != change) {
                rendered = render(change);
            }
            return rendered;
        } finally {
            rendering.unlock();
        }
    }

    private MpdDocument render(long change) {
        try {
            return mpds.build(generations(), clock.instant().atOffset(ZoneOffset.UTC))
                    .map(mpd -> MpdDocument.of(mpd, change))
                    .orElse(MpdDocument.empty(change));
        } catch (MpdDocument.UnwritableException e) {
            LOG.warn("The MPD of stream {} could not be written", code, e);
            return MpdDocument.empty(change);
        }
    }

    /** One rung of the ladder. */
    static final class Rendition {
        private final String name;
        private final CmafPackager packager;
        private final RenditionDemand demand;
        private volatile LongSupplier likelyDts = () -> Unit.NO_TIME;
        private long wantedDts = Unit.NO_TIME;
        private long wantedNanos;

        /**
         * @param name {@code track_n}, or "" for the stream itself
         */
        Rendition(String name, CmafPackager packager) {
            this(name, packager, Optional::empty);
        }

        /**
         * @param offers what the maker of the rendition says, asked each time
         */
        Rendition(String name, CmafPackager packager, Supplier<Optional<RenditionOffer>> offers) {
            this.name = name;
            this.packager = packager;
            this.demand = new RenditionDemand(offers);
        }

        Optional<RenditionOffer> offer() {
            return demand.offer();
        }

        boolean isLeftOut() {
            return demand.isLeftOut();
        }

        boolean isOnDemand() {
            return demand.isOnDemand();
        }

        /** Whether it would be made if somebody asked, or is about to be. */
        boolean rests() {
            return packager.tracks().stream()
                            .allMatch(track -> track.segments().snapshot().held().isEmpty())
                    && isOnDemand();
        }

        String name() {
            return name;
        }

        CmafPackager packager() {
            return packager;
        }

        /** What the paths of its files start with. */
        String prefix() {
            return name.isEmpty() ? "" : name + "/";
        }

        /** Somebody plays it. */
        void asked() {
            demand.asked();
        }

        /** Somebody waits for a file of it: what answers. */
        Runnable waits(Runnable answer) {
            return demand.waits(answer);
        }

        /** Somebody waits for the segment at a time: the earliest counts until the encoder runs. */
        synchronized void askedFor(long dts) {
            if (!rests()) {
                return;
            }
            long now = System.nanoTime();
            boolean old = now - wantedNanos > TimeUnit.MILLISECONDS.toNanos(WAKES_MS);
            wantedDts = old || wantedDts == Unit.NO_TIME ? dts : Math.min(wantedDts, dts);
            wantedNanos = now;
        }

        /** See {@link io.wadi.ring.UnitSink#wantedDts}. */
        long wantedDts() {
            long patience = TimeUnit.MILLISECONDS.toNanos(WAKES_MS);
            synchronized (this) {
                if (wantedDts != Unit.NO_TIME && System.nanoTime() - wantedNanos <= patience) {
                    return wantedDts;
                }
            }
            return demand.idleNanos() <= patience ? likelyDts.getAsLong() : Unit.NO_TIME;
        }

        /** See {@link io.wadi.ring.UnitSink#idleNanos}. */
        long idleNanos() {
            return demand.idleNanos();
        }
    }
}
