package io.wadi.hls;

import io.wadi.codec.TrackFormat;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.segment.SegmentNumbers;

import java.nio.file.Path;
import java.util.List;

/** Packages the units of one rendition while its route runs. */
final class HlsProducer extends UnitProducer {
    /** A segment ends when the next one starts: a player that comes first waits for two. */
    private static final int PATIENCE_SEGMENTS = 2;

    /** What is lost between a camera and us. */
    private static final long PATIENCE_EXTRA_MS = 1000;

    private final HlsEndpoint endpoint;
    private final RenditionId id;
    private HlsStream stream;
    private TsRendition rendition;

    HlsProducer(HlsEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.id = RenditionId.of(endpoint.getRingId());
    }

    @Override
    protected void doStart() throws Exception {
        String stateDir = endpoint.getStateDir();
        SegmentNumbers numbers =
                SegmentNumbers.open(
                        stateDir == null ? null : Path.of(stateDir), endpoint.getRingId());
        HlsStreams streams = HlsStreams.of(endpoint.getCamelContext());
        HlsStream joined = streams.acquire(id.code());
        TsRendition made =
                new TsRendition(
                        id.rendition(),
                        endpoint.getSegmentDuration(),
                        endpoint.getWindow() + endpoint.getHistory(),
                        numbers,
                        this::formats,
                        joined::changed);
        try {
            joined.add(made, patienceMs());
        } catch (IllegalStateException taken) {
            made.close();
            streams.release(id.code());
            throw taken;
        }
        stream = joined;
        rendition = made;
        super.doStart();
    }

    private long patienceMs() {
        return PATIENCE_SEGMENTS * endpoint.getSegmentDuration().toMillis() + PATIENCE_EXTRA_MS;
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
            stream.remove(rendition);
            HlsStreams.of(endpoint.getCamelContext()).release(id.code());
            rendition.close();
            rendition = null;
        }
    }

    @Override
    public void onUnit(Unit unit) {
        rendition.onUnit(unit);
    }

    @Override
    public String toString() {
        return "hls:" + endpoint.getRingId();
    }
}
