package io.wadi.ts;

/**
 * The 33-bit, 90 kHz time stamps of PES packets and PCRs, which wrap every 26.5 hours, and their
 * unwrapping: each value is taken as the one nearest to the value before it, so that a step of up
 * to 13 hours either way is seen as the step it was. The first value is taken as it is; a value
 * from just before the wrap that comes second is negative then. One owner thread.
 */
public final class Pts33 {
    /** "No time", as in {@code Unit.NO_TIME}. */
    public static final long NO_TIME = Long.MIN_VALUE;

    public static final long MODULUS = 1L << 33;

    private static final long MASK = MODULUS - 1;
    private static final int SIGN_SHIFT = Long.SIZE - 33;

    private long reference = NO_TIME;

    /** The 33 bits to write for an unwrapped time. */
    public static long wrap(long ticks) {
        return ticks & MASK;
    }

    /** The signed way from one wrapped time to another, the short way round: [-2^32, 2^32). */
    public static long distance(long from33, long to33) {
        return (to33 - from33) << SIGN_SHIFT >> SIGN_SHIFT;
    }

    /** Unwraps and remembers: the next value is taken as near to this one. */
    public long unwrap(long ticks33) {
        reference = near(ticks33);
        return reference;
    }

    /** Unwraps without remembering. */
    public long near(long ticks33) {
        return reference == NO_TIME ? ticks33 : reference + distance(wrap(reference), ticks33);
    }

    /** Forgets the past: the next value is taken as it is. */
    public void reset() {
        reference = NO_TIME;
    }
}
