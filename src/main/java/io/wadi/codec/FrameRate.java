package io.wadi.codec;

/** A declared frame rate. */
final class FrameRate {
    /** More than any camera or screen: what is above is a broken timing field. */
    private static final double MAX = 1000;

    private FrameRate() {}

    /** Pictures a second, 0 (unknown) when the fraction makes no sense. */
    static double of(long timeScale, long unitsInTick) {
        if (timeScale <= 0 || unitsInTick <= 0) {
            return 0;
        }
        double rate = (double) timeScale / unitsInTick;
        return rate > MAX ? 0 : rate;
    }
}
