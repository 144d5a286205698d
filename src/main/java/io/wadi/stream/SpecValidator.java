package io.wadi.stream;

import io.wadi.stream.StreamSpec.Input;
import io.wadi.stream.StreamSpec.Net;
import io.wadi.stream.StreamSpec.PushDestination;
import io.wadi.stream.StreamSpec.Watermark;
import io.wadi.stream.TranscoderSpec.Profile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules between the values of a document, with the API's error codes. */
final class SpecValidator {
    static final String INVALID_INPUT_PRIORITY = "INVALID_INPUT_PRIORITY";
    static final String DUPLICATE_INPUT = "DUPLICATE_INPUT";
    static final String INVALID_TRANSCODER_MODE = "INVALID_TRANSCODER_MODE";

    /** What the name of a picture's file is made of. */
    private static final Pattern ASSET_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /** Sources that a person can still reason about; each costs a route. */
    static final int MAX_INPUTS = 64;

    /** Rungs of a ladder; each costs an encoder. */
    static final int MAX_PROFILES = 16;

    /** Platforms per stream; each costs a connection. */
    static final int MAX_PUSH = 64;

    private static final int MAX_NAME = 256;
    private static final int MAX_TAGS = 64;
    private static final int MAX_URL = 4096;

    /** Longer paths are refused by most file systems. */
    private static final int MAX_PATH = 1024;

    /** 16K pictures; beyond that no encoder goes. */
    private static final int MAX_SIZE = 16384;

    /** 10 Gbit/s in kbit/s. */
    private static final int MAX_KBPS = 10_000_000;

    private static final int MAX_FPS = 1000;

    /** Ten years, for retention. */
    private static final int MAX_RETENTION_SEC = 315_360_000;

    private static final int DAY_SEC = 86_400;

    private static final Set<String> MODES =
            Set.of("", "passthrough", "remux", "transcode", "multi", "per_profile");
    private static final Set<String> INTERLACE = Set.of("", "auto", "tff", "bff", "progressive");
    private static final Set<String> RESIZE = Set.of("", "pad", "crop", "stretch", "fit");
    private static final Set<String> AUDIO = Set.of("", "aac", "mp3", "opus", "ac3", "copy");
    private static final Set<String> HARDWARE =
            Set.of("", "none", "nvenc", "vaapi", "videotoolbox", "qsv");

