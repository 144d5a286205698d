package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A document's own options of the encoders. Only options that tune an encoder are let through:
 * FFmpeg has many that read and write files, open addresses or add outputs.
 */
final class ExtraArguments {
    private static final Set<String> OPTIONS =
            Set.of(
                    "aq-mode",
                    "aq-strength",
                    "b_ref_mode",
                    "b_strategy",
                    "bf",
                    "coder",
                    "color_primaries",
                    "color_range",
                    "color_trc",
                    "colorspace",
                    "cpu-used",
                    "crf",
                    "deadline",
                    "direct-pred",
                    "flags",
                    "flags2",
                    "intra-refresh",
                    "lag-in-frames",
                    "look_ahead",
                    "look_ahead_depth",
                    "me_method",
                    "me_range",
                    "mbtree",
                    "multipass",
                    "nal-hrd",
                    "partitions",
                    "psy",
                    "psy-rd",
                    "qcomp",
                    "qdiff",
                    "qmax",
                    "qmin",
                    "qp",
                    "rc",
                    "rc-lookahead",
                    "refs",
                    "row-mt",
                    "slices",
                    "spatial-aq",
                    "subq",
                    "temporal-aq",
                    "threads",
                    "tile-columns",
                    "trellis",
                    "tune",
                    "weightb",
                    "weightp",
                    "zerolatency");

    /** Words, numbers and lists of them; no path and no address. */
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9_.,:=+-]{1,200}");

    private static final int MAX = 64;

    private ExtraArguments() {}

    /**
     * Checks pairs of option and value.
     *
     * @throws IllegalArgumentException naming the entry
     */
    static List<String> check(List<String> given) {
        if (given.size() > MAX || given.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "extra_args has "
                            + given.size()
                            + " entries, expected pairs of option and value, at most "
                            + MAX / 2);
        }
        List<String> checked = new ArrayList<>();
        for (int i = 0; i < given.size(); i += 2) {
            option(i, given.get(i));
            if (!VALUE.matcher(given.get(i + 1)).matches()) {
                throw new IllegalArgumentException(
                        "extra_args["
                                + (i + 1)
                                + "], expected a word or number of letters, digits and _.,:=+-");
            }
            checked.add(given.get(i));
            checked.add(given.get(i + 1));
        }
        return checked;
    }

    private static void option(int index, String option) {
        String name = option.startsWith("-") ? option.substring(1) : "";
        int colon = name.indexOf(':');
        boolean ofVideo = colon < 0 || name.substring(colon).equals(":v");
        String bare = colon < 0 ? name : name.substring(0, colon);
        if (!ofVideo || !OPTIONS.contains(bare)) {
            String shown = option.length() > 40 ? option.substring(0, 40) + "..." : option;
            throw new IllegalArgumentException(
                    "extra_args["
                            + index
                            + "] is \""
                            + shown
                            + "\", expected an option of the video encoder: -"
                            + String.join(", -", OPTIONS.stream().sorted().toList()));
        }
    }
}
