package io.wadi.ffmpeg;

/** What is done about interlaced pictures. */
enum Interlace {
    /** Those that are marked as interlaced are deinterlaced. */
    AUTO,
    /** All are, top field first. */
    TFF,
    /** All are, bottom field first. */
    BFF,
    /** None is. */
    PROGRESSIVE
}
