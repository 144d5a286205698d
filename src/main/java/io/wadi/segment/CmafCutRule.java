package io.wadi.segment;

/**
 * Where video is cut: at the random access point nearest to the target length, so that a GOP that
 * does not divide the target gives segments as near to it as can be. One thread.
 */
final class CmafCutRule {
    /** Cameras with a key picture every ten seconds exist; every minute is a fault. */
    private static final long LONGEST_SEGMENT_TICKS = 30L * Segment.TICKS_PER_SECOND;

    /** A playlist announces the target length plus one second. */
    private static final long LATE_TICKS = Segment.TICKS_PER_SECOND;

    /** Times that went through whole milliseconds may be this much short of the target. */
    private static final long ROUNDING_TICKS = 2L * Segment.TICKS_PER_SECOND / 1000;

    private final long targetTicks;
    private final long longestTicks;
    private long lastRandomAccess;

    CmafCutRule(long targetTicks) {
        this.targetTicks = targetTicks;
        this.longestTicks = Math.max(LONGEST_SEGMENT_TICKS, 4 * targetTicks);
    }

    /** A segment starts with this picture. */
    void start(long ticks) {
        lastRandomAccess = ticks;
    }

    /**
     * Whether the next segment starts with this picture.
     *
     * @param segmentStart time of the first picture of the segment in the making
     */
    boolean isCut(boolean randomAccess, long segmentStart, long ticks) {
        long elapsed = ticks - segmentStart;
        if (!randomAccess) {
            return elapsed >= longestTicks;
        }
        long gop = ticks - lastRandomAccess;
        lastRandomAccess = ticks;
        long missing = targetTicks - elapsed;
        if (missing <= ROUNDING_TICKS) {
            return true;
        }
        // The next chance comes a GOP later.
        long overshoot = gop - missing;
        return overshoot >= missing || overshoot > LATE_TICKS;
    }
}
