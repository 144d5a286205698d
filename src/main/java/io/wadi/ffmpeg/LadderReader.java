package io.wadi.ffmpeg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a ladder from the JSON of a stream's document: {@code transcoder} with {@code watermark}
 * and {@code thumbnail} beside its own keys, and {@code first_track} where it is a part of a
 * ladder. Every value is held against a range or a list.
 */
final class LadderReader {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static final int MAX_RUNGS = 16;
    private static final int MAX_SIDE = 16_384;
    private static final int MAX_KBPS = 10_000_000;
    private static final int DEFAULT_KBPS = 2500;
    private static final int DEFAULT_AUDIO_KBPS = 128;
    private static final int DEFAULT_FONT = 24;
    private static final int DEFAULT_OFFSET = 10;

    /** Readable on the smallest rung, out of the way on the largest. */
    private static final double DEFAULT_MARK_RATIO = 0.08;

    private static final int DEFAULT_QUALITY = 5;
    private static final int DEFAULT_THUMBNAIL_SECONDS = 10;

    /** A player that pauses or changes rungs for a moment comes back within this. */
    private static final int DEFAULT_IDLE_SECONDS = 30;

    /** What fits on a picture. */
    private static final int MAX_TEXT = 500;

    private static final int DAY_SECONDS = 86_400;

    private LadderReader() {}

