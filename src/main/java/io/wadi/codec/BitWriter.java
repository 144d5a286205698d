package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/** Writes bits, most significant first, to a buffer that it borrows. */
final class BitWriter {
    private final ByteBuf out;
    private long pending;
    private int bits;

    BitWriter(ByteBuf out) {
        this.out = out;
    }

    /**
     * @param n 0 to 32
     */
    BitWriter bits(int n, long value) {
        for (int i = n - 1; i >= 0; i--) {
            pending = (pending << 1) | ((value >> i) & 1);
            if (++bits == 8) {
                out.writeByte((int) pending);
                pending = 0;
                bits = 0;
            }
        }
        return this;
    }

    BitWriter flag(boolean value) {
        return bits(1, value ? 1 : 0);
    }

    /** Fills the current byte with zero bits. */
    BitWriter align() {
        return bits(-bits & 7, 0);
    }
}
