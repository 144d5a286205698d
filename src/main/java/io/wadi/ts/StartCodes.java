package io.wadi.ts;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds the start code prefixes 00 00 01 of an Annex B byte stream, eight bytes at a time. */
final class StartCodes {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private StartCodes() {}

    /** The index of the first 00 of the next 00 00 01, or {@code to} when there is none. */
    static int next(byte[] bytes, int from, int to) {
        int at = from;
        int last = to - 3;
        while (at <= last) {
            if (at + Long.BYTES <= to) {
                long eight = (long) LONGS.get(bytes, at);
                if ((eight - ONES & ~eight & HIGH_BITS) == 0) { // none of the eight is zero
                    at += Long.BYTES;
                    continue;
                }
            }
            int stop = Math.min(at + Long.BYTES, last + 1);
            for (; at < stop; at++) {
                if (bytes[at] == 0 && bytes[at + 1] == 0 && bytes[at + 2] == 1) {
                    return at;
                }
            }
        }
        return to;
    }
}
