package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The filters that bring a picture to a rung's size, on the processor and on each hardware. */
final class PictureFilters {
    /** Half a picture that chroma is sampled at: sizes are even. */
    private static final String EVEN = "2*round((%s)/2)";

    private PictureFilters() {}

    /** Deinterlacing, in front of everything else; none for progressive. */
    static List<Filter> deinterlace(Interlace interlace, HardwareFamily surfaces) {
        if (interlace == Interlace.PROGRESSIVE) {
            return List.of();
        }
        return List.of(
                switch (surfaces) {
                    case SOFTWARE, VIDEOTOOLBOX -> yadif("yadif", interlace);
                    case NVENC -> yadif("yadif_cuda", interlace);
                    case VAAPI ->
                            Filter.of("deinterlace_vaapi")
                                    .with("auto", interlace == Interlace.AUTO ? 1 : 0);
                    case QSV -> Filter.of("vpp_qsv").with("deinterlace", "advanced");
                });
    }

    private static Filter yadif(String name, Interlace interlace) {
        Filter yadif = Filter.of(name).with("mode", "send_frame");
        return switch (interlace) {
            case TFF -> yadif.with("parity", "tff").with("deint", "all");
            case BFF -> yadif.with("parity", "bff").with("deint", "all");
            case AUTO, PROGRESSIVE -> yadif.with("deint", "interlaced");
        };
    }

    /** Pictures a second on a grid that is the same in every process. */
    static List<Filter> rate(double fps) {
        return fps > 0 ? List.of(Filter.of("fps").with("fps", number(fps))) : List.of();
    }

    /** 25, 30000/1001 for 29.97 and 59.94 and the like, else the number. */
    static String number(double fps) {
        long film = Math.round(fps * 1.001);
        if (Math.abs(fps - Math.rint(fps)) < 1e-6) {
            return Long.toString(Math.round(fps));
        }
        if (Math.abs(film / 1.001 - fps) < 0.006) {
            return film * 1000 + "/1001";
        }
        return String.format(Locale.ROOT, "%.4f", fps);
    }

    /** Scaling in main memory, whatever the source's shape and pixels. */
    static List<Filter> scale(Rung rung) {
        List<Filter> filters = new ArrayList<>();
        if (rung.width() == 0 && rung.height() == 0) {
            filters.add(even("scale", "iw", "ih"));
        } else {
            sized(rung, filters);
            String sar = rung.sar().isEmpty() ? "1" : rung.sar().replace(':', '/');
            filters.add(Filter.of("setsar").with("sar", sar));
        }
        return filters;
    }

    private static void sized(Rung rung, List<Filter> filters) {
        // What a picture's width is to its height when its pixels are those of the rung.
        String shape = rung.sar().isEmpty() ? "dar" : "dar*" + inverse(rung.sar());
        String width = "" + rung.width();
        String height = "" + rung.height();
        if (rung.width() == 0) {
            filters.add(even("scale", height + "*" + shape, height));
            return;
        }
        if (rung.height() == 0) {
            filters.add(even("scale", width, width + "/(" + shape + ")"));
            return;
        }
        String byHeight = height + "*" + shape;
        String byWidth = width + "/(" + shape + ")";
        switch (rung.resize()) {
            case STRETCH -> filters.add(Filter.of("scale").with("w", width).with("h", height));
            case FIT -> filters.add(within("min", width, byHeight, height, byWidth));
            case PAD -> {
                filters.add(within("min", width, byHeight, height, byWidth));
                filters.add(
                        Filter.of("pad")
                                .with("w", width)
                                .with("h", height)
                                .with("x", "(ow-iw)/2")
                                .with("y", "(oh-ih)/2"));
            }
            case CROP -> {
                filters.add(within("max", width, byHeight, height, byWidth));
                filters.add(Filter.of("crop").with("w", width).with("h", height));
            }
        }
    }

    private static String inverse(String sar) {
        int colon = sar.indexOf(':');
        return "(" + sar.substring(colon + 1) + "/" + sar.substring(0, colon) + ")";
    }

    private static Filter within(
            String which, String width, String byHeight, String height, String byWidth) {
        return even(
                "scale",
                which + "(" + width + "," + byHeight + ")",
                which + "(" + height + "," + byWidth + ")");
    }

    private static Filter even(String name, String width, String height) {
        return Filter.of(name).with("w", EVEN.formatted(width)).with("h", EVEN.formatted(height));
    }

    /** Scaling on the card, for a source whose shape is the rung's. */
    static List<Filter> scaleOnCard(Rung rung, SourceTracks.Video source, HardwareFamily card) {
        int width = rung.width();
        int height = rung.height();
        if (width == 0 && height == 0) {
            width = source.width();
            height = source.height();
        } else if (width == 0) {
            width = evenRatio(height, source.width(), source.height());
        } else if (height == 0) {
            height = evenRatio(width, source.height(), source.width());
        }
        String name =
                switch (card) {
                    case NVENC -> "scale_cuda";
                    case VAAPI -> "scale_vaapi";
                    case QSV -> "vpp_qsv";
                    case SOFTWARE, VIDEOTOOLBOX -> "scale";
                };
        return List.of(Filter.of(name).with("w", width).with("h", height).with("format", "nv12"));
    }

    private static int evenRatio(int side, int numerator, int denominator) {
        return (int) (2 * Math.round(side * (double) numerator / denominator / 2));
    }

    /** Whether a rung can be scaled on the card: nothing is padded, cut or drawn. */
    static boolean fitsCard(Rung rung, SourceTracks.Video source) {
        if (!source.squarePixels() || !rung.sar().isEmpty() || source.height() == 0) {
            return false;
        }
        if (rung.width() == 0 || rung.height() == 0 || rung.resize() == Resize.STRETCH) {
            return true;
        }
        // The same shape to within a pixel's rounding.
        long difference =
                Math.abs(
                        (long) rung.width() * source.height()
                                - (long) rung.height() * source.width());
        return difference <= source.width() || difference <= 2L * source.height();
    }
}
