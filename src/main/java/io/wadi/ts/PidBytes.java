package io.wadi.ts;

import java.util.Arrays;

/**
 * A byte for each PID. A stream uses a handful of the 8192, near to each other, so there is memory
 * only where one was set; all others share a page. One owner thread.
 */
final class PidBytes {
    private static final int PAGE_BITS = 7;
    private static final int PAGE = 1 << PAGE_BITS;

    private final byte[] blank = new byte[PAGE];
    private final byte[][] pages = new byte[TsPacket.PID_COUNT >>> PAGE_BITS][];

    /**
     * @param value that every PID has
     */
    PidBytes(byte value) {
        Arrays.fill(blank, value);
        clear();
    }

    byte get(int pid) {
        return pages[pid >>> PAGE_BITS][pid & PAGE - 1];
    }

    @SuppressWarnings("ReferenceEquality") // the shared page, not one that looks like it
    void set(int pid, byte value) {
        byte[] page = pages[pid >>> PAGE_BITS];
        if (page == blank) {
            if (value == blank[0]) {
                return;
            }
            page = blank.clone();
            pages[pid >>> PAGE_BITS] = page;
        }
        page[pid & PAGE - 1] = value;
    }

    /** Every PID has the first value again. */
    void clear() {
        Arrays.fill(pages, blank);
    }
}
