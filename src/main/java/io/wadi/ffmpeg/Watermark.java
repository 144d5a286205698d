package io.wadi.ffmpeg;

/**
 * A text or picture over the video of each rung.
 *
 * @param image path of a picture, empty for a text or an asset
 * @param assetId of a picture among {@link Watermarks}, empty for a text or a path
 * @param decoder of the picture as FFmpeg calls it; empty as long as nobody has looked at it
 * @param position where it stands; offsets are pixels from the edges of the rung's picture
 * @param x expression for {@link Position#CUSTOM}
 * @param ratio what part of the rung's width a picture takes, or of its height the letters of a
 *     text; 0: as many pixels as it has in every rung
 */
record Watermark(
        String text,
        String fontFile,
        int fontSize,
        String fontColor,
        String image,
        String assetId,
        String decoder,
        double opacity,
        Position position,
        int offsetX,
        int offsetY,
        String x,
        String y,
        double ratio) {
    enum Position {
        TOP_LEFT,
        TOP_RIGHT,
        BOTTOM_LEFT,
        BOTTOM_RIGHT,
        CENTER,
        CUSTOM
    }

    boolean isImage() {
        return !image.isEmpty() || !assetId.isEmpty();
    }

    /** The same with the file of its picture. */
    Watermark showing(String file, String itsDecoder) {
        return new Watermark(
                text,
                fontFile,
                fontSize,
                fontColor,
                file,
                assetId,
                itsDecoder,
                opacity,
                position,
                offsetX,
                offsetY,
                x,
                y,
                ratio);
    }
}
