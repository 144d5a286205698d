package io.wadi.stream;

import com.fasterxml.jackson.annotation.JsonProperty;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A stream document as its owner wrote it: every key of the API and of a stream file, in the order
 * in which they are written. Absent keys have their defaults here, so that two documents that mean
 * the same are equal. Durations in seconds carry {@code Sec} in their name, as the API spells them.
 *
 * @param streamKey what a publisher must present; empty means anybody may publish
 * @param status what the owner asked for: absent or active should run
 * @param packaging overrides of the server's HLS and DASH settings
 * @param onPublish what happens to a second publisher while one is live
 * @param inputPacketTimeout silence after which an input counts as dead; absent means the server's
 * @param failover when inputs change
 * @param slate what is on air while no input is fit
 */
public record StreamSpec(
        String code,
        String name,
        String description,
        List<String> tags,
        String streamKey,
        Optional<Status> status,
        boolean disabled,
        List<Input> inputs,
        Optional<TranscoderSpec> transcoder,
        Protocols protocols,
        List<PushDestination> push,
        Optional<Dvr> dvr,
        Optional<Watermark> watermark,
        Optional<Thumbnail> thumbnail,
        String playbackPolicy,
        String template,
        Packaging packaging,
        OnPublish onPublish,
        Optional<Duration> inputPacketTimeout,
        FailoverRules failover,
        Optional<Slate> slate,
        Optional<Instant> createdAt,
        Optional<Instant> updatedAt) {

    public StreamSpec {
        code = orEmpty(code);
        name = orEmpty(name);
        description = orEmpty(description);
        tags = list(tags);
        streamKey = orEmpty(streamKey);
        status = present(status);
        inputs = list(inputs);
        transcoder = present(transcoder);
        protocols = protocols == null ? Protocols.NONE : protocols;
        push = list(push);
        dvr = present(dvr);
        watermark = present(watermark);
        thumbnail = present(thumbnail);
        playbackPolicy = orEmpty(playbackPolicy);
        template = orEmpty(template);
        packaging = packaging == null ? Packaging.INHERITED : packaging;
        onPublish = onPublish == null ? OnPublish.REJECT : onPublish;
        inputPacketTimeout = present(inputPacketTimeout);
        failover = failover == null ? FailoverRules.DEFAULT : failover;
        slate = present(slate);
        createdAt = present(createdAt);
        updatedAt = present(updatedAt);
    }

    /** Whether the stream's routes should run. */
    public boolean shouldRun() {
        return !disabled && status.orElse(Status.ACTIVE).shouldRun();
    }

    /** The same document with another wanted status. */
    public StreamSpec withStatus(Status wanted) {
        return with(Optional.of(wanted), createdAt, updatedAt);
    }

    /** The same document with other times. */
    public StreamSpec withTimes(Instant created, Instant updated) {
        return with(status, Optional.of(created), Optional.of(updated));
    }

    private StreamSpec with(
            Optional<Status> status, Optional<Instant> created, Optional<Instant> updated) {
        return new StreamSpec(
                code,
                name,
                description,
                tags,
                streamKey,
                status,
                disabled,
                inputs,
                transcoder,
                protocols,
                push,
                dvr,
                watermark,
                thumbnail,
                playbackPolicy,
                template,
                packaging,
                onPublish,
                inputPacketTimeout,
                failover,
                slate,
                created,
                updated);
    }

    /** Names the stream and its routes only: a document holds keys and passwords. */
    @Override
    public String toString() {
        return "StreamSpec[" + code + ", " + inputs.size() + " inputs]";
    }

    /** What the owner asked for, and what the API reports. */
    public enum Status {
        @JsonProperty("idle")
        IDLE,
        @JsonProperty("active")
        ACTIVE,
        @JsonProperty("degraded")
        DEGRADED,
        @JsonProperty("stopped")
        STOPPED;

        boolean shouldRun() {
            return this == ACTIVE || this == DEGRADED;
        }
    }

    /** What happens to a second publisher while one is live. */
    public enum OnPublish {
        @JsonProperty("reject")
        REJECT,
        @JsonProperty("takeover")
        TAKEOVER
    }

    /** Whether an input that is not on air stays connected. */
    public enum Standby {
        @JsonProperty("cold")
        COLD,
        @JsonProperty("hot")
        HOT
    }

    /** Which input comes next. */
    public enum FailoverMode {
        @JsonProperty("priority")
        PRIORITY,
        @JsonProperty("round_robin")
        ROUND_ROBIN
    }

    /** When inputs change; absent values are the server's. */
    public record FailoverRules(
            FailoverMode mode,
            Optional<Boolean> failback,
            Optional<Duration> failbackAfter,
            Optional<Duration> switchCooldown,
            Optional<Integer> maxContinuityErrors) {
        static final FailoverRules DEFAULT =
                new FailoverRules(
                        FailoverMode.PRIORITY,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());

        public FailoverRules {
            mode = mode == null ? FailoverMode.PRIORITY : mode;
            failback = present(failback);
            failbackAfter = present(failbackAfter);
            switchCooldown = present(switchCooldown);
            maxContinuityErrors = present(maxContinuityErrors);
        }
    }

    /**
     * What is on air while no input is fit: a film or a picture, over and over.
     *
     * @param file under the server's folder of slates
     * @param after how long no input is fit before it goes on air
     */
    public record Slate(String file, Optional<Duration> after) {
        /** Its number among the inputs: behind all others. */
        public static final int PRIORITY = SpecValidator.MAX_INPUTS;

        /** A publisher that connects again at once does not bring it on air. */
        public static final Duration DEFAULT_AFTER = Duration.ofSeconds(2);

        public Slate {
            file = orEmpty(file);
            after = present(after);
        }
    }

    /** Container of HLS segments. */
    public enum Container {
        @JsonProperty("ts")
        TS,
        @JsonProperty("fmp4")
        FMP4
    }

    /** One source of the stream; priority 0 is preferred and equals its index. */
    public record Input(
            String url,
            int priority,
            Map<String, String> headers,
            Map<String, String> params,
            Optional<Auth> auth,
            Net net,
            Standby standby) {
        public Input {
            url = orEmpty(url).strip();
            headers = map(headers);
            params = map(params);
            auth = present(auth).filter(given -> !given.isEmpty());
            net = net == null ? Net.DEFAULT : net;
            standby = standby == null ? Standby.COLD : standby;
        }

        @Override
        public String toString() {
            return "Input[" + priority + ", " + Secrets.maskUrl(url) + "]";
        }
    }

    /** User name and password, or access key and secret key. */
    public record Auth(String username, String password) {
        boolean isEmpty() {
            return username.isEmpty() && password.isEmpty();
        }

        public Auth {
            username = orEmpty(username);
            password = orEmpty(password);
        }

        @Override
        public String toString() {
            return "Auth[***]";
        }
    }

    /** Connection behaviour of a pulled input; absent values are the component's defaults. */
    public record Net(
            Optional<Integer> connectTimeoutSec,
            Optional<Integer> readTimeoutSec,
            Optional<Boolean> reconnect,
            Optional<Integer> reconnectDelaySec,
            Optional<Integer> reconnectMaxDelaySec,
            Optional<Integer> maxReconnects,
            Optional<Integer> timeoutSec,
            boolean insecureTls) {
        static final Net DEFAULT =
                new Net(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        false);

        public Net {
            connectTimeoutSec = present(connectTimeoutSec);
            readTimeoutSec = present(readTimeoutSec);
            reconnect = present(reconnect);
            reconnectDelaySec = present(reconnectDelaySec);
            reconnectMaxDelaySec = present(reconnectMaxDelaySec);
            maxReconnects = present(maxReconnects);
            timeoutSec = present(timeoutSec);
        }
    }

    /** What viewers may use. */
    public record Protocols(
            boolean hls,
            boolean dash,
            boolean rtsp,
            boolean rtmp,
            boolean srt,
            boolean mpegts,
            boolean httpFlv) {
        static final Protocols NONE =
                new Protocols(false, false, false, false, false, false, false);
    }

    /** A platform that the stream is sent to. {@code status} is output only. */
    public record PushDestination(
            String url,
            boolean enabled,
            int timeoutSec,
            int retryTimeoutSec,
            int limit,
            String comment,
            String status) {
        /** Seconds where the document says 0 or nothing. */
        public static final int DEFAULT_TIMEOUT_SEC = 10;

        /** Seconds where the document says 0 or nothing. */
        public static final int DEFAULT_RETRY_TIMEOUT_SEC = 5;

        public PushDestination {
            url = orEmpty(url).strip();
            comment = orEmpty(comment);
            status = orEmpty(status);
        }

        @Override
        public String toString() {
            return "PushDestination[" + Secrets.maskUrl(url) + "]";
        }
    }

    /** Recording; {@code source} chooses between the best rendition and what came in. */
    public record Dvr(
            boolean enabled,
            int retentionSec,
            int segmentDuration,
            String storagePath,
            double maxSizeGb,
            String source) {
        /** Seconds where the document says 0 or nothing. */
        public static final int DEFAULT_SEGMENT_SEC = 4;

        public Dvr {
            storagePath = orEmpty(storagePath);
            source = orEmpty(source);
        }
    }

    /** A text or picture that is drawn over the video. */
    public record Watermark(
            boolean enabled,
            String type,
            String text,
            String fontFile,
            int fontSize,
            String fontColor,
            String imagePath,
            String assetId,
            Optional<Double> opacity,
            String position,
            Optional<Integer> offsetX,
            Optional<Integer> offsetY,
            String x,
            String y,
            Optional<Boolean> resize,
            Optional<Double> resizeRatio) {
        /** What {@code type} may be. */
        public static final List<String> TYPES = List.of("text", "image");

        /** What {@code position} may be. */
        public static final List<String> POSITIONS =
                List.of("top_left", "top_right", "bottom_left", "bottom_right", "center", "custom");

        public Watermark {
            type = orEmpty(type);
            text = orEmpty(text);
            fontFile = orEmpty(fontFile);
            fontColor = orEmpty(fontColor);
            imagePath = orEmpty(imagePath);
            assetId = orEmpty(assetId);
            opacity = present(opacity);
            position = orEmpty(position);
            offsetX = present(offsetX);
            offsetY = present(offsetY);
            x = orEmpty(x);
            y = orEmpty(y);
            resize = present(resize);
            resizeRatio = present(resizeRatio);
        }
    }

    /** Still pictures taken from the stream. */
    public record Thumbnail(
            boolean enabled,
            int intervalSec,
            int width,
            int height,
            int quality,
            String outputDir) {
        public Thumbnail {
            outputDir = orEmpty(outputDir);
        }
    }

    /**
     * How this stream is cut into segments and sent to viewers; absent values are the server's.
     *
     * @param sendLatency how long media for an endless connection is gathered before it is written
     */
    public record Packaging(
            Container container,
            Optional<Duration> segment,
            Optional<Integer> window,
            Optional<Integer> history,
            Optional<Duration> sendLatency) {
        static final Packaging INHERITED =
                new Packaging(
                        Container.TS,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());

        public Packaging {
            container = container == null ? Container.TS : container;
            segment = present(segment);
            window = present(window);
            history = present(history);
            sendLatency = present(sendLatency);
        }
    }

    static String orEmpty(String value) {
        return value == null ? "" : value;
    }

    static <T> List<T> list(List<T> value) {
        return value == null ? List.of() : List.copyOf(value);
    }

    private static Map<String, String> map(Map<String, String> value) {
        return value == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(value));
    }

    @SuppressWarnings("OptionalAssignedToNull")
    static <T> Optional<T> present(Optional<T> value) {
        return value == null ? Optional.empty() : value;
    }
}
