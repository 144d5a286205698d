package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The options that each encoder spells its own way. */
final class EncoderOptions {
    private EncoderOptions() {}

    /**
     * No key frames but the forced ones, and those as IDR pictures.
     *
     * @param gop more pictures than there are between two forced ones
     */
    static List<String> keyFramesOnGridOnly(Encoder encoder, String gop) {
        return switch (encoder.name()) {
            case "libx264" -> List.of("-sc_threshold", "0", "-forced-idr", "1");
            case "libx265" -> List.of("-forced-idr", "1");
            case "libopenh264" -> List.of();
            // Else those that it forces are no random access points: it leads into them.
            case "libsvtav1" -> List.of("-flags:v", "+cgop");
            // None where the scene changes.
            case "libaom-av1", "libvpx-vp9" -> List.of("-keyint_min", gop);
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
        if (rung.isSentAsMp4()) {
            // The profile follows from the pixels; see LadderReader.
            level(rung, encoder).ifPresent(level -> options.addAll(List.of("-level:v", level)));
            return options;
        }
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

    /**
     * The level of AV1 and VP9 as the encoder takes it; libaom sets its own. Their reference
     * pictures are fixed, and nothing is shown out of order where there is no delay.
     */
    private static Optional<String> level(Rung rung, Encoder encoder) {
        if (rung.level().isEmpty() || encoder.name().equals("libaom-av1")) {
            return Optional.empty();
        }
        boolean inTenths =
                encoder.name().equals("libsvtav1") || encoder.family() == HardwareFamily.QSV;
        String tenths = rung.level().contains(".") ? rung.level() : rung.level() + ".0";
        return Optional.of(inTenths ? tenths.replace(".", "") : rung.level());
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
