package io.wadi.ffmpeg;

/** How large the pictures of a rung are, as far as it can be said before they are encoded. */
record PictureSize(int width, int height) {
    /** The size of a rung of a source; see {@link PictureFilters} for how it comes about. */
    static PictureSize of(Rung rung, SourceTracks.Video source) {
        double shape = (double) source.shownWidth() / Math.max(1, source.height());
        if (rung.isSourceSize()) {
            return new PictureSize(even(source.shownWidth()), even(source.height()));
        }
        if (rung.width() == 0) {
            return new PictureSize(even(rung.height() * shape), rung.height());
        }
        if (rung.height() == 0) {
            return new PictureSize(rung.width(), even(rung.width() / shape));
        }
        return switch (rung.resize()) {
            case PAD, CROP, STRETCH -> new PictureSize(rung.width(), rung.height());
            case FIT ->
                    new PictureSize(
                            Math.min(rung.width(), even(rung.height() * shape)),
                            Math.min(rung.height(), even(rung.width() / shape)));
        };
    }

    private static int even(double side) {
        return (int) (2 * Math.round(side / 2));
    }

    long area() {
        return (long) width * height;
    }
}
