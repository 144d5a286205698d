package io.wadi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.util.Arrays;

/**
 * The decoder configuration of a track, as the ISO base media file format stores it: the body of
 * {@code avcC}, {@code hvcC}, {@code av1C}, {@code vpcC}, {@code dac3}, {@code dec3}, {@code dOps}
 * or {@code dfLa}, the AudioSpecificConfig for AAC, empty for MP3. Immutable, compared by content.
 */
public final class CodecConfig {
    public static final CodecConfig EMPTY = new CodecConfig(new byte[0]);

    private final byte[] bytes;

    private CodecConfig(byte[] bytes) {
        this.bytes = bytes;
    }

    public static CodecConfig copyOf(byte[] bytes) {
        return new CodecConfig(bytes.clone());
    }

    /** Copies the readable bytes; borrows {@code bytes} and leaves its indices alone. */
    public static CodecConfig copyOf(ByteBuf bytes) {
        return new CodecConfig(ByteBufUtil.getBytes(bytes));
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

    @Override
    public boolean equals(Object other) {
        return other instanceof CodecConfig that && Arrays.equals(bytes, that.bytes);
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
