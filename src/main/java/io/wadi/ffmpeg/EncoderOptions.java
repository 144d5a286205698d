package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;

/** The options that each encoder spells its own way. */
final class EncoderOptions {
    private EncoderOptions() {}

    /** No key frames but the forced ones, and those as IDR pictures. */
    static List<String> keyFramesOnGridOnly(Encoder encoder) {
        return switch (encoder.name()) {
            case "libx264" -> List.of("-sc_threshold", "0", "-forced-idr", "1");
            case "libx265" -> List.of("-forced-idr", "1");
            case "libopenh264", "libsvtav1", "libaom-av1", "libvpx-vp9" -> List.of();
            default ->
                    switch (encoder.family()) {
                        case NVENC -> List.of("-no-scenecut", "1", "-forced-idr", "1");
                        case QSV -> List.of("-forced_idr", "1");
                        case VAAPI, VIDEOTOOLBOX, SOFTWARE -> List.of();
                    };
        };
    }

    /** Profile, level, B pictures and reference pictures of a rung. */
    static List<String> of(Rung rung, Encoder encoder) {
        List<String> options = new ArrayList<>();
        if (!rung.profile().isEmpty()) {
            options.addAll(List.of("-profile:v", profile(rung.profile(), encoder)));
        }
        if (encoder.name().equals("libx265")) {
            options.addAll(List.of("-x265-params", x265(rung)));
        } else if (!rung.level().isEmpty()) {
            options.addAll(List.of("-level:v", level(rung.level(), encoder)));
        }
        rung.bframes().ifPresent(count -> options.addAll(List.of("-bf", "" + count)));
        rung.refs().ifPresent(count -> options.addAll(List.of("-refs", "" + count)));
        return options;
    }

    /** VA-API has no plain baseline, and nobody else minds the difference. */
    private static String profile(String profile, Encoder encoder) {
        boolean constrained =
                encoder.family() == HardwareFamily.VAAPI && profile.equals("baseline");
        return constrained ? "constrained_baseline" : profile;
    }

    /** 4.1 for most, 41 for Quick Sync, which counts in tenths. */
    private static String level(String level, Encoder encoder) {
        return encoder.family() == HardwareFamily.QSV ? level.replace(".", "") : level;
    }

    /** x265 takes the scene cut, open GOPs and the level in its own list. */
    private static String x265(Rung rung) {
        String level = rung.level().isEmpty() ? "" : ":level-idc=" + rung.level();
        return "scenecut=0:open-gop=0:log-level=warning" + level;
    }
}
