package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.util.Arrays;

/** One stored NAL unit: header and payload, no start code. Immutable, compared by content. */
public final class NalUnit {
    private final byte[] bytes;

    private NalUnit(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Copies; borrows {@code buf}, absolute indices. */
    public static NalUnit copyOf(ByteBuf buf, int index, int length) {
        return new NalUnit(ByteBufUtil.getBytes(buf, index, length, true));
    }

    public static NalUnit copyOf(byte[] bytes) {
        return new NalUnit(bytes.clone());
    }

    public int length() {
        return bytes.length;
    }

    public int unsignedByte(int index) {
        return bytes[index] & 0xFF;
    }

    public byte[] toArray() {
        return bytes.clone();
    }

    public void writeTo(ByteBuf out) {
        out.writeBytes(bytes);
    }

    boolean sameAs(ByteBuf buf, int index, int length) {
        if (length != bytes.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buf.getByte(index + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    BitReader reader(String what) {
        return BitReader.ofNalUnit(what, Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NalUnit that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return ByteBufUtil.hexDump(bytes);
    }
}
