package io.wadi.segment;

/**
 * Pictures a second, counted over the newest minute or so of segments. Written by one thread, read
 * by any.
 */
public final class FrameRateMeter {
    private static final long HORIZON_TICKS = 60L * Segment.TICKS_PER_SECOND;

    /** Rates that encoders are set to; a count this close means the rate. */
    private static final double[] USUAL = {
        24000 / 1001.0, 24, 25, 30000 / 1001.0, 30, 48, 50, 60000 / 1001.0, 60, 100, 120
    };

    /** Half the distance between 29.97 and 30. */
    private static final double CLOSE = 0.0005;

    private long pictures;
    private long ticks;
    private volatile double rate;

    public void add(CutSegment segment) {
        add(segment.discontinuity(), segment.pictures(), segment.durationTicks());
    }

    /**
     * Counts a segment.
     *
     * @param discontinuity whether it has nothing to do with those before
     * @param count its pictures, 0 when they were not counted
     */
    void add(boolean discontinuity, int count, long durationTicks) {
        if (discontinuity || count == 0 || ticks > HORIZON_TICKS) {
            boolean anew = discontinuity || count == 0;
            pictures = anew ? 0 : pictures / 2;
            ticks = anew ? 0 : ticks / 2;
        }
        pictures += count;
        ticks += count == 0 ? 0 : durationTicks;
        rate = ticks == 0 ? 0 : snap((double) pictures * Segment.TICKS_PER_SECOND / ticks);
    }

    private static double snap(double measured) {
        for (double usual : USUAL) {
            if (Math.abs(measured - usual) <= usual * CLOSE) {
                return usual;
            }
        }
        return measured;
    }

    /** 0 while no pictures were counted. */
    public double picturesPerSecond() {
        return rate;
    }
}
