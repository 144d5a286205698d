package io.wadi.segment;

/**
 * Times at which video was cut and audio is still to be, oldest first. Bounded: audio that is this
 * many segments behind gets longer segments. One thread.
 */
final class CmafCuts {
    private static final int MAX_CUTS = 8;

    private final long[] ticks = new long[MAX_CUTS];
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    long first() {
        return ticks[0];
    }

    void add(long at) {
        if (count == MAX_CUTS) {
            removeFirst();
        }
        ticks[count++] = at;
    }

    void removeFirst() {
        count--;
        System.arraycopy(ticks, 1, ticks, 0, count);
    }

    void clear() {
        count = 0;
    }
}
