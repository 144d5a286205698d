package io.wadi.dash;

import io.wadi.ring.RenditionId;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;
import io.wadi.segment.CmafPackager;
import io.wadi.segment.SegmentCounts;

import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** Feeds the packager of its ring and puts it into the stream's MPD while its route runs. */
final class DashProducer extends UnitProducer {
    private final DashEndpoint endpoint;
    private final RenditionId id;
    private CmafPackager packager;
    private DashStream.Rendition joined;
    private Runnable counter = () -> {};

    DashProducer(DashEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.id = RenditionId.of(endpoint.getRingId());
    }

    @Override
    protected void doStart() throws Exception {
        LongAdder segments = SegmentCounts.of(endpoint.getCamelContext()).open(countKey());
        counter = segments::increment;
        packager =
                CmafPackager.acquire(
                        endpoint.getCamelContext(), endpoint.getRingId(), endpoint.options());
        packager.addListener(counter);
        joined = new DashStream.Rendition(id.rendition(), packager, this::offer);
        DashStreams.of(endpoint.getCamelContext()).join(id.code(), joined);
        super.doStart();
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (packager != null) {
            DashStreams.of(endpoint.getCamelContext()).leave(id.code(), joined);
            packager.removeListener(counter);
            SegmentCounts.of(endpoint.getCamelContext()).close(countKey());
            CmafPackager.release(endpoint.getCamelContext(), packager);
            packager = null;
        }
    }

    private Optional<RenditionOffer> offer() {
        return Rings.of(endpoint.getCamelContext())
                .find(endpoint.getRingId())
                .flatMap(RingEntry::offer);
    }

    private SegmentCounts.Key countKey() {
        return new SegmentCounts.Key(id.code(), id.rendition(), "dash");
    }

    @Override
    public void onUnit(Unit unit) {
        packager.onUnit(unit);
    }

    @Override
    public void forget() {
        packager.forget();
    }

    @Override
    public long idleNanos() {
        return joined.idleNanos();
    }

    @Override
    public long wantedDts() {
        return joined.wantedDts();
    }

    @Override
    public String toString() {
        return "dash:" + endpoint.getRingId();
    }
}
