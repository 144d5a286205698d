package io.wadi.ffmpeg;

import io.wadi.event.EventBus;
import io.wadi.http.MediaRoutes;
import io.wadi.ring.Ring;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitProducer;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes the units of a stream and has them encoded into the rings of its renditions.
 *
 * <p>What comes in is kept in a ring of its own (references to the same memory), from which each
 * process is fed with a cursor of its own: a process that starts, gets the newest key picture at
 * once, and one that is slow loses whole GOPs and holds up nobody.
 */
final class TranscodeProducer extends UnitProducer {
    /** 3 s at 20 Mbit/s: what may come while a process starts. */
    private static final int FEED_PACKETS = 40_000;

    /** What a rung that is woken may start with: 16 s at 15 Mbit/s. */
    private static final int FEED_ON_DEMAND_PACKETS = 160_000;

    private final FfmpegEndpoint endpoint;
    private final Ladder ladder;
    private final List<String> rings = new ArrayList<>();
    private SourceWatch source;
    private Ring feed;
    private Encoding encoding;
    private MediaRoutes.Mount mount;

    TranscodeProducer(FfmpegEndpoint endpoint, Ladder ladder) {
        super(endpoint);
        this.endpoint = endpoint;
        this.ladder = ladder;
    }

    @Override
    protected void doStart() throws Exception {
        String stream = endpoint.getSource();
        source = new SourceWatch();
        boolean wakes = ladder.rungs().stream().anyMatch(Rung::onDemand);
        feed = new Ring(stream + " (to encode)", wakes ? FEED_ON_DEMAND_PACKETS : FEED_PACKETS);
        List<RungOutput> outputs = new ArrayList<>();
        for (Rung rung : ladder.rungs()) {
            String id = stream + "/" + rung.name();
            RingEntry entry = Rings.of(endpoint.getCamelContext()).acquire(id);
            rings.add(id);
            outputs.add(new RungOutput(rung, entry, source));
        }
        StillStore stills = new StillStore(stillFile(stream));
        if (ladder.thumbnail().isPresent()) {
            mount = MediaRoutes.of(endpoint.getCamelContext()).mount(stream, stills);
        }
        FfmpegComponent component = endpoint.getComponent();
        EventBus events = EventBus.of(endpoint.getCamelContext());
        encoding =
                new Encoding(
                        name(stream),
                        stream,
                        ladder,
                        component::getMaxRestarts,
                        feed,
                        source,
                        outputs,
                        stills,
                        new Encoding.Surroundings(
                                component.binary(),
                                component.workers(),
                                component.children(),
                                component.watermarks(),
                                component.devices(),
                                Transcoders.of(endpoint.getCamelContext()),
                                events,
                                Clock.systemUTC()));
        Transcoders.of(endpoint.getCamelContext()).add(encoding.state());
        encoding.start();
        super.doStart();
    }

    private Optional<StillFile> stillFile(String stream) {
        return ladder.thumbnail()
                .map(Ladder.Thumbnail::folder)
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(endpoint.getComponent().getStillDir()).resolve(folder))
                .map(folder -> new StillFile(folder, stream));
    }

    private String name(String stream) {
        List<Rung> rungs = ladder.rungs();
        if (ladder.isStillsOnly()) {
            return stream + "/thumbnail";
        }
        return rungs.size() == 1 ? stream + "/" + rungs.getFirst().name() : stream;
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        if (encoding != null) {
            encoding.stop();
            Transcoders.of(endpoint.getCamelContext()).remove(encoding.state());
            EventBus.of(endpoint.getCamelContext())
                    .publish(
                            "transcoder.stopped",
                            endpoint.getSource(),
                            Map.of("profiles", ladder.rungs().size()));
            encoding = null;
        }
        if (mount != null) {
            mount.close();
            mount = null;
        }
        if (feed != null) {
            feed.close();
            feed = null;
        }
        rings.forEach(id -> Rings.of(endpoint.getCamelContext()).release(id));
        rings.clear();
    }

    @Override
    public void onUnit(Unit unit) {
        source.onUnit(unit);
        feed.append(unit);
    }

    @Override
    public String toString() {
        return "ffmpeg:" + endpoint.getSource();
    }
}
