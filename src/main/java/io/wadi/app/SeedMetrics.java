package io.wadi.app;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.RingEntry;
import io.wadi.ring.RingInput;
import io.wadi.ring.RingStats;
import io.wadi.ring.Rings;
import io.wadi.segment.SegmentCounts;
import io.wadi.stream.InputSupervisor;
import io.wadi.stream.InputsStatus;
import io.wadi.stream.StreamRegistry;
import io.wadi.stream.StreamSpec;
import io.wadi.ts.TsPacket;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Open Streamer's names, and RapidRTMP's, for what {@link StreamMetrics} tells: the same counters,
 * read when they are asked for.
 */
final class SeedMetrics implements MultiCollector {
    private static final String CODE = "stream_code";

    private final CamelContext context;
    private final Rates rates;
    private final Duration packetTimeout;

    SeedMetrics(CamelContext context, Rates rates, Duration packetTimeout) {
        this.context = context;
        this.rates = rates;
        this.packetTimeout = packetTimeout;
    }

    @Override
    public MetricSnapshots collect() {
        List<RingEntry> streams =
                Rings.of(context).all().stream()
                        .filter(entry -> !entry.ring().id().contains("/track_"))
                        .sorted(Comparator.comparing(entry -> entry.ring().id()))
                        .toList();
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        ingestor(streams, all);
        inputs(streams, all);
        buffers(streams, all);
        starts(streams, all);
        clients(all);
        segments(all);
        return all.build();
    }

    private void ingestor(List<RingEntry> streams, MetricSnapshots.Builder to) {
        var bytes = counter("open_streamer_ingestor_bytes", "Bytes of MPEG-TS of an input.");
        var packets = counter("open_streamer_ingestor_packets", "The same in packets.");
        var errors =
                counter(
                        "open_streamer_ingestor_errors",
                        "Packets that a stream's sources lost on their way, by the counters.");
        for (RingEntry entry : streams) {
            String code = entry.ring().id();
            long lost = 0;
            for (RingInput input : entry.inputs().values()) {
                Labels labels =
                        Labels.of(
                                CODE,
                                code,
                                "protocol",
                                protocol(code, input.priority()),
                                "input_priority",
                                Integer.toString(input.priority()));
                long came = input.stats().bytes();
                bytes.dataPoint(point(labels, came));
                packets.dataPoint(point(labels, came / TsPacket.SIZE));
                lost += input.packets().lostPackets();
            }
            errors.dataPoint(point(Labels.of(CODE, code, "reason", "packet_loss"), lost));
        }
        to.metricSnapshot(bytes.build());
        to.metricSnapshot(packets.build());
        to.metricSnapshot(errors.build());
    }

    /** The scheme of the input's URL. */
    private String protocol(String code, int priority) {
        String url =
                StreamRegistry.of(context).stream(code)
                        .map(StreamSpec::inputs)
                        .flatMap(
                                inputs ->
                                        inputs.stream()
                                                .filter(input -> input.priority() == priority)
                                                .findFirst())
                        .map(StreamSpec.Input::url)
                        .orElse("");
        int colon = url.indexOf(':');
        return colon < 0 ? "file" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    }

    /** One that stands by cold has no say; the supervisor knows it as healthy or not. */
    private void inputs(List<RingEntry> streams, MetricSnapshots.Builder to) {
        var failovers =
                counter("open_streamer_manager_failovers", "As wadi_stream_input_switches_total.");
        var health = gauge("open_streamer_manager_input_health", "1 when it is fit to be on air.");
        for (RingEntry entry : streams) {
            String code = entry.ring().id();
            var status = InputSupervisor.of(context).status(code);
            status.ifPresent(s -> failovers.dataPoint(point(Labels.of(CODE, code), s.failovers())));
            for (RingInput input : entry.inputs().values()) {
                Labels labels =
                        Labels.of(CODE, code, "input_priority", Integer.toString(input.priority()));
                boolean healthy =
                        status.flatMap(s -> of(s, input.priority()))
                                .map(InputsStatus.Input::healthy)
                                .orElseGet(() -> isAlive(input.stats()));
                health.dataPoint(gaugePoint(labels, healthy ? 1 : 0));
            }
        }
        to.metricSnapshot(failovers.build());
        to.metricSnapshot(health.build());
    }

