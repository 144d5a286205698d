package io.wadi.rtmp;

/**
 * What of the sent bytes the peer says it has got (RTMP §5.4.3). Pure.
 *
 * <p>By §5.4.4 a sender stops when it has sent a window without an acknowledgement. nginx-rtmp and
 * SRS read acknowledgements and do not act on them, and there are players that send none; so they
 * play on here too, and what a player does not take is noticed by TCP. A player that does
 * acknowledge says more than TCP: what lies in both kernels' buffers is not played yet. When that
 * is several windows, what is sent next would be shown late; then it gets nothing until it has
 * caught up, and goes on at the newest key frame.
 */
final class SendWindow {
    /** An acknowledgement is due each window, so one of them is always open; two are slack. */
    private static final int MAX_WINDOWS = 4;

    private final long windowBytes;
    private int lastSequence;
    private long acknowledged;
    private boolean reliable;
    private boolean full;

    SendWindow(long windowBytes) {
        this.windowBytes = windowBytes;
    }

    /**
     * Takes an acknowledgement.
     *
     * @param sequence bytes that arrived since the connection began; 32 bits, wraps
     * @param sentBytes since the connection began
     */
    void acknowledge(int sequence, long sentBytes) {
        long step = Integer.toUnsignedLong(sequence - lastSequence);
        // Some send the window's size or the bytes since the last one: that says nothing.
        reliable = step > 0 && acknowledged + step <= sentBytes;
        if (reliable) {
            acknowledged += step;
            lastSequence = sequence;
        }
        long outstanding = sentBytes - acknowledged;
        full = reliable && outstanding > (full ? windowBytes : MAX_WINDOWS * windowBytes);
    }

    /** Whether to wait before more is sent. */
    boolean isFull() {
        return full;
    }
}
