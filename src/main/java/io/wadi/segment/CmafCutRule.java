package io.wadi.segment;

/**
 * Where video is cut: at the random access point nearest to the target length, so that a GOP that
 * does not divide the target gives segments as near to it as can be. One thread.
 */
final class CmafCutRule {
    /** A segment is cut without a random access point when none came for so long. */
    private static final long LONGEST_SEGMENT_TICKS = 60L * Segment.TICKS_PER_SECOND;

    private final long targetTicks;
    private long lastRandomAccess;

    CmafCutRule(long targetTicks) {
        this.targetTicks = targetTicks;
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
            return elapsed >= LONGEST_SEGMENT_TICKS;
        }
        long gop = ticks - lastRandomAccess;
        lastRandomAccess = ticks;
        // The next chance comes a GOP later: it would be further from the target than this one.
        return elapsed + gop / 2 >= targetTicks;
    }
}
