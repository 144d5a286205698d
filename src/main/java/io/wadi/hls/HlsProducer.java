package io.wadi.hls;

import io.wadi.codec.TrackFormat;
import io.wadi.ring.RenditionId;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.segment.CmafOptions;
import io.wadi.segment.CmafPackager;
import io.wadi.segment.SegmentCounts;
import io.wadi.segment.SegmentNumbers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Packages the units of one rendition while its route runs. */
final class HlsProducer extends UnitProducer {
    /** A segment ends when the next one starts: a player that comes first waits for two. */
    private static final int PATIENCE_SEGMENTS = 2;

    /** What is lost between a camera and us. */
    private static final long PATIENCE_EXTRA_MS = 1000;

    private final HlsEndpoint endpoint;
    private final RenditionId id;
    private HlsStream stream;
    private ListedRendition rendition;

    HlsProducer(HlsEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.id = RenditionId.of(endpoint.getRingId());
    }

    @Override
    protected void doStart() throws Exception {
        HlsStreams streams = HlsStreams.of(endpoint.getCamelContext());
        HlsStream joined = streams.acquire(id.code());
        LongAdder segments = counts().open(countKey());
        Runnable changed =
                () -> {
                    segments.increment();
                    joined.changed();
                };
        Rendition made = null;
        try {
            made =
                    switch (endpoint.getContainer()) {
                        case ts -> inTransportStream(joined, changed);
                        case fmp4 -> inFragments(changed);
                    };
            ListedRendition listed = new ListedRendition(made, this::offer);
            joined.add(listed, patienceMs());
            stream = joined;
            rendition = listed;
        } finally {
            if (rendition == null) {
                streams.release(id.code(), () -> {});
                counts().close(countKey());
                if (made != null) {
                    made.retire();
                    made.close();
                }
            }
        }
        super.doStart();
    }

    private Rendition inTransportStream(HlsStream joined, Runnable changed) throws IOException {
        List<TsRendition> formers = joined.formers(id.rendition());
        SegmentNumbers.State earliest =
                formers.stream()
                        .map(TsRendition::position)
                        .reduce(SegmentNumbers.State.ZERO, SegmentNumbers.State::orLater);
        TsRendition rendition =
                new TsRendition(
                        id.rendition(),
                        endpoint.getSegmentDuration(),
                        endpoint.getWindow() + endpoint.getHistory(),
                        SegmentNumbers.open(
                                stateDir().orElse(null), endpoint.getRingId(), earliest),
                        this::formats,
                        changed);
        formers.stream()
                .filter(f -> f.position().segment() == rendition.position().segment())
                .findFirst()
                .ifPresent(rendition::follow);
        return rendition;
    }

    private Rendition inFragments(Runnable changed) {
        CmafOptions options =
                new CmafOptions(
                        endpoint.getSegmentDuration(),
                        endpoint.getWindow(),
                        endpoint.getHistory(),
                        stateDir());
        return new FragmentedRendition(
                id.rendition(),
                endpoint.getSegmentDuration(),
                endpoint.getCamelContext(),
                CmafPackager.acquire(endpoint.getCamelContext(), endpoint.getRingId(), options),
                changed);
    }

    private SegmentCounts counts() {
        return SegmentCounts.of(endpoint.getCamelContext());
    }

    private SegmentCounts.Key countKey() {
        return new SegmentCounts.Key(id.code(), id.rendition(), "hls");
    }

    private Optional<Path> stateDir() {
        return Optional.ofNullable(endpoint.getStateDir()).map(Path::of);
    }

    private long patienceMs() {
        return PATIENCE_SEGMENTS * endpoint.getSegmentDuration().toMillis() + PATIENCE_EXTRA_MS;
    }

    private Optional<RenditionOffer> offer() {
        return Rings.of(endpoint.getCamelContext())
                .find(endpoint.getRingId())
                .flatMap(RingEntry::offer);
    }

    private List<TrackFormat> formats() {
        return Rings.of(endpoint.getCamelContext())
                .find(endpoint.getRingId())
                .map(RingEntry::tracks)
                .orElse(List.of());
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (rendition != null) {
            Rendition media = rendition.media();
            media.retire();
            HlsStream left = stream;
            left.remove(rendition);
            HlsStreams.of(endpoint.getCamelContext())
                    .release(
                            id.code(),
                            () -> {
                                left.forget(media);
                                media.close();
                            });
            counts().close(countKey());
            rendition = null;
        }
    }

    @Override
    public void onUnit(Unit unit) {
        rendition.media().onUnit(unit);
    }

    @Override
    public void forget() {
        rendition.media().forget();
        stream.changed();
    }

    @Override
    public long idleNanos() {
        return rendition.idleNanos();
    }

    @Override
    public String toString() {
        return "hls:" + endpoint.getRingId();
    }
}
