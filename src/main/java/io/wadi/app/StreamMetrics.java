package io.wadi.app;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.Ring;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.stream.InputSupervisor;

import org.apache.camel.CamelContext;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What every ring does, read from the rings when it is asked for, so that a stream that goes takes
 * its series with it. {@link SeedMetrics} has the names of others.
 */
final class StreamMetrics implements MultiCollector {
    private final CamelContext context;
    private final Rates rates;

    StreamMetrics(CamelContext context, Rates rates) {
        this.context = context;
        this.rates = rates;
    }

    /** A ring with the labels of its series. */
    private record Source(Ring ring, Labels labels) {
        static Source of(RingEntry entry) {
            Ring ring = entry.ring();
            // A code may contain a slash; only /track_n ends the name of a rendition.
            int slash = ring.id().lastIndexOf("/track_");
            String code = slash < 0 ? ring.id() : ring.id().substring(0, slash);
            String rendition = slash < 0 ? "" : ring.id().substring(slash + 1);
            return new Source(ring, Labels.of("stream_code", code, "rendition", rendition));
        }
    }

    @Override
    public MetricSnapshots collect() {
        List<Source> sources =
                Rings.of(context).all().stream()
                        .map(Source::of)
                        .sorted(Comparator.comparing(source -> source.ring().id()))
                        .toList();
        List<MetricSnapshot> snapshots = new ArrayList<>();
        ownCounters(sources, snapshots);
        ownGauges(sources, snapshots);
        viewers(snapshots);
        switches(sources, snapshots);
        return new MetricSnapshots(snapshots);
    }

    private static void ownCounters(List<Source> sources, List<MetricSnapshot> to) {
        to.add(
                counter(
                        "wadi_stream_bytes",
                        "Bytes of MPEG-TS that came into the ring.",
                        sources,
                        source -> source.ring().stats().bytes()));
        to.add(
                counter(
                        "wadi_stream_units",
                        "Units that came into the ring.",
                        sources,
                        source -> source.ring().stats().units()));
        to.add(
                counter(
                        "wadi_stream_pictures",
                        "Units that carry a picture.",
                        sources,
                        source -> source.ring().stats().pictures()));
        to.add(
                counter(
                        "wadi_stream_discontinuities",
                        "Breaks in the timeline that players are told of.",
                        sources,
                        source -> source.ring().stats().discontinuities()));
        to.add(
                counter(
                        "wadi_stream_lost_units",
                        "Units that readers of the ring were overtaken by.",
                        sources,
                        source -> source.ring().stats().lostUnits()));
    }

    private void ownGauges(List<Source> sources, List<MetricSnapshot> to) {
        to.add(
                gauge(
                        "wadi_stream_bitrate_bps",
                        "Bits a second into the ring, over the last seconds.",
                        sources,
                        source -> rates.of(source.ring().id()).bitsPerSecond()));
        to.add(
                gauge(
                        "wadi_stream_fps",
                        "Pictures a second into the ring, over the last seconds.",
                        sources,
                        source -> rates.of(source.ring().id()).picturesPerSecond()));
        to.add(
                gauge(
                        "wadi_stream_uptime_seconds",
                        "Since the ring got its first unit; 0 when it has none.",
                        sources,
                        this::uptimeSeconds));
        to.add(
                gauge(
                        "wadi_ring_depth_units",
                        "Units that the ring holds.",
                        sources,
                        source -> source.ring().stats().depthUnits()));
        to.add(
                gauge(
                        "wadi_ring_depth_bytes",
                        "Bytes that the ring holds.",
                        sources,
                        source -> source.ring().stats().depthBytes()));
    }

    private void viewers(List<MetricSnapshot> to) {
        GaugeSnapshot.Builder now =
                GaugeSnapshot.builder().name("wadi_viewers").help("Viewers now.");
        CounterSnapshot.Builder sent =
                CounterSnapshot.builder().name("wadi_viewer_bytes").help("Bytes sent to viewers.");
        ViewerCounter counter = ViewerCounter.of(context);
        for (ViewerCounter.Key key : counter.keys()) {
            Labels labels = Labels.of("stream_code", key.code(), "protocol", key.protocol());
            long viewers = counter.viewers(key.code(), key.protocol());
            var point =
                    GaugeDataPointSnapshot.builder().labels(labels).value((double) viewers).build();
            now.dataPoint(point);
            sent.dataPoint(
                    CounterDataPointSnapshot.builder()
                            .labels(labels)
                            .value((double) counter.bytes(key.code(), key.protocol()))
                            .build());
        }
        to.add(now.build());
        to.add(sent.build());
    }

    private void switches(List<Source> sources, List<MetricSnapshot> to) {
        CounterSnapshot.Builder switches =
                CounterSnapshot.builder()
                        .name("wadi_stream_input_switches")
                        .help("Changes of the input that is on air.");
        for (Source source : sources) {
            InputSupervisor.of(context)
                    .status(source.ring().id())
                    .ifPresent(
                            status ->
                                    switches.dataPoint(
                                            CounterDataPointSnapshot.builder()
                                                    .labels(source.labels())
                                                    .value((double) status.failovers())
                                                    .build()));
        }
        to.add(switches.build());
    }

    private double uptimeSeconds(Source source) {
        long since = rates.of(source.ring().id()).since().toEpochMilli();
        return since == 0 ? 0 : (System.currentTimeMillis() - since) / 1000.0;
    }

    private static CounterSnapshot counter(
            String name, String help, List<Source> sources, ToDoubleFunction<Source> value) {
        CounterSnapshot.Builder builder = CounterSnapshot.builder().name(name).help(help);
        for (Source source : sources) {
            builder.dataPoint(
                    CounterDataPointSnapshot.builder()
                            .labels(source.labels())
                            .value(value.applyAsDouble(source))
                            .build());
        }
        return builder.build();
    }

    private static GaugeSnapshot gauge(
            String name, String help, List<Source> sources, ToDoubleFunction<Source> value) {
        GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(help);
        for (Source source : sources) {
            builder.dataPoint(
                    GaugeDataPointSnapshot.builder()
                            .labels(source.labels())
                            .value(value.applyAsDouble(source))
                            .build());
        }
        return builder.build();
    }
}