    /**
     * Reads a document.
     *
     * @throws IllegalArgumentException naming the key, what it says and what would be right
     */
    static Ladder read(String json) {
        JsonNode document;
        try {
            document = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "a ladder that is not JSON: " + e.getOriginalMessage(), e);
        }
        if (document == null || !document.isObject()) {
            throw new IllegalArgumentException("a ladder that is no JSON object");
        }
        return read(document);
    }

    static Ladder read(JsonNode document) {
        JsonNode global = document.path("global");
        String hardware = text(global, "hw", text(global, "hw_accel", ""));
        return new Ladder(
                rungs(document),
                document.path("video").path("upscale").asBoolean(),
                Duration.ofSeconds(
                        orDefault(
                                whole(
                                        document.path("video"),
                                        "video.on_demand_idle_sec",
                                        0,
                                        0,
                                        DAY_SECONDS),
                                DEFAULT_IDLE_SECONDS)),
                audio(document.path("audio")),
                interlace(text(document.path("video"), "interlace", "")),
                HardwareFamily.of(hardware)
                        .orElseThrow(
                                () ->
                                        wrong(
                                                "global.hw",
                                                hardware,
                                                "none, nvenc, vaapi, qsv or videotoolbox")),
                whole(global, "global.gop", 0, 0, 100_000),
                device(global),
                word("decoder.name", text(document.path("decoder"), "name", "")),
                ExtraArguments.check(texts(document.path("extra_args"))),
                watermark(document.path("watermark")),
                thumbnail(document.path("thumbnail")));
    }

    private static List<Rung> rungs(JsonNode document) {
        JsonNode video = document.path("video");
        JsonNode global = document.path("global");
        if (document.path("stills_only").asBoolean()) {
            return List.of();
        }
        int first = whole(document, "first_track", 1, 1, MAX_RUNGS);
        List<Rung> rungs = new ArrayList<>();
        JsonNode profiles = video.path("profiles");
        if (video.path("copy").asBoolean() || profiles.isEmpty()) {
            JsonNode none = MAPPER.createObjectNode();
            boolean copy = video.path("copy").asBoolean();
            rungs.add(rung(none, video, global, "video", first, copy));
            return rungs;
        }
        if (profiles.size() > MAX_RUNGS) {
            throw wrong("video.profiles", profiles.size() + " entries", "at most " + MAX_RUNGS);
        }
        for (int i = 0; i < profiles.size(); i++) {
            String path = "video.profiles[" + i + "]";
            boolean copy = text(profiles.get(i), "codec", "").equals("copy");
            rungs.add(rung(profiles.get(i), video, global, path, first + i, copy));
        }
        return rungs;
    }

    private static Rung rung(
            JsonNode p, JsonNode video, JsonNode global, String path, int track, boolean copy) {
        String codec = copy ? "" : text(p, "codec", "");
        String asked = codec.isEmpty() ? "h264" : word(path + ".codec", codec);
        boolean named = asked.contains("_") || asked.startsWith("lib");
        VideoCodec is =
                VideoCodec.of(asked)
                        .orElseThrow(
                                () ->
                                        wrong(
                                                path + ".codec",
                                                asked,
                                                "h264, h265, av1, vp9, copy, or an encoder of one"
                                                        + " of these"));
        String preset = text(p, "preset", "").toLowerCase(Locale.ROOT);
        if (!Presets.isKnown(preset)) {
            throw wrong(path + ".preset", preset, "one of " + Presets.known());
        }
        double fps = decimal(p, path + ".framerate", 0, 1000);
        int kbps = whole(p, path + ".bitrate", 0, 0, MAX_KBPS);
        return new Rung(
                track,
                copy,
                even(path + ".width", whole(p, path + ".width", 0, 0, MAX_SIDE)),
                even(path + ".height", whole(p, path + ".height", 0, 0, MAX_SIDE)),
                (kbps == 0 ? DEFAULT_KBPS : kbps) * 1000L,
                whole(p, path + ".max_bitrate", 0, 0, MAX_KBPS) * 1000L,
                fps > 0 ? fps : decimal(global, "global.fps", 0, 1000),
                decimal(p, path + ".keyframe_interval", 0, 600),
                is,
                named ? asked : "",
                preset,
                profile(path + ".profile", text(p, "profile", ""), is),
                level(path + ".level", text(p, "level", "")),
                optional(p, path + ".bframes"),
                optional(p, path + ".refs"),
                sar(path + ".sar", text(p, "sar", "")),
                resize(path + ".resize_mode", text(p, "resize_mode", "")),
                p.path("on_demand").asBoolean() || video.path("on_demand").asBoolean());
    }

    private static OptionalInt device(JsonNode global) {
        int device = whole(global, "global.deviceid", -1, 0, 255);
        return device < 0 ? OptionalInt.empty() : OptionalInt.of(device);
    }

    /**
     * Of AV1 and VP9 what has 4:2:0 pixels of 8 or 10 bits: that is what is made, whatever the
     * profile is called.
     */
    private static String profile(String path, String profile, VideoCodec codec) {
        String known =
                switch (codec) {
                    case H264, H265 -> "";
                    case AV1 -> "main or main10";
                    case VP9 -> "profile0 or profile2";
                };
        boolean fits = profile.isEmpty() || List.of(known.split(" or ", -1)).contains(profile);
        if (!known.isEmpty() && !fits) {
            throw wrong(path, profile, known);
        }
        return word(path, profile);
    }

    private static OptionalInt optional(JsonNode node, String path) {
        return node.path(last(path)).isNumber()
                ? OptionalInt.of(whole(node, path, 0, 0, 16))
                : OptionalInt.empty();
    }

    /** Chroma is sampled at half the width and height. */
    private static int even(String path, int side) {
        if (side % 2 != 0) {
            throw wrong(path, "" + side, "an even number");
        }
        return side;
    }

    private static String level(String path, String level) {
        if (!level.matches("|[1-9](\\.[0-9])?")) {
            throw wrong(path, level, "a level like 4.1");
        }
        return level;
    }

    private static String sar(String path, String sar) {
        String colons = sar.replace('/', ':');
        if (!colons.matches("|[1-9]\\d{0,4}:[1-9]\\d{0,4}")) {
            throw wrong(path, sar, "a ratio like 16:15");
        }
        return colons.equals("1:1") ? "" : colons;
    }

    private static Resize resize(String path, String mode) {
        return switch (mode) {
            case "", "pad" -> Resize.PAD;
            case "crop" -> Resize.CROP;
            case "stretch" -> Resize.STRETCH;
            case "fit" -> Resize.FIT;
            default -> throw wrong(path, mode, "pad, crop, stretch or fit");
        };
    }

    private static Interlace interlace(String mode) {
        return switch (mode) {
            case "", "auto" -> Interlace.AUTO;
            case "tff" -> Interlace.TFF;
            case "bff" -> Interlace.BFF;
            case "progressive" -> Interlace.PROGRESSIVE;
            default -> throw wrong("video.interlace", mode, "auto, tff, bff or progressive");
        };
    }

    private static AudioPlan audio(JsonNode audio) {
        String codec = text(audio, "codec", "");
        boolean copy = audio.path("copy").asBoolean() || codec.equals("copy");
        int kbps = whole(audio, "audio.bitrate", 0, 0, MAX_KBPS);
        return new AudioPlan(
                copy,
                switch (codec) {
                    case "", "aac", "copy" -> AudioPlan.AudioCodec.AAC;
                    case "mp3" -> AudioPlan.AudioCodec.MP3;
                    case "opus" -> AudioPlan.AudioCodec.OPUS;
                    case "ac3" -> AudioPlan.AudioCodec.AC3;
                    default -> throw wrong("audio.codec", codec, "aac, mp3, opus, ac3 or copy");
                },
                (kbps == 0 ? DEFAULT_AUDIO_KBPS : kbps) * 1000L,
                whole(audio, "audio.sample_rate", 0, 0, 192_000),
                whole(audio, "audio.channels", 0, 0, 8),
                word("audio.language", text(audio, "language", "")),
                audio.path("normalize").asBoolean());
    }

    private static Optional<Watermark> watermark(JsonNode mark) {
        if (!mark.path("enabled").asBoolean()) {
            return Optional.empty();
        }
        boolean image = text(mark, "type", "").equals("image");
        String path = image ? text(mark, "image_path", "") : "";
        String asset = image ? text(mark, "asset_id", "") : "";
        if (image && path.isEmpty() && asset.isEmpty()) {
            throw wrong("watermark.image_path", "nothing", "the path of a picture, or an asset_id");
        }
        if (!path.isEmpty() && !asset.isEmpty()) {
            throw wrong("watermark.asset_id", asset, "either an asset_id or an image_path");
        }
        if (!asset.isEmpty() && !Watermarks.isId(asset)) {
            throw wrong("watermark.asset_id", asset, "the id of a picture of GET /watermarks");
        }
        double ratio = decimal(mark, "watermark.resize_ratio", 0, 1);
        Watermark.Position position = position(text(mark, "position", ""));
        String x = text(mark, "x", "0");
        String y = text(mark, "y", "0");
        if (position == Watermark.Position.CUSTOM) {
            expression("watermark.x", x);
            expression("watermark.y", y);
        }
        String color = text(mark, "font_color", "");
        if (!color.matches("|[A-Za-z]{1,32}|(#|0x)[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")) {
            throw wrong("watermark.font_color", color, "a color's name or #RRGGBB");
        }
        return Optional.of(
                new Watermark(
                        line("watermark.text", text(mark, "text", "")),
                        line("watermark.font_file", text(mark, "font_file", "")),
                        orDefault(whole(mark, "watermark.font_size", 0, 0, 1000), DEFAULT_FONT),
                        color.isEmpty() ? "white" : color,
                        line("watermark.image_path", path),
                        asset,
                        "",
                        mark.path("opacity").isNumber()
                                ? decimal(mark, "watermark.opacity", 0, 1)
                                : 1,
                        position,
                        whole(mark, "watermark.offset_x", DEFAULT_OFFSET, -MAX_SIDE, MAX_SIDE),
                        whole(mark, "watermark.offset_y", DEFAULT_OFFSET, -MAX_SIDE, MAX_SIDE),
                        x,
                        y,
                        !mark.path("resize").asBoolean()
                                ? 0
                                : ratio == 0 ? DEFAULT_MARK_RATIO : ratio));
    }

    private static Watermark.Position position(String position) {
        if (position.isEmpty()) {
            return Watermark.Position.BOTTOM_RIGHT;
        }
        List<String> names = new ArrayList<>();
        for (Watermark.Position known : Watermark.Position.values()) {
            String name = known.name().toLowerCase(Locale.ROOT);
            if (name.equals(position)) {
                return known;
            }
            names.add(name);
        }
        throw wrong("watermark.position", position, "one of " + String.join(", ", names));
    }

    private static void expression(String path, String text) {
        if (!WatermarkFilters.isExpression(text)) {
            throw wrong(path, text, "an expression of W, H, w, h, t and numbers, like W-w-10");
        }
    }

    private static Optional<Ladder.Thumbnail> thumbnail(JsonNode still) {
        if (!still.path("enabled").asBoolean()) {
            return Optional.empty();
        }
        return Optional.of(
                new Ladder.Thumbnail(
                        orDefault(
                                whole(still, "thumbnail.interval_sec", 0, 0, DAY_SECONDS),
                                DEFAULT_THUMBNAIL_SECONDS),
                        even("thumbnail.width", whole(still, "thumbnail.width", 0, 0, MAX_SIDE)),
                        even("thumbnail.height", whole(still, "thumbnail.height", 0, 0, MAX_SIDE)),
                        orDefault(whole(still, "thumbnail.quality", 0, 0, 31), DEFAULT_QUALITY),
                        line("thumbnail.output_dir", text(still, "output_dir", ""))));
    }

    private static int orDefault(int value, int fallback) {
        return value == 0 ? fallback : value;
    }

    private static String text(JsonNode node, String key, String absent) {
        JsonNode value = node.path(key);
        return value.isTextual() ? value.textValue() : absent;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static int whole(JsonNode node, String path, int absent, int from, int to) {
        JsonNode value = node.path(last(path));
        if (value.isMissingNode() || value.isNull()) {
            return absent;
        }
        if (!value.canConvertToInt() || value.intValue() < from || value.intValue() > to) {
            throw wrong(path, value.asText(), from + " to " + to);
        }
        return value.intValue();
    }

    private static double decimal(JsonNode node, String path, double from, double to) {
        double value = node.path(last(path)).asDouble(0);
        if (!(value >= from && value <= to)) {
            throw wrong(path, "" + value, from + " to " + to);
        }
        return value;
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String word(String path, String value) {
        if (!value.matches("|[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")) {
            throw wrong(path, value, "a name of letters, digits and _.-");
        }
        return value;
    }

    private static String line(String path, String value) {
        if (value.length() > MAX_TEXT) {
            throw wrong(path, value.length() + " characters", "at most " + MAX_TEXT);
        }
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\n') || c == 0x7f)) {
            throw wrong(path, "control characters", "text");
        }
        return value;
    }

    private static IllegalArgumentException wrong(String path, String got, String expected) {
        String shown = got.length() > 60 ? got.substring(0, 60) + "..." : got;
        return new IllegalArgumentException(path + " is \"" + shown + "\", expected " + expected);
    }
}
