package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which rungs are made of a source. A picture is not made larger than it came: such rungs cost bits
 * and show nothing more. Where all of a ladder are larger, the smallest is made at the source's
 * size.
 *
 * @param made those of the process at hand, maybe with another size
 * @param leftOut why the others of that process are not made, by track
 * @param standsIn whether one is made that is larger than the source
 */
record LadderChoice(List<Rung> made, Map<Integer, String> leftOut, boolean standsIn) {
    /** A source of 704 x 576, or with a few lines cut off, is not smaller than the usual size. */
    private static final double TOLERANCE = 1.0 / 16;

    LadderChoice {
        made = List.copyOf(made);
        leftOut = Map.copyOf(leftOut);
    }

    /**
     * Chooses.
     *
     * @param own rungs of the process at hand
     * @param whole all rungs of the stream, those of other processes too
     */
    static LadderChoice of(
            List<Rung> own,
            List<Rung> whole,
            boolean upscale,
            Optional<SourceTracks.Video> source) {
        if (source.isEmpty()) {
            return new LadderChoice(own, Map.of(), false);
        }
        SourceTracks.Video picture = source.get();
        VideoCodec codec = VideoCodec.valueOf(picture.codec().toUpperCase(Locale.ROOT));
        if (upscale || picture.height() == 0) {
            return new LadderChoice(
                    own.stream().map(rung -> rung.copying(codec)).toList(), Map.of(), false);
        }
        Optional<Rung> standIn =
                whole.stream().allMatch(rung -> isAbove(rung, picture))
                        ? whole.stream().min(BY_SIZE)
                        : Optional.empty();
        List<Rung> made = new ArrayList<>();
        Map<Integer, String> leftOut = new TreeMap<>();
        for (Rung rung : own) {
            if (standIn.isPresent() && standIn.get().track() == rung.track()) {
                made.add(rung.atSourceSize());
            } else if (isAbove(rung, picture)) {
                leftOut.put(rung.track(), reason(rung, picture));
            } else {
                made.add(rung.copying(codec));
            }
        }
        return new LadderChoice(
                made, leftOut, standIn.isPresent() && made.stream().anyMatch(Rung::isSourceSize));
    }

    /** Whether the picture would be made larger: by the factor that its mode scales it by. */
    private static boolean isAbove(Rung rung, SourceTracks.Video source) {
        return !rung.isSourceSize() && factor(rung, source) > 1 + TOLERANCE;
    }

    private static double factor(Rung rung, SourceTracks.Video source) {
        double wide = (double) rung.width() / source.shownWidth();
        double high = (double) rung.height() / source.height();
        if (rung.width() == 0 || rung.height() == 0) {
            return Math.max(wide, high);
        }
        return switch (rung.resize()) {
            case PAD, FIT -> Math.min(wide, high);
            case CROP, STRETCH -> Math.max(wide, high);
        };
    }

    private static String reason(Rung rung, SourceTracks.Video source) {
        return "%s is larger than the source, which is %dx%d"
                .formatted(sizeOf(rung), source.shownWidth(), source.height());
    }

    private static String sizeOf(Rung rung) {
        if (rung.width() == 0) {
            return "a height of " + rung.height();
        }
        return rung.height() == 0
                ? "a width of " + rung.width()
                : rung.width() + "x" + rung.height();
    }

    /** Of which at most one side may be missing. */
    private static final Comparator<Rung> BY_SIZE =
            Comparator.<Rung>comparingLong(
                            rung -> {
                                long width = rung.width();
                                long height = rung.height();
                                width = width == 0 ? height * 16 / 9 : width;
                                height = height == 0 ? width * 9 / 16 : height;
                                return width * height;
                            })
                    .thenComparingLong(Rung::bitrateBps)
                    .thenComparingInt(Rung::track);
}
