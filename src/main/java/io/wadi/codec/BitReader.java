package io.wadi.codec;

import io.netty.buffer.ByteBuf;

import java.util.Objects;

/**
 * Reads bits, most significant first, from a part of a buffer that it borrows and whose indices it
 * leaves alone. Reading past the end is a {@link MalformedException}. The RBSP variant drops
 * emulation_prevention_three_bytes (H.264 §7.3.1, H.265 §7.3.1.1).
 */
public final class BitReader {
    private final String what;
    private final ByteBuf buf;
    private final int start;
    private final int end;
    private final boolean rbsp;

    private int index;
    private int current;
    private int left;
    private int zeros;

    private BitReader(String what, ByteBuf buf, int index, int length, boolean rbsp) {
        Objects.checkFromIndexSize(index, length, buf.capacity());
        this.what = what;
        this.buf = buf;
        this.start = index;
        this.index = index;
        this.end = index + length;
        this.rbsp = rbsp;
    }

    /**
     * Reads plain bytes.
     *
     * @param what the structure, for error messages
     */
    public static BitReader of(String what, ByteBuf buf, int index, int length) {
        return new BitReader(what, buf, index, length, false);
    }

    /** Reads the readable bytes. */
    public static BitReader of(String what, ByteBuf buf) {
        return of(what, buf, buf.readerIndex(), buf.readableBytes());
    }

    /** Reads a NAL unit (its header included) without its emulation prevention bytes. */
    public static BitReader ofNalUnit(String what, ByteBuf buf, int index, int length) {
        return new BitReader(what, buf, index, length, true);
    }

    /**
     * @param n 0 to 31
     */
    public int bits(int n) throws MalformedException {
        return (int) bitsLong(n);
    }

    /**
     * @param n 0 to 63
     */
    public long bitsLong(int n) throws MalformedException {
        long value = 0;
        int missing = n;
        while (missing > 0) {
            if (left == 0) {
                load(missing);
            }
            int take = Math.min(missing, left);
            left -= take;
            value = (value << take) | ((current >> left) & ((1 << take) - 1));
            missing -= take;
        }
        return value;
    }

    public boolean flag() throws MalformedException {
        return bitsLong(1) != 0;
    }

    public void skip(int n) throws MalformedException {
        for (int missing = n; missing > 0; missing -= 32) {
            bitsLong(Math.min(missing, 32));
        }
    }

    /** Moves to the next byte boundary. */
    public void align() {
        left = 0;
    }

    /** ue(v), H.264 §9.1, of at most 32 bits: 0 to 2^32-2. */
    public long ue() throws MalformedException {
        int leadingZeros = 0;
        while (!flag()) {
            if (++leadingZeros > 31) {
                throw new MalformedException(
                        what + " Exp-Golomb code at byte " + position(),
                        "more than 31 leading zeros",
                        "at most 31");
            }
        }
        return (1L << leadingZeros) - 1 + bitsLong(leadingZeros);
    }

    /** ue(v) of at most {@code max}. */
    public int ue(String field, int max) throws MalformedException {
        long value = ue();
        if (value > max) {
            throw new MalformedException(what + " " + field, value, "0 to " + max);
        }
        return (int) value;
    }

    /** se(v), H.264 §9.1.1. */
    public long se() throws MalformedException {
        long code = ue();
        return (code & 1) != 0 ? (code + 1) >> 1 : -(code >> 1);
    }

    /** se(v) within {@code min} and {@code max}. */
    public int se(String field, int min, int max) throws MalformedException {
        long value = se();
        if (value < min || value > max) {
            throw new MalformedException(what + " " + field, value, min + " to " + max);
        }
        return (int) value;
    }

    /** Bits not yet read, emulation prevention bytes among them in the RBSP variant. */
    public int bitsLeft() {
        return (end - index) * 8 + left;
    }

    /** Bytes taken from the start, the one being read included. */
    public int position() {
        return index - start;
    }

    private void load(int missing) throws MalformedException {
        int next = take(missing);
        if (rbsp) {
            if (zeros >= 2 && next == 3) {
                zeros = 0;
                next = take(missing);
            }
            zeros = next == 0 ? zeros + 1 : 0;
        }
        current = next;
        left = 8;
    }

    private int take(int missing) throws MalformedException {
        if (index >= end) {
            throw new MalformedException(
                    what, "end of data at byte " + position(), missing + " more bits");
        }
        return buf.getByte(index++) & 0xFF;
    }
}