    /** Encoder, preset and profile names as FFmpeg has them; they become arguments. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:/-]{0,63}|");

    private final List<SpecProblem> problems = new ArrayList<>();
    private final StreamSpec spec;

    private SpecValidator(StreamSpec spec) {
        this.spec = spec;
    }

    static List<SpecProblem> check(StreamSpec spec) {
        SpecValidator validator = new SpecValidator(spec);
        StreamCode.problemOf(spec.code()).ifPresent(validator.problems::add);
        validator.texts();
        validator.inputs();
        spec.transcoder().ifPresent(validator::transcoder);
        validator.push();
        validator.recording();
        spec.watermark().ifPresent(validator::watermark);
        validator.packaging();
        validator.failover();
        spec.slate().ifPresent(validator::slate);
        return validator.problems;
    }

    private void texts() {
        length("name", spec.name(), MAX_NAME);
        length("stream_key", spec.streamKey(), MAX_NAME);
        uriText("stream_key", spec.streamKey());
        atMost("tags", spec.tags().size(), MAX_TAGS);
        for (int i = 0; i < spec.tags().size(); i++) {
            length("tags[" + i + "]", spec.tags().get(i), MAX_NAME);
        }
        length("playback_policy", spec.playbackPolicy(), MAX_NAME);
        length("template", spec.template(), MAX_NAME);
    }

    private void inputs() {
        atMost("inputs", spec.inputs().size(), MAX_INPUTS);
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < spec.inputs().size(); i++) {
            Input input = spec.inputs().get(i);
            String path = "inputs[" + i + "]";
            if (input.priority() != i) {
                add(
                        INVALID_INPUT_PRIORITY,
                        path + ".priority",
                        Integer.toString(input.priority()),
                        i + ", its place in the list");
            }
            Integer twin = seen.putIfAbsent(input.url(), i);
            if (twin != null) {
                add(
                        DUPLICATE_INPUT,
                        path + ".url",
                        "the URL of inputs[" + twin + "]",
                        "a different URL for each input");
            }
            input(input, path);
        }
    }

    private void input(Input input, String path) {
        length(path + ".url", input.url(), MAX_URL);
        uriText(path + ".url", input.url());
        try {
            InputUri.parse(spec, input);
        } catch (InputUri.NotAnInputException e) {
            add(SpecProblem.INVALID_BODY, path + ".url", e.got(), e.expected());
        }
        input.headers()
                .forEach(
                        (name, value) -> {
                            header(path + ".headers", name, value);
                            uriText(path + ".headers." + name, value);
                        });
        input.params()
                .forEach(
                        (name, value) -> {
                            if (!WORD.matcher(name).matches() || name.isEmpty()) {
                                body(path + ".params", Secrets.shorten(name), "a plain name");
                            }
                            uriText(path + ".params", value);
                        });
        input.auth()
                .ifPresent(
                        auth -> {
                            uriText(path + ".auth.username", auth.username());
                            uriText(path + ".auth.password", auth.password());
                        });
        net(input.net(), path + ".net");
    }

    private void header(String path, String name, String value) {
        if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")) {
            body(path, Secrets.shorten(name), "a header name (RFC 9110 §5.1)");
        }
        if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            body(path + "." + name, "control characters", "one line of text");
        }
    }

    private void net(Net net, String path) {
        net.connectTimeoutSec().ifPresent(v -> range(path + ".connect_timeout_sec", v, 0, DAY_SEC));
        net.readTimeoutSec().ifPresent(v -> range(path + ".read_timeout_sec", v, 0, DAY_SEC));
        net.reconnectDelaySec().ifPresent(v -> range(path + ".reconnect_delay_sec", v, 0, DAY_SEC));
        net.reconnectMaxDelaySec()
                .ifPresent(v -> range(path + ".reconnect_max_delay_sec", v, 0, DAY_SEC));
        net.maxReconnects()
                .ifPresent(v -> range(path + ".max_reconnects", v, 0, Integer.MAX_VALUE));
        net.timeoutSec().ifPresent(v -> range(path + ".timeout_sec", v, 0, DAY_SEC));
    }

    private void transcoder(TranscoderSpec transcoder) {
        if (!MODES.contains(transcoder.mode())) {
            add(
                    INVALID_TRANSCODER_MODE,
                    "transcoder.mode",
                    Secrets.shorten(transcoder.mode()),
                    oneOf(MODES));
        }
        oneOf("transcoder.video.interlace", transcoder.video().interlace(), INTERLACE);
        oneOf("transcoder.audio.codec", transcoder.audio().codec(), AUDIO);
        oneOf("transcoder.global.hw", transcoder.global().hw(), HARDWARE);
        word("transcoder.decoder.name", transcoder.decoder().name());
        word("transcoder.audio.language", transcoder.audio().language());
        range("transcoder.audio.bitrate", transcoder.audio().bitrate(), 0, MAX_KBPS);
        range("transcoder.audio.sample_rate", transcoder.audio().sampleRate(), 0, 768_000);
        range("transcoder.audio.channels", transcoder.audio().channels(), 0, 64);
        range("transcoder.global.fps", transcoder.global().fps(), 0, MAX_FPS);
        range("transcoder.global.gop", transcoder.global().gop(), 0, 100_000);
        transcoder
                .global()
                .deviceid()
                .ifPresent(device -> range("transcoder.global.deviceid", device, 0, 255));
        range(
                "transcoder.video.on_demand_idle_sec",
                transcoder.video().onDemandIdleSec(),
                0,
                DAY_SEC);
        List<Profile> profiles = transcoder.video().profiles();
        atMost("transcoder.video.profiles", profiles.size(), MAX_PROFILES);
        for (int i = 0; i < profiles.size(); i++) {
            String path = "transcoder.video.profiles[" + i + "]";
            profile(profiles.get(i), path);
            if (profiles.get(i).onDemand() && !Ladders.mayRest(transcoder, i)) {
                body(
                        path + ".on_demand",
                        "a rung that cannot rest alone, since one process makes all",
                        "mode per_profile, or transcoder.video.on_demand for all of them");
            }
        }
    }

    private void profile(Profile profile, String path) {
        range(path + ".width", profile.width(), 0, MAX_SIZE);
        range(path + ".height", profile.height(), 0, MAX_SIZE);
        range(path + ".bitrate", profile.bitrate(), 0, MAX_KBPS);
        range(path + ".max_bitrate", profile.maxBitrate(), 0, MAX_KBPS);
        range(path + ".framerate", profile.framerate(), 0, MAX_FPS);
        range(path + ".keyframe_interval", profile.keyframeInterval(), 0, 600);
        profile.bframes().ifPresent(v -> range(path + ".bframes", v, 0, 16));
        profile.refs().ifPresent(v -> range(path + ".refs", v, 0, 16));
        word(path + ".codec", profile.codec());
        word(path + ".preset", profile.preset());
        word(path + ".profile", profile.profile());
        word(path + ".level", profile.level());
        word(path + ".sar", profile.sar());
        oneOf(path + ".resize_mode", profile.resizeMode(), RESIZE);
    }

    private void push() {
        atMost("push", spec.push().size(), MAX_PUSH);
        for (int i = 0; i < spec.push().size(); i++) {
            PushDestination push = spec.push().get(i);
            String path = "push[" + i + "]";
            length(path + ".url", push.url(), MAX_URL);
            uriText(path + ".url", push.url());
            if (!push.url().matches("(?i)(rtmps?|srt|rtsp|udp|https?)://.+")) {
                body(
                        path + ".url",
                        Secrets.shorten(Secrets.maskUrl(push.url())),
                        "an rtmp, rtmps, srt, rtsp, udp, http or https URL");
            }
            range(path + ".timeout_sec", push.timeoutSec(), 0, DAY_SEC);
            range(path + ".retry_timeout_sec", push.retryTimeoutSec(), 0, DAY_SEC);
            range(path + ".limit", push.limit(), 0, Integer.MAX_VALUE);
        }
    }

    private void recording() {
        spec.dvr()
                .ifPresent(
                        dvr -> {
                            range("dvr.retention_sec", dvr.retentionSec(), 0, MAX_RETENTION_SEC);
                            range("dvr.segment_duration", dvr.segmentDuration(), 0, 3600);
                            range("dvr.max_size_gb", dvr.maxSizeGb(), 0, 1e9);
                            oneOf("dvr.source", dvr.source(), Set.of("", "best", "raw"));
                        });
        spec.thumbnail()
                .ifPresent(
                        thumbnail -> {
                            range("thumbnail.interval_sec", thumbnail.intervalSec(), 0, DAY_SEC);
                            range("thumbnail.width", thumbnail.width(), 0, MAX_SIZE);
                            range("thumbnail.height", thumbnail.height(), 0, MAX_SIZE);
                            range("thumbnail.quality", thumbnail.quality(), 0, 31);
                        });
    }

    private void watermark(Watermark mark) {
        int before = problems.size();
        oneOfOrNone("watermark.type", mark.type(), Watermark.TYPES);
        oneOfOrNone("watermark.position", mark.position(), Watermark.POSITIONS);
        range("watermark.font_size", mark.fontSize(), 0, 1000);
        mark.opacity().ifPresent(v -> range("watermark.opacity", v, 0, 1));
        mark.offsetX().ifPresent(v -> range("watermark.offset_x", v, -MAX_SIZE, MAX_SIZE));
        mark.offsetY().ifPresent(v -> range("watermark.offset_y", v, -MAX_SIZE, MAX_SIZE));
        mark.resizeRatio().ifPresent(v -> range("watermark.resize_ratio", v, 0, 1));
        if (!mark.assetId().isEmpty() && !ASSET_ID.matcher(mark.assetId()).matches()) {
            body(
                    "watermark.asset_id",
                    mark.assetId(),
                    "an id of GET /watermarks: letters, digits, _ and -");
        }
        boolean image = mark.type().equals("image");
        if (image && !mark.imagePath().isEmpty() && !mark.assetId().isEmpty()) {
            body("watermark.asset_id", mark.assetId(), "either an asset_id or an image_path");
        }
        if (mark.enabled() && image && mark.imagePath().isEmpty() && mark.assetId().isEmpty()) {
            body("watermark.image_path", "nothing", "the picture of an enabled image watermark");
        }
        if (mark.enabled() && !image && mark.text().isEmpty()) {
            body("watermark.text", "nothing", "the text of an enabled text watermark");
        }
        for (int i = before; i < problems.size(); i++) {
            SpecProblem p = problems.get(i);
            problems.set(
                    i,
                    new SpecProblem(
                            SpecProblem.INVALID_WATERMARK, p.path(), p.got(), p.expected()));
        }
    }

    private void packaging() {
        spec.packaging()
                .segment()
                .ifPresent(
                        d ->
                                duration(
                                        "packaging.segment",
                                        d,
                                        Duration.ofMillis(200),
                                        Duration.ofMinutes(1)));
        spec.packaging().window().ifPresent(v -> range("packaging.window", v, 1, 10_000));
        spec.packaging().history().ifPresent(v -> range("packaging.history", v, 0, 10_000));
        spec.packaging()
                .sendLatency()
                .ifPresent(
                        d ->
                                duration(
                                        "packaging.send_latency",
                                        d,
                                        Duration.ZERO,
                                        Duration.ofMillis(500)));
        spec.inputPacketTimeout()
                .ifPresent(
                        d ->
                                duration(
                                        "input_packet_timeout",
                                        d,
                                        Duration.ofMillis(100),
                                        Duration.ofHours(1)));
    }

    private void failover() {
        Duration hour = Duration.ofHours(1);
        StreamSpec.FailoverRules rules = spec.failover();
        rules.failbackAfter()
                .ifPresent(d -> duration("failover.failback_after", d, MIN_PAUSE, hour));
        rules.switchCooldown()
                .ifPresent(d -> duration("failover.switch_cooldown", d, Duration.ZERO, hour));
        rules.maxContinuityErrors()
                .ifPresent(v -> range("failover.max_continuity_errors", v, 0, 1_000_000));
    }

    private void slate(StreamSpec.Slate slate) {
        String path = "slate.file";
        length(path, slate.file(), MAX_PATH);
        uriText(path, slate.file());
        boolean outside =
                slate.file().startsWith("/")
                        || Arrays.asList(slate.file().split("[/\\\\]", -1)).contains("..");
        if (slate.file().isEmpty() || outside) {
            body(
                    path,
                    slate.file().isEmpty() ? "nothing" : Secrets.shorten(slate.file()),
                    "the name of a file in the folder of slates, such as offline.png");
        }
        slate.after()
                .ifPresent(d -> duration("slate.after", d, Duration.ZERO, Duration.ofHours(1)));
    }

    /** Shorter than this, a source is not known to be back. */
    private static final Duration MIN_PAUSE = Duration.ofMillis(100);

