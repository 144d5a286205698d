package io.wadi.ts;

/**
 * The continuity counter of one PID (ISO/IEC 13818-1 §2.4.3.3). A packet may be sent twice: same
 * counter, same bytes (but for the PCR); so the header and the last eight bytes are compared, and
 * equal counters with other bytes are a loss of a whole turn.
 */
final class Continuity {
    enum Result {
        IN_ORDER,
        DUPLICATE,
        LOSS
    }

    private static final int NONE = -1;

    private int last = NONE;
    private int lastHeader;
    private long lastTail;
    private boolean doubled;

    /**
     * Takes a packet that has a payload.
     *
     * @param tail the packet's last eight bytes
     * @param announced whether discontinuity_indicator is set
     */
    Result check(int header, long tail, boolean announced) {
        int counter = TsPacket.continuityCounter(header);
        int before = last;
        last = counter;
        if (counter == (before + 1 & 0x0F) || before == NONE || announced) {
            remember(header, tail, false);
            return Result.IN_ORDER;
        }
        if (counter == before && header == lastHeader && tail == lastTail && !doubled) {
            doubled = true;
            return Result.DUPLICATE;
        }
        remember(header, tail, false);
        return Result.LOSS;
    }

    private void remember(int header, long tail, boolean again) {
        lastHeader = header;
        lastTail = tail;
        doubled = again;
    }

    /** The next counter is taken as it is. */
    void reset() {
        last = NONE;
    }
}
