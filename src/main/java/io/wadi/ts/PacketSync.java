package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Finds the packets in a run of bytes: 188 bytes apart, or 192 (M2TS: four bytes of arrival time in
 * front) or 204 (sixteen bytes of Reed-Solomon parity behind). Synchronisation is taken at three
 * sync bytes in a row, or at once when a push holds nothing but whole packets; it is lost at the
 * first packet without a sync byte. Bytes of a packet that is not whole yet are kept over. One
 * owner thread.
 */
final class PacketSync {
    /** Takes packets where they lie. */
    interface Sink {
        /**
         * @param buf borrowed for the call
         * @param offset the first packet's sync byte
         * @param stride bytes from one sync byte to the next
         */
        void onPackets(ByteBuf buf, int offset, int count, int stride);
    }

    private static final int[] STRIDES = {TsPacket.SIZE, 192, 204};

    /** Enough to see three sync bytes at the widest stride, with room to search in. */
    private static final int HELD_BYTES = 2048;

    private static final int UNDECIDED = 0;
    private static final int NO_STRIDE = -1;

    private final Sink sink;
    private final byte[] held = new byte[HELD_BYTES];
    private final ByteBuf heldView = Unpooled.wrappedBuffer(held);
    private int heldLength;

    /** 0 while not synchronised. */
    private int stride;

    /** Bytes between the packets that are still to come. */
    private int gap;

    private boolean wasSynchronised;
    private long losses;
    private long skippedBytes;

    PacketSync(Sink sink) {
        this.sink = sink;
    }

    /** Borrows {@code buf}; reads by absolute index. */
    void push(ByteBuf buf, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            at = stride == 0 ? search(buf, at, end) : pass(buf, at, end);
        }
    }

    /** Hands out whole packets that were held only because too few of them had come to be sure. */
    void flush() {
        if (stride == 0 && heldLength > 0 && isAligned(heldView, 0, heldLength)) {
            int count = heldLength / TsPacket.SIZE;
            heldLength = 0;
            stride = TsPacket.SIZE;
            wasSynchronised = true;
            sink.onPackets(heldView, 0, count, TsPacket.SIZE);
        }
    }

    void reset() {
        heldLength = 0;
        stride = 0;
        gap = 0;
    }

    /** How often synchronisation was lost. */
    long losses() {
        return losses;
    }

    /** Bytes that belonged to no packet. */
    long skippedBytes() {
        return skippedBytes;
    }

    private int pass(ByteBuf buf, int at, int end) {
        if (gap > 0) {
            int skipped = Math.min(gap, end - at);
            gap -= skipped;
            return at + skipped;
        }
        if (heldLength > 0) {
            return complete(buf, at, end);
        }
        int next = at;
        int count = 0;
        while (end - next >= TsPacket.SIZE && buf.getByte(next) == TsPacket.SYNC) {
            next += stride;
            count++;
        }
        if (count > 0) {
            gap = Math.max(0, next - end);
            sink.onPackets(buf, at, count, stride);
            return Math.min(next, end);
        }
        if (buf.getByte(at) != TsPacket.SYNC) {
            lose();
            return at;
        }
        heldLength = end - at;
        buf.getBytes(at, held, 0, heldLength);
        return end;
    }

    private int complete(ByteBuf buf, int at, int end) {
        int taken = Math.min(TsPacket.SIZE - heldLength, end - at);
        buf.getBytes(at, held, heldLength, taken);
        heldLength += taken;
        if (heldLength == TsPacket.SIZE) {
            heldLength = 0;
            gap = stride - TsPacket.SIZE;
            sink.onPackets(heldView, 0, 1, TsPacket.SIZE);
        }
        return at + taken;
    }

    private void lose() {
        stride = 0;
        losses++;
    }

    private int search(ByteBuf buf, int at, int end) {
        if (heldLength == 0 && isAligned(buf, at, end)) {
            stride = TsPacket.SIZE;
            wasSynchronised = true;
            return at;
        }
        int taken = Math.min(held.length - heldLength, end - at);
        buf.getBytes(at, held, heldLength, taken);
        heldLength += taken;
        int from = 0;
        while (from < heldLength) {
            int found = strideAt(from);
            if (found == UNDECIDED) {
                break;
            }
            if (found != NO_STRIDE) {
                skippedBytes += skipped(from);
                stride = found;
                wasSynchronised = true;
                drain(from);
                return at + taken;
            }
            from++;
        }
        skippedBytes += skipped(from);
        keepFrom(from);
        return at + taken;
    }

    /** The arrival time in front of the very first M2TS packet is not garbage. */
    private int skipped(int bytes) {
        return wasSynchronised || bytes != 4 ? bytes : 0;
    }

    private static boolean isAligned(ByteBuf buf, int from, int to) {
        if ((to - from) % TsPacket.SIZE != 0) {
            return false;
        }
        for (int at = from; at < to; at += TsPacket.SIZE) {
            if (buf.getByte(at) != TsPacket.SYNC) {
                return false;
            }
        }
        return true;
    }

    private int strideAt(int from) {
        if (held[from] != TsPacket.SYNC) {
            return NO_STRIDE;
        }
        for (int candidate : STRIDES) {
            int second = from + candidate;
            int third = second + candidate;
            if (second < heldLength && held[second] != TsPacket.SYNC) {
                continue;
            }
            if (third >= heldLength) {
                return UNDECIDED;
            }
            if (held[third] == TsPacket.SYNC) {
                return candidate;
            }
        }
        return NO_STRIDE;
    }

    private void drain(int from) {
        int at = from;
        while (heldLength - at >= TsPacket.SIZE && held[at] == TsPacket.SYNC) {
            sink.onPackets(heldView, at, 1, TsPacket.SIZE);
            at += stride;
        }
        if (at >= heldLength) {
            gap = at - heldLength;
            heldLength = 0;
            return;
        }
        if (held[at] != TsPacket.SYNC) {
            lose();
        }
        keepFrom(at);
    }

    private void keepFrom(int from) {
        System.arraycopy(held, from, held, 0, heldLength - from);
        heldLength -= from;
    }
}
