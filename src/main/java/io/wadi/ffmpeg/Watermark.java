package io.wadi.ffmpeg;

/**
 * A text or picture over the video.
 *
 * @param image path of a picture, empty for a text
 * @param position where it stands; offsets are from the corner
 * @param x expression for {@link Position#CUSTOM}
 */
record Watermark(
        String text,
        String fontFile,
        int fontSize,
        String fontColor,
        String image,
        double opacity,
        Position position,
        int offsetX,
        int offsetY,
        String x,
        String y) {
    enum Position {
        TOP_LEFT,
        TOP_RIGHT,
        BOTTOM_LEFT,
        BOTTOM_RIGHT,
        CENTER,
        CUSTOM
    }

    boolean isImage() {
        return !image.isEmpty();
    }
}
