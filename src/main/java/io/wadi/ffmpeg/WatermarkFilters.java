package io.wadi.ffmpeg;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a watermark is drawn: by {@code drawtext}, or by {@code overlay} of a second input. */
final class WatermarkFilters {
    /** Documents say W, H for the picture and w, h for the mark, as overlay does. */
    private static final Map<String, String> IN_DRAWTEXT =
            Map.of("W", "w", "H", "h", "w", "tw", "h", "th");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

    /** What an expression may name: the two sizes, time, and functions of them. */
    private static final Pattern KNOWN =
            Pattern.compile(
                    "W|H|w|h|t|min|max|abs|floor|ceil|round|mod|if|lt|lte|gt|gte|eq|between|sin|cos|PI");

    private static final Pattern EXPRESSION = Pattern.compile("[A-Za-z0-9_+\\-*/()., ]{1,128}");

    private WatermarkFilters() {}

    /** Whether text is an expression of positions and nothing else. */
    static boolean isExpression(String text) {
        if (!EXPRESSION.matcher(text).matches()) {
            return false;
        }
        return NAME.matcher(text).results().allMatch(m -> KNOWN.matcher(m.group()).matches());
    }

    /**
     * Draws a text.
     *
     * @param height of the picture that it is drawn on; 0 when that is not known
     */
    static Filter drawText(Watermark mark, int height) {
        long size = Math.max(1, Math.round(mark.ratio() * height));
        boolean relative = mark.ratio() > 0 && height > 0;
        Filter draw = Filter.of("drawtext");
        if (!mark.fontFile().isEmpty()) {
            draw = draw.with("fontfile", mark.fontFile());
        }
        return draw.with("expansion", "none")
                .with("text", mark.text())
                .with("fontsize", relative ? size : mark.fontSize())
                .with("fontcolor", mark.fontColor())
                .with("alpha", decimal(mark.opacity()))
                .with("x", inDrawText(x(mark)))
                .with("y", inDrawText(y(mark)));
    }

    /** The filters on the picture of the mark itself. */
    static List<Filter> ofImage(Watermark mark) {
        Filter alpha = Filter.of("format").with("pix_fmts", "rgba");
        return mark.opacity() >= 1
                ? List.of(alpha)
                : List.of(
                        alpha, Filter.of("colorchannelmixer").with("aa", decimal(mark.opacity())));
    }

    /**
     * The filters that bring the picture of the mark to its size.
     *
     * @param width of the picture that it is drawn on; 0 when that is not known
     */
    static List<Filter> size(Watermark mark, int width) {
        if (mark.ratio() <= 0 || width == 0) {
            return List.of(Filter.of("null"));
        }
        long wide = Math.max(1, Math.round(mark.ratio() * width));
        return List.of(Filter.of("scale").with("w", wide).with("h", -1));
    }

    static Filter overlay(Watermark mark) {
        return Filter.of("overlay")
                .with("x", x(mark))
                .with("y", y(mark))
                .with("eof_action", "repeat");
    }

    private static String x(Watermark mark) {
        return switch (mark.position()) {
            case TOP_LEFT, BOTTOM_LEFT -> "" + mark.offsetX();
            case TOP_RIGHT, BOTTOM_RIGHT -> "W-w-(" + mark.offsetX() + ")";
            case CENTER -> "(W-w)/2";
            case CUSTOM -> mark.x();
        };
    }

    private static String y(Watermark mark) {
        return switch (mark.position()) {
            case TOP_LEFT, TOP_RIGHT -> "" + mark.offsetY();
            case BOTTOM_LEFT, BOTTOM_RIGHT -> "H-h-(" + mark.offsetY() + ")";
            case CENTER -> "(H-h)/2";
            case CUSTOM -> mark.y();
        };
    }

    private static String inDrawText(String expression) {
        return NAME.matcher(expression)
                .replaceAll(
                        m ->
                                Matcher.quoteReplacement(
                                        IN_DRAWTEXT.getOrDefault(m.group(), m.group())));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
