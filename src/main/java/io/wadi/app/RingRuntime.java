package io.wadi.app;

import io.wadi.api.RuntimeView;
import io.wadi.api.StreamRuntime;
import io.wadi.api.StreamRuntime.Failure;
import io.wadi.api.StreamRuntime.InputState;
import io.wadi.api.StreamRuntime.MediaState;
import io.wadi.api.StreamRuntime.ProfileState;
import io.wadi.api.StreamRuntime.PublisherState;
import io.wadi.api.StreamRuntime.TrackState;
import io.wadi.api.StreamRuntime.TranscoderState;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ffmpeg.Transcoders;
import io.wadi.http.ViewerCounter;
import io.wadi.ring.RingEntry;
import io.wadi.ring.RingInput;
import io.wadi.ring.RingStats;
import io.wadi.ring.Rings;
import io.wadi.stream.InputSupervisor;
import io.wadi.stream.InputsStatus;
import io.wadi.stream.StreamSpec;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How the streams are doing, for the API, read from their rings. */
final class RingRuntime implements RuntimeView {
    private static final double BITS_PER_KILOBIT = 1000;

    private static final double MILLIS_PER_SECOND = 1000;

    private final CamelContext context;
    private final Rates rates;
    private final Duration packetTimeout;

    RingRuntime(CamelContext context, Rates rates, Duration packetTimeout) {
        this.context = context;
        this.rates = rates;
        this.packetTimeout = packetTimeout;
    }

    @Override
    public Optional<StreamRuntime> of(String code) {
        return Rings.of(context).find(code).map(entry -> runtime(code, entry));
    }

    @Override
    public Map<String, Long> viewers(String code) {
        ViewerCounter viewers = ViewerCounter.of(context);
        Map<String, Long> now = new TreeMap<>();
        for (ViewerCounter.Key key : viewers.keys()) {
            if (key.code().equals(code)) {
                now.put(key.protocol(), viewers.viewers(code, key.protocol()));
            }
        }
        return now;
    }

    private StreamRuntime runtime(String code, RingEntry entry) {
        Optional<InputsStatus> supervised = InputSupervisor.of(context).status(code);
        List<InputState> inputs = new ArrayList<>();
        boolean hadUnits = false;
        boolean alive = false;
        for (RingInput input : entry.inputs().values()) {
            RingStats stats = input.stats();
            hadUnits |= stats.units() > 0;
            alive |= stats.units() > 0 && !isSilent(stats);
            inputs.add(input(code, entry, input, supervised));
        }
        long watching = viewers(code).values().stream().mapToLong(Long::longValue).sum();
        return new StreamRuntime(
                supervised.map(InputsStatus::active).orElse(entry.activeInput()),
                supervised.flatMap(RingRuntime::override),
                supervised.map(InputsStatus::exhausted).orElse(hadUnits && !alive),
                supervised.flatMap(RingRuntime::slate),
                inputs,
                supervised.map(RingRuntime::switches).orElse(List.of()),
                transcoder(code),
                new PublisherState(List.of()),
                new MediaState(kbps(rates.of(code)), kbps(rates.ofViewers(code))),
                watching);
    }

    private static Optional<String> slate(InputsStatus status) {
        return status.inputs().stream()
                .filter(input -> input.priority() == StreamSpec.Slate.PRIORITY)
                .map(InputsStatus.Input::status)
                .findFirst();
    }

    private static Optional<Integer> override(InputsStatus status) {
        return status.override().isPresent()
                ? Optional.of(status.override().getAsInt())
                : Optional.empty();
    }

    private static List<StreamRuntime.Switch> switches(InputsStatus status) {
        return status.switches().stream()
                .map(
                        change ->
                                new StreamRuntime.Switch(
                                        change.at(),
                                        change.from(),
                                        change.to(),
                                        change.reason(),
                                        Optional.of(change.detail())
                                                .filter(detail -> !detail.isEmpty())))
                .toList();
    }

    private static List<StreamRuntime.Failure> errors(InputsStatus.Input input) {
        return input.errors().stream()
                .map(problem -> new StreamRuntime.Failure(problem.message(), problem.at()))
                .toList();
    }

    private TranscoderState transcoder(String code) {
        return new TranscoderState(
                Transcoders.of(context).of(code).stream().map(this::profile).toList());
    }

    private ProfileState profile(Transcoders.RungState rung) {
        String ring = rung.stream() + "/track_" + rung.track();
        Optional<RingEntry> rendition = Rings.of(context).find(ring);
        return new ProfileState(
                rung.track() - 1,
                "track_" + rung.track(),
                rung.status(),
                rung.reason(),
                rung.encoder(),
                rung.device().isPresent()
                        ? Optional.of(rung.device().getAsInt())
                        : Optional.empty(),
                rung.pid(),
                rung.restarts(),
                rung.fps(),
                rung.speed(),
                rendition.map(entry -> entry.ring().stats().pictures()).orElse(0L),
                kbps(rates.of(ring)),
                rung.latencyMs(),
                rung.lostUnits(),
                rung.cpu().toMillis() / MILLIS_PER_SECOND,
                rung.memoryBytes(),
                rung.problems().stream()
                        .map(problem -> new Failure(problem.message(), problem.at()))
                        .toList());
    }

    private InputState input(
            String code, RingEntry entry, RingInput input, Optional<InputsStatus> supervised) {
        Optional<InputsStatus.Input> state =
                supervised.flatMap(
                        all ->
                                all.inputs().stream()
                                        .filter(one -> one.priority() == input.priority())
                                        .findFirst());
        RingStats stats = input.stats();
        boolean active = entry.activeInput() == input.priority();
        Optional<Instant> last =
                stats.units() == 0
                        ? Optional.empty()
                        : Optional.of(Instant.now().minusNanos(silentNanos(stats)));
        return new InputState(
                input.priority(),
                last,
                kbps(rates.ofInput(code, input.priority())),
                input.packets().lostPackets(),
                state.map(InputsStatus.Input::status).orElse(status(stats, active)),
                active ? tracks(code, entry) : List.of(),
                state.map(RingRuntime::errors).orElse(List.of()));
    }

    private String status(RingStats stats, boolean active) {
        if (stats.units() == 0) {
            return "connecting";
        }
        if (isSilent(stats)) {
            return "degraded";
        }
        return active ? "active" : "standby";
    }

    private boolean isSilent(RingStats stats) {
        return silentNanos(stats) > packetTimeout.toNanos();
    }

    private static long silentNanos(RingStats stats) {
        return Math.max(0, System.nanoTime() - stats.lastArrivalNanos());
    }

    private List<TrackState> tracks(String code, RingEntry entry) {
        List<TrackState> tracks = new ArrayList<>();
        entry.formats()
                .forEach(
                        (pid, format) -> {
                            var rate = rates.ofTrack(code, entry.activeInput(), pid);
                            tracks.add(track(format, kbps(rate)));
                        });
        return tracks;
    }

    private static TrackState track(TrackFormat format, long kbps) {
        String codec = format.codec().name().toLowerCase(Locale.ROOT);
        return format instanceof VideoFormat video
                ? new TrackState("video", codec, video.width(), video.height(), kbps)
                : new TrackState("audio", codec, 0, 0, kbps);
    }

    private static long kbps(Rates.Rate rate) {
        return Math.round(rate.bitsPerSecond() / BITS_PER_KILOBIT);
    }
}
