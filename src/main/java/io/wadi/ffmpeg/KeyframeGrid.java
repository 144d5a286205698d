package io.wadi.ffmpeg;

import java.util.Locale;

/**
 * Where key frames are forced: on the first picture at or after every multiple of the interval on
 * the stream's own timeline, so that they fall on the same pictures in every rung, in one process
 * or in many, and again after a restart.
 *
 * <p>FFmpeg's {@code t} in {@code -force_key_frames} counts from the first picture that the encoder
 * got, and the usual {@code gte(t,n_forced*X)} with it: two processes that started at different
 * pictures would never agree. So the expression adds where the first picture stands between two
 * multiples, which is known from the random access point that the process is fed from.
 *
 * @param firstPts of the first picture, unwrapped 90 kHz ticks
 */
record KeyframeGrid(long firstPts) {
    /** 2^33 ticks, where MPEG-TS times start again (ISO/IEC 13818-1 §2.4.3.7). */
    private static final long WRAP = 1L << 33;

    private static final double TICKS_PER_SECOND = 90_000;

    /**
     * Picture times are rounded, and must not fall short of a multiple by a tick. Half a tick more
     * than half a millisecond: no picture stands just where the comparison could go either way.
     */
    private static final double EPSILON = 45.5 / TICKS_PER_SECOND;

    /** The expression for {@code -force_key_frames}. */
    String expression(double seconds, double fps) {
        double phase = phase(seconds, fps);
        String step = decimal(seconds);
        return "expr:if(isnan(prev_forced_t),1,gt(floor((t+%1$s)/%2$s),floor((prev_forced_t+%1$s)/%2$s)))"
                .formatted(decimal(phase + EPSILON), step);
    }

    private double phase(double seconds, double fps) {
        double first = (double) Math.floorMod(firstPts, WRAP);
        if (fps > 0) {
            // The fps filter moves pictures to its grid, on FFmpeg's time, which wraps.
            double perPicture = TICKS_PER_SECOND / fps;
            first = Math.rint(first / perPicture) * perPicture;
        }
        long wraps = Math.floorDiv(firstPts, WRAP);
        double interval = seconds * TICKS_PER_SECOND;
        double phase = (first % interval + wraps * (double) WRAP % interval) % interval;
        return phase / TICKS_PER_SECOND;
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }
}
