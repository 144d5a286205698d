package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Presets translated between encoders. Documents name them as x264 does (ultrafast to placebo) or
 * as NVENC does (p1 to p7); every encoder gets what comes nearest to that.
 */
final class Presets {
    private static final List<String> X264 =
            List.of(
                    "ultrafast",
                    "superfast",
                    "veryfast",
                    "faster",
                    "fast",
                    "medium",
                    "slow",
                    "slower",
                    "veryslow",
                    "placebo");

    /** x264's place in its list for p1 to p7. */
    private static final int[] OF_NVENC = {1, 2, 3, 5, 6, 7, 8};

    /** p1 to p7 for x264's list. */
    private static final int[] TO_NVENC = {1, 1, 2, 3, 4, 4, 5, 6, 7, 7};

    private static final int[] TO_SVT = {12, 11, 10, 9, 8, 7, 6, 5, 4, 3};
    private static final int[] TO_VPX = {8, 8, 7, 6, 5, 5, 4, 3, 2, 1};

    /** Its realtime mode is not made for less than 5. */
    private static final int[] TO_AOM = {8, 8, 8, 7, 7, 6, 6, 5, 5, 5};

    private static final int[] TO_VAAPI = {7, 7, 6, 5, 5, 4, 3, 2, 1, 1};
    private static final int VERYFAST = 2;

    private Presets() {}

    /** Whether a document may name this preset. */
    static boolean isKnown(String preset) {
        return preset.isEmpty() || X264.contains(preset) || isNvenc(preset);
    }

    static String known() {
        return String.join(", ", X264) + ", p1 to p7";
    }

    private static boolean isNvenc(String preset) {
        return preset.matches("p[1-7]");
    }

    private static int place(String preset) {
        String lower = preset.toLowerCase(Locale.ROOT);
        if (isNvenc(lower)) {
            return OF_NVENC[lower.charAt(1) - '1'];
        }
        int place = X264.indexOf(lower);
        return place < 0 ? VERYFAST : place;
    }

    /** The arguments that set an encoder's speed. */
    static List<String> arguments(Encoder encoder, String preset) {
        int place = place(preset);
        List<String> arguments = new ArrayList<>();
        switch (encoder.name()) {
            case "libx264", "libx265" -> arguments.addAll(List.of("-preset", X264.get(place)));
            case "libsvtav1" -> {
                arguments.addAll(List.of("-preset", "" + TO_SVT[place]));
                // Pictures refer to earlier ones only, and none waits for those to come.
                arguments.addAll(List.of("-svtav1-params", "rc=2:pred-struct=1:lookahead=0"));
            }
            case "libaom-av1" -> {
                arguments.addAll(List.of("-usage", "realtime", "-cpu-used", "" + TO_AOM[place]));
                arguments.addAll(List.of("-lag-in-frames", "0", "-row-mt", "1"));
            }
            case "libvpx-vp9" -> {
                arguments.addAll(List.of("-deadline", "realtime", "-cpu-used", "" + TO_VPX[place]));
                arguments.addAll(List.of("-lag-in-frames", "0", "-row-mt", "1"));
            }
            default -> arguments.addAll(ofHardware(encoder.family(), place));
        }
        return arguments;
    }

    private static List<String> ofHardware(HardwareFamily family, int place) {
        return switch (family) {
            case NVENC -> List.of("-preset", "p" + TO_NVENC[place], "-tune", "ll");
            case QSV -> List.of("-preset", X264.get(Math.clamp(place, VERYFAST, 8)));
            case VAAPI -> List.of("-compression_level", "" + TO_VAAPI[place]);
            case VIDEOTOOLBOX -> List.of("-realtime", "1");
            case SOFTWARE -> List.of();
        };
    }
}
