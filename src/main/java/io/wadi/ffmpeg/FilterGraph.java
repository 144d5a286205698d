package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The graph of a process: the source is deinterlaced and marked once, and split for each rung that
 * encodes. Pads are {@code v1}, {@code v2} and so on by track, and {@code still}.
 *
 * @param text for {@code -filter_complex}, empty when nothing is encoded
 * @param onCard whether pictures stay on the graphics card from decoder to encoder
 */
record FilterGraph(String text, boolean onCard) {
    static final String STILL = "still";

    static FilterGraph of(
            Ladder ladder, SourceTracks.Video source, List<Encoder> encoders, FfmpegBuild build) {
        List<Rung> encoded = ladder.rungs().stream().filter(rung -> !rung.copy()).toList();
        Optional<HardwareFamily> card = card(ladder, encoded, source, encoders, build);
        if (encoded.isEmpty() && ladder.thumbnail().isEmpty()) {
            return new FilterGraph("", false);
        }
        HardwareFamily surfaces = card.orElse(HardwareFamily.SOFTWARE);
        List<String> chains = new ArrayList<>();
        List<String> branches = new ArrayList<>();
        encoded.forEach(rung -> branches.add("s" + rung.track()));
        ladder.thumbnail().ifPresent(_ -> branches.add("s" + STILL));
        common(ladder, source, surfaces, branches, chains);
        for (int i = 0; i < encoded.size(); i++) {
            Rung rung = encoded.get(i);
            List<Filter> filters = new ArrayList<>(PictureFilters.rate(rung.fps()));
            if (card.isPresent()) {
                filters.addAll(PictureFilters.scaleOnCard(rung, source, surfaces));
            } else {
                filters.addAll(PictureFilters.scale(rung));
                filters.addAll(toEncoder(rung, encoders.get(i)));
            }
            chains.add(chain("s" + rung.track(), filters, "v" + rung.track()));
        }
        ladder.thumbnail()
                .ifPresent(
                        still -> chains.add(still(still, ladder.isStillsOnly(), card.isPresent())));
        return new FilterGraph(String.join(";", chains), card.isPresent());
    }

    /** The card that does all the work, where there is one that can. */
    private static Optional<HardwareFamily> card(
            Ladder ladder,
            List<Rung> encoded,
            SourceTracks.Video source,
            List<Encoder> encoders,
            FfmpegBuild build) {
        List<HardwareFamily> families = encoders.stream().map(Encoder::family).distinct().toList();
        if (families.size() != 1 || ladder.watermark().isPresent() || encoded.isEmpty()) {
            return Optional.empty();
        }
        HardwareFamily family = families.getFirst();
        boolean able =
                switch (family) {
                    case SOFTWARE, VIDEOTOOLBOX -> false;
                    case NVENC, VAAPI, QSV -> true;
                };
        boolean filters =
                able
                        && PictureFilters.deinterlace(ladder.interlace(), family).stream()
                                .allMatch(filter -> build.filters().contains(filter.name()))
                        && build.filters()
                                .contains(
                                        PictureFilters.scaleOnCard(
                                                        encoded.getFirst(), source, family)
                                                .getFirst()
                                                .name());
        boolean shapes = encoded.stream().allMatch(r -> PictureFilters.fitsCard(r, source));
        return filters && shapes ? Optional.of(family) : Optional.empty();
    }

    private static void common(
            Ladder ladder,
            SourceTracks.Video source,
            HardwareFamily surfaces,
            List<String> branches,
            List<String> chains) {
        String input = "0:i:" + source.pid();
        List<Filter> filters =
                new ArrayList<>(PictureFilters.deinterlace(ladder.interlace(), surfaces));
        Optional<Watermark> mark = ladder.watermark();
        if (mark.isPresent() && mark.get().isImage()) {
            filters.add(Filter.of("null"));
            chains.add(chain(input, filters, "plain"));
            chains.add(chain("1:v", WatermarkFilters.ofImage(mark.get()), "mark"));
            filters = new ArrayList<>(List.of(WatermarkFilters.overlay(mark.get())));
            input = "plain][mark";
        } else if (mark.isPresent()) {
            filters.add(WatermarkFilters.drawText(mark.get()));
        }
        filters.add(Filter.of("split").with("outputs", branches.size()));
        chains.add(chain(input, filters, String.join("][", branches)));
    }

    /** Pixels as the encoder takes them from main memory. */
    private static List<Filter> toEncoder(Rung rung, Encoder encoder) {
        boolean tenBits = rung.isTenBit();
        String planar = tenBits ? "yuv420p10le" : "yuv420p";
        String packed = tenBits ? "p010le" : "nv12";
        return switch (encoder.family()) {
            case SOFTWARE, VIDEOTOOLBOX -> List.of(format(planar));
            case NVENC -> List.of(format(tenBits ? packed : planar));
            case QSV -> List.of(format(packed));
            case VAAPI -> List.of(format(packed), Filter.of("hwupload"));
        };
    }

    private static Filter format(String pixels) {
        return Filter.of("format").with("pix_fmts", pixels);
    }

    /**
     * @param keyPicturesOnly whether the pictures are so far apart that they are chosen among, and
     *     not repeated to make a rate
     */
    private static String still(Ladder.Thumbnail still, boolean keyPicturesOnly, boolean onCard) {
        List<Filter> filters = new ArrayList<>();
        if (keyPicturesOnly) {
            String due = "gte(t-prev_selected_t," + still.intervalSeconds() + ")";
            filters.add(Filter.of("select").with("expr", "isnan(prev_selected_t)+" + due));
        } else {
            filters.add(Filter.of("fps").with("fps", "1/" + still.intervalSeconds()));
        }
        if (onCard) {
            filters.add(Filter.of("hwdownload"));
            filters.add(format("nv12"));
        }
        String width = still.width() == 0 ? "-2" : "" + still.width();
        String height = still.height() == 0 ? "-2" : "" + still.height();
        if (still.width() > 0 || still.height() > 0) {
            filters.add(Filter.of("scale").with("w", width).with("h", height));
        }
        filters.add(format("yuvj420p"));
        return chain("s" + STILL, filters, STILL);
    }

    private static String chain(String from, List<Filter> filters, String to) {
        String text = String.join(",", filters.stream().map(Filter::toString).toList());
        return "[" + from + "]" + text + "[" + to + "]";
    }
}
