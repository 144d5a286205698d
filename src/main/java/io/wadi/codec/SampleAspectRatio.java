package io.wadi.codec;

/** aspect_ratio_idc and what follows it: ITU-T H.264 Table E-1, ITU-T H.265 Table E.1. */
record SampleAspectRatio(int width, int height) {
    static final SampleAspectRatio SQUARE = new SampleAspectRatio(1, 1);

    private static final int EXTENDED = 255;
    private static final int[] WIDTHS = {
        1, 1, 12, 10, 16, 40, 24, 20, 32, 80, 18, 15, 64, 160, 4, 3, 2
    };
    private static final int[] HEIGHTS = {
        1, 1, 11, 11, 11, 33, 11, 11, 11, 33, 11, 11, 33, 99, 3, 2, 1
    };

    static SampleAspectRatio read(BitReader in) throws MalformedException {
        int idc = in.bits(8);
        if (idc == EXTENDED) {
            int width = in.bits(16);
            int height = in.bits(16);
            return width == 0 || height == 0 ? SQUARE : new SampleAspectRatio(width, height);
        }
        return idc < WIDTHS.length ? new SampleAspectRatio(WIDTHS[idc], HEIGHTS[idc]) : SQUARE;
    }
}
