package io.wadi.ffmpeg;

/** How a picture of another shape is fitted into a rung's size. */
enum Resize {
    /** The whole picture, with black bars. */
    PAD,
    /** The size is filled, what stands out is cut off. */
    CROP,
    /** The size is filled, the shape is lost. */
    STRETCH,
    /** The whole picture, without bars: smaller than the size on one side. */
    FIT
}
