package io.wadi.ts;

/**
 * Opus in TS: each packet stands behind a control header that says its size; several in one PES
 * packet.
 *
 * <pre>
 * | control_header_prefix 0x3FF (11) |S|E|X|00| au_size: 255* + last | start_trim(16) | end_trim(16) | ext_length, ext |
 * </pre>
 */
final class OpusPackets implements UnitSplitter {
    static final int PREFIX = 0x7FE0;
    static final int PREFIX_MASK = 0xFFE0;

    private static final int START_TRIM = 0x10;
    private static final int END_TRIM = 0x08;
    private static final int EXTENSION = 0x04;
    private static final long TICKS_PER_MS = 90;

    private final Sink sink;
    private long nextPts = Pts33.NO_TIME;

    OpusPackets(Sink sink) {
        this.sink = sink;
    }

    @Override
    public void payload(byte[] bytes, int from, int to, long pts, long dts, boolean marked) {
        if (pts != Pts33.NO_TIME) {
            nextPts = pts;
        }
        int at = from;
        while (at < to) {
            at = packet(bytes, at, to);
            if (at < 0) {
                sink.onDamage();
                return;
            }
        }
    }

    /** Returns where the next one starts, or -1. */
    private int packet(byte[] bytes, int from, int to) {
        if (to - from < 3) {
            return -1;
        }
        int word = (bytes[from] & 0xFF) << 8 | (bytes[from + 1] & 0xFF);
        if ((word & PREFIX_MASK) != PREFIX) {
            return -1;
        }
        int at = from + 2;
        int size = 0;
        int part = 255;
        while (part == 255) {
            if (at >= to) {
                return -1;
            }
            part = bytes[at++] & 0xFF;
            size += part;
        }
        at += (word & START_TRIM) != 0 ? 2 : 0;
        at += (word & END_TRIM) != 0 ? 2 : 0;
        if ((word & EXTENSION) != 0) {
            at += at < to ? 1 + (bytes[at] & 0xFF) : 1;
        }
        if (size == 0 || to - at < size) {
            return -1;
        }
        sink.onUnit(bytes, at, at + size, nextPts, nextPts, true);
        if (nextPts != Pts33.NO_TIME) {
            nextPts += duration(bytes, at, at + size);
        }
        return at + size;
    }

    /** The packet's duration in 90 kHz ticks (RFC 6716 §3.1, §3.2). */
    static long duration(byte[] bytes, int from, int to) {
        int toc = bytes[from] & 0xFF;
        int config = toc >>> 3;
        long frame;
        if (config < 12) { // SILK: 10, 20, 40, 60 ms
            int step = config & 3;
            frame = (step == 0 ? 10 : step * 20L) * TICKS_PER_MS;
        } else if (config < 16) { // hybrid: 10, 20 ms
            frame = ((config & 1) == 0 ? 10 : 20) * TICKS_PER_MS;
        } else { // CELT: 2.5, 5, 10, 20 ms
            frame = (25 * TICKS_PER_MS / 10) << (config & 3);
        }
        int frames =
                switch (toc & 3) {
                    case 0 -> 1;
                    case 1, 2 -> 2;
                    default -> to - from > 1 ? bytes[from + 1] & 0x3F : 0;
                };
        return frame * frames;
    }

    @Override
    public void lost() {
        nextPts = Pts33.NO_TIME;
    }
}
