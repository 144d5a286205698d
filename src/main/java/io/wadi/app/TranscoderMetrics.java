package io.wadi.app;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.wadi.ffmpeg.Transcoders;
import io.wadi.ffmpeg.Transcoders.RungState;

import org.apache.camel.CamelContext;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What every encoder does, read when it is asked for; values of a process stand on each rung. */
final class TranscoderMetrics implements MultiCollector {
    private static final double MILLIS_PER_SECOND = 1000;

    private final CamelContext context;

    TranscoderMetrics(CamelContext context) {
        this.context = context;
    }

    @Override
    public MetricSnapshots collect() {
        List<RungState> rungs = Transcoders.of(context).all();
        List<MetricSnapshot> snapshots = new ArrayList<>();
        if (!rungs.isEmpty()) {
            gauges(rungs, snapshots);
            counters(rungs, snapshots);
        }
        return new MetricSnapshots(snapshots);
    }

    private static void gauges(List<RungState> rungs, List<MetricSnapshot> to) {
        to.add(
                gauge(
                        "wadi_transcoder_active",
                        "1 while the rung's process runs.",
                        rungs,
                        rung -> rung.pid() == 0 ? 0 : 1));
        to.add(gauge("wadi_transcoder_fps", "Pictures a second.", rungs, RungState::fps));
        to.add(
                gauge(
                        "wadi_transcoder_speed",
                        "Encoded time against the clock; below 1 the encoder is too slow.",
                        rungs,
                        RungState::speed));
        to.add(
                gauge(
                        "wadi_transcoder_latency_seconds",
                        "Media time that the rung is behind its source.",
                        rungs,
                        rung -> rung.latencyMs() / MILLIS_PER_SECOND));
        to.add(
                gauge(
                        "wadi_transcoder_memory_bytes",
                        "Resident memory of the rung's process.",
                        rungs,
                        RungState::memoryBytes));
        to.add(
                gauge(
                        "wadi_transcoder_cpu_seconds",
                        "Processor time of the rung's process, since it started.",
                        rungs,
                        rung -> rung.cpu().toMillis() / MILLIS_PER_SECOND));
    }

    private static void counters(List<RungState> rungs, List<MetricSnapshot> to) {
        to.add(
                counter(
                        "wadi_transcoder_restarts",
                        "Starts of the rung's process after the first.",
                        rungs,
                        RungState::restarts));
        to.add(
                counter(
                        "wadi_transcoder_lost_units",
                        "Units that the encoder was too slow to take.",
                        rungs,
                        RungState::lostUnits));
    }

    private static Labels labels(RungState rung) {
        return Labels.of("stream_code", rung.stream(), "rendition", "track_" + rung.track());
    }

    private static GaugeSnapshot gauge(
            String name, String help, List<RungState> rungs, ToDoubleFunction<RungState> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        for (RungState rung : rungs) {
            gauge.dataPoint(
                    GaugeSnapshot.GaugeDataPointSnapshot.builder()
                            .labels(labels(rung))
                            .value(value.applyAsDouble(rung))
                            .build());
        }
        return gauge.build();
    }

    private static CounterSnapshot counter(
            String name, String help, List<RungState> rungs, ToDoubleFunction<RungState> value) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        for (RungState rung : rungs) {
            counter.dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                            .labels(labels(rung))
                            .value(value.applyAsDouble(rung))
                            .build());
        }
        return counter.build();
    }
}
