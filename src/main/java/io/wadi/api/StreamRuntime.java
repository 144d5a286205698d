package io.wadi.api;

import com.fasterxml.jackson.annotation.JsonInclude;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a running stream is doing, in the shape that the API answers with.
 *
 * @param slate the status of the slate, as that of an input; absent when there is none
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record StreamRuntime(
        int activeInputPriority,
        Optional<Integer> overrideInputPriority,
        boolean exhausted,
        Optional<String> slate,
        List<InputState> inputs,
        List<Switch> switches,
        TranscoderState transcoder,
        PublisherState publisher,
        MediaState media,
        long viewers) {

    /** A stream about which nothing is known yet. */
    public static final StreamRuntime UNKNOWN =
            new StreamRuntime(
                    0,
                    Optional.empty(),
                    false,
                    Optional.empty(),
                    List.of(),
                    List.of(),
                    new TranscoderState(List.of()),
                    new PublisherState(List.of()),
                    new MediaState(0, 0),
                    0);

    /**
     * One input.
     *
     * @param status idle, connecting, active, standby, degraded or failed
     * @param errors the last five
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record InputState(
            int inputPriority,
            Optional<Instant> lastPacketAt,
            long bitrateKbps,
            long packetLoss,
            String status,
            List<TrackState> tracks,
            List<Failure> errors) {}

    /** One elementary stream; width and height are 0 for audio. */
    public record TrackState(String kind, String codec, int width, int height, long bitrateKbps) {}

    /** Something that went wrong. */
    public record Failure(String message, Instant at) {}

    /** A change of the active input; the last twenty are kept. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Switch(Instant at, int from, int to, String reason, Optional<String> detail) {}

    /** Encoders, one per rendition. */
    public record TranscoderState(List<ProfileState> profiles) {}

    /**
     * One encoder; what is of the process is the same for all rungs that it makes.
     *
     * @param status waiting (for the source), queued (for a worker), active, restarting, failed,
     *     left_out (the source is too small) or idle (on demand, and nobody takes it)
     * @param reason why it is left out, empty else
     * @param device number of the graphics card that it runs on, absent without one
     * @param pid 0 while no process runs
     * @param speed encoded time against the clock
     * @param frames pictures that came into the rendition since it is there
     * @param bitrateKbps of the rendition as it comes out, container included
     * @param latencyMs media time that the rendition is behind the source
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record ProfileState(
            int index,
            String track,
            String status,
            String reason,
            String encoder,
            Optional<Integer> device,
            long pid,
            int restartCount,
            double fps,
            double speed,
            long frames,
            long bitrateKbps,
            long latencyMs,
            long lostUnits,
            double cpuSec,
            long memoryBytes,
            List<Failure> errors) {}

    /** Platforms that the stream is sent to. */
    public record PublisherState(List<PushState> pushes) {}

    /** One platform; the URL is masked. */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record PushState(
            String url,
            String status,
            int attempt,
            Optional<Instant> connectedAt,
            List<Failure> errors) {}

    /** Totals. */
    public record MediaState(long inputBitrateKbps, long outputBitrateKbps) {}
}
