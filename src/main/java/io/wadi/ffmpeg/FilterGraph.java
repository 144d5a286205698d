package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The graph of a process: the source is deinterlaced once and split for each rung that encodes; a
 * watermark is drawn on each rung's own picture. Pads are {@code v1}, {@code v2} and so on by
 * track, and {@code still}.
 *
 * @param text for {@code -filter_complex}, empty when nothing is encoded
 * @param onCard whether pictures stay on the graphics card from decoder to encoder
 */
record FilterGraph(String text, boolean onCard) {
    static final String STILL = "still";

    /**
     * @param input FFmpeg's name of the source's picture
     */
    static FilterGraph of(
            Ladder ladder,
            SourceTracks.Video source,
            String input,
            List<Encoder> encoders,
            FfmpegBuild build) {
        List<Rung> encoded = ladder.rungs().stream().filter(rung -> !rung.copy()).toList();
        Optional<HardwareFamily> card = card(ladder, encoded, source, encoders, build);
        if (encoded.isEmpty() && ladder.thumbnail().isEmpty()) {
            return new FilterGraph("", false);
        }
        HardwareFamily surfaces = card.orElse(HardwareFamily.SOFTWARE);
        List<String> chains = new ArrayList<>();
        List<String> branches = new ArrayList<>();
        encoded.forEach(rung -> branches.add("" + rung.track()));
        ladder.thumbnail().ifPresent(_ -> branches.add(STILL));
        common(ladder, input, surfaces, branches, chains);
        for (int i = 0; i < encoded.size(); i++) {
            Rung rung = encoded.get(i);
            String branch = "" + rung.track();
            List<Filter> filters = new ArrayList<>(PictureFilters.rate(rung.fps()));
            if (card.isPresent()) {
                filters.addAll(PictureFilters.scaleOnCard(rung, source, surfaces));
                chains.add(chain("s" + branch, filters, "v" + branch));
            } else {
                filters.addAll(PictureFilters.scale(rung));
                PictureSize size = size(rung, source);
                List<Filter> last = toEncoder(rung, encoders.get(i));
                marked(ladder.watermark(), size, branch, filters, last, "v" + branch, chains);
            }
        }
        if (ladder.thumbnail().isPresent()) {
            still(ladder, source, card.isPresent(), chains);
        }
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
            String input,
            HardwareFamily surfaces,
            List<String> branches,
            List<String> chains) {
        List<Filter> filters =
                new ArrayList<>(PictureFilters.deinterlace(ladder.interlace(), surfaces));
        filters.add(Filter.of("split").with("outputs", branches.size()));
        chains.add(chain(input, filters, pads("s", branches)));
        Optional<Watermark> mark = ladder.watermark().filter(Watermark::isImage);
        if (mark.isPresent()) {
            List<Filter> picture = new ArrayList<>(WatermarkFilters.ofImage(mark.get()));
            picture.add(Filter.of("split").with("outputs", branches.size()));
            chains.add(chain("1:v", picture, pads("m", branches)));
        }
    }

    private static String pads(String prefix, List<String> branches) {
        return String.join("][", branches.stream().map(branch -> prefix + branch).toList());
    }

    /** What a rung's picture measures behind {@link PictureFilters#scale}. */
    private static PictureSize size(Rung rung, SourceTracks.Video source) {
        return rung.isSourceSize()
                ? new PictureSize(source.width(), source.height())
                : PictureSize.of(rung, source);
    }

    /**
     * A branch with the watermark, where there is one, between the filters in front of it and those
     * behind.
     *
     * @param size of the picture that is drawn on
     */
    private static void marked(
            Optional<Watermark> watermark,
            PictureSize size,
            String branch,
            List<Filter> before,
            List<Filter> behind,
            String to,
            List<String> chains) {
        List<Filter> filters = new ArrayList<>(before);
        String from = "s" + branch;
        if (watermark.isPresent() && watermark.get().isImage()) {
            Watermark mark = watermark.get();
            chains.add(chain(from, filters, "p" + branch));
            chains.add(
                    chain("m" + branch, WatermarkFilters.size(mark, size.width()), "k" + branch));
            from = "p" + branch + "][k" + branch;
            filters = new ArrayList<>(List.of(WatermarkFilters.overlay(mark)));
        } else if (watermark.isPresent()) {
            filters.add(WatermarkFilters.drawText(watermark.get(), size.height()));
        }
        filters.addAll(behind);
        chains.add(chain(from, filters, to));
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

    /** Of key pictures alone, which are far apart, some are chosen; no rate is made of them. */
    private static void still(
            Ladder ladder, SourceTracks.Video source, boolean onCard, List<String> chains) {
        Ladder.Thumbnail still = ladder.thumbnail().orElseThrow();
        List<Filter> due = new ArrayList<>();
        if (ladder.isStillsOnly()) {
            String late = "gte(t-prev_selected_t," + still.intervalSeconds() + ")";
            due.add(Filter.of("select").with("expr", "isnan(prev_selected_t)+" + late));
        } else {
            due.add(Filter.of("fps").with("fps", "1/" + still.intervalSeconds()));
        }
        List<Filter> filters = new ArrayList<>();
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
        PictureSize size = new PictureSize(source.width(), source.height());
        marked(ladder.watermark(), size, STILL, due, filters, STILL, chains);
    }

    private static String chain(String from, List<Filter> filters, String to) {
        String text = String.join(",", filters.stream().map(Filter::toString).toList());
        return "[" + from + "]" + text + "[" + to + "]";
    }
}