    private void duration(String path, Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            body(
                    path,
                    Durations.format(value),
                    Durations.format(min) + " to " + Durations.format(max));
        }
    }

    /**
     * Text that becomes part of an endpoint URI must not be a placeholder: Camel would resolve it,
     * environment variables and other secrets included.
     */
    private void uriText(String path, String value) {
        if (value.contains("{{") || value.contains("}}") || value.contains("${")) {
            body(path, "a placeholder", "text without {{, }} and ${");
        } else if (value.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            body(path, "control characters", "one line of text");
        } else if (value.contains(")&") && value.contains("}&")) {
            body(path, "both )& and }&", "percent-encoded brackets");
        }
    }

    private void oneOfOrNone(String path, String value, List<String> allowed) {
        if (!value.isEmpty()) {
            oneOf(path, value, Set.copyOf(allowed));
        }
    }

    private void oneOf(String path, String value, Set<String> allowed) {
        if (!allowed.contains(value)) {
            body(path, Secrets.shorten(value), oneOf(allowed));
        }
    }

    private static String oneOf(Set<String> allowed) {
        return "one of "
                + String.join(", ", allowed.stream().filter(v -> !v.isEmpty()).sorted().toList());
    }

    private void word(String path, String value) {
        if (!WORD.matcher(value).matches()) {
            body(path, Secrets.shorten(value), "a name of letters, digits and _.:/-");
        }
    }

    private void length(String path, String value, int max) {
        if (value.length() > max) {
            body(path, value.length() + " characters", "at most " + max);
        }
    }

    private void atMost(String path, int size, int max) {
        if (size > max) {
            body(path, size + " entries", "at most " + max);
        }
    }

    private void range(String path, double value, double min, double max) {
        if (value < min || value > max) {
            body(path, number(value), number(min) + " to " + number(max));
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private void body(String path, String got, String expected) {
        add(SpecProblem.INVALID_BODY, path, got, expected);
    }

    private void add(String code, String path, String got, String expected) {
        problems.add(new SpecProblem(code, path, got, expected));
    }
}