    private static Optional<InputsStatus.Input> of(InputsStatus status, int priority) {
        return status.inputs().stream().filter(i -> i.priority() == priority).findFirst();
    }

    private boolean isAlive(RingStats stats) {
        return stats.units() > 0
                && System.nanoTime() - stats.lastArrivalNanos() <= packetTimeout.toNanos();
    }

    private static void buffers(List<RingEntry> streams, MetricSnapshots.Builder to) {
        var held = gauge("open_streamer_buffer_packets", "MPEG-TS packets that a ring holds.");
        var drops = counter("open_streamer_buffer_drops", "As wadi_stream_lost_units_total.");
        for (RingEntry entry : streams) {
            Labels labels = Labels.of(CODE, entry.ring().id());
            RingStats stats = entry.ring().stats();
            long packets = stats.depthBytes() / TsPacket.SIZE;
            held.dataPoint(gaugePoint(labels, (double) packets));
            drops.dataPoint(point(labels, stats.lostUnits()));
        }
        to.metricSnapshot(held.build());
        to.metricSnapshot(drops.build());
    }

    private void starts(List<RingEntry> streams, MetricSnapshots.Builder to) {
        var starts =
                gauge("open_streamer_stream_start_time_seconds", "Unix time of the first unit.");
        int active = 0;
        for (RingEntry entry : streams) {
            if (entry.ring().stats().units() > 0) {
                active++;
                String code = entry.ring().id();
                double since = rates.of(code).since().toEpochMilli() / 1000.0;
                starts.dataPoint(gaugePoint(Labels.of(CODE, code), since));
            }
        }
        to.metricSnapshot(starts.build());
        to.metricSnapshot(
                gauge("rapidrtmp_active_streams", "Streams that have had a unit.")
                        .dataPoint(gaugePoint(Labels.EMPTY, active))
                        .build());
    }

    private void clients(MetricSnapshots.Builder to) {
        var clients = gauge("open_streamer_publisher_clients_active", "As wadi_viewers.");
        ViewerCounter viewers = ViewerCounter.of(context);
        for (ViewerCounter.Key key : viewers.keys()) {
            clients.dataPoint(
                    gaugePoint(
                            Labels.of(CODE, key.code(), "protocol", key.protocol()),
                            (double) viewers.viewers(key.code(), key.protocol())));
        }
        to.metricSnapshot(clients.build());
    }

    private void segments(MetricSnapshots.Builder to) {
        var segments =
                counter(
                        "open_streamer_publisher_segments",
                        "Segments made for a playlist or an MPD, one for each track's file.");
        SegmentCounts.of(context)
                .all()
                .forEach(
                        (key, count) ->
                                segments.dataPoint(
                                        point(
                                                Labels.of(
                                                        CODE,
                                                        key.code(),
                                                        "profile",
                                                        profile(key.rendition()),
                                                        "format",
                                                        key.format()),
                                                count.sum())));
        to.metricSnapshot(segments.build());
    }

    private static String profile(String rendition) {
        return Optional.of(rendition).filter(name -> !name.isEmpty()).orElse("main");
    }

    private static CounterSnapshot.Builder counter(String name, String help) {
        return CounterSnapshot.builder().name(name).help(help);
    }

    private static GaugeSnapshot.Builder gauge(String name, String help) {
        return GaugeSnapshot.builder().name(name).help(help);
    }

    private static CounterDataPointSnapshot point(Labels labels, long value) {
        return CounterDataPointSnapshot.builder().labels(labels).value((double) value).build();
    }

    private static GaugeDataPointSnapshot gaugePoint(Labels labels, double value) {
        return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
    }
}
