package io.wadi.rtmp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * H.264 pictures whose every byte follows from their number, so that a viewer can tell whether it
 * got each of them, whole. No byte is zero, so that they are the same in every container.
 */
final class NumberedFrames {
    static final int SIZE = 4096;

    private static final String CONFIG =
            "17000000000142c00cffe100196742c00cd901419f9f011000000300100000030320f142a480"
                    + "01000568cb83cb20";

    /** NAL unit header, and first_mb_in_slice 0, slice_type 7, pic_parameter_set_id 0. */
    private static final int NAL_HEADER = 3;

    private static final int DIGITS = 8;

    /** The newest of them, made once and compared with what many viewers get. */
    private static final Map<Integer, ByteBuf> MADE =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Integer, ByteBuf> eldest) {
                    return size() > MAX_MADE;
                }
            };

    private static final int MAX_MADE = 256;

    private NumberedFrames() {}

    static ByteBuf sequenceHeader() {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(CONFIG));
    }

    /** The NAL unit with a number, shared; for one thread. */
    static ByteBuf expected(int number, int gop) {
        return MADE.computeIfAbsent(number, key -> nal(key, gop));
    }

    /** The NAL unit with a number; an IDR picture starts each group of {@code gop}. */
    static ByteBuf nal(int number, int gop) {
        ByteBuf nal = Unpooled.buffer(SIZE);
        nal.writeByte(number % gop == 0 ? 0x65 : 0x41).writeShort(0x8884);
        nal.writeCharSequence("%08x".formatted(number), US_ASCII);
        while (nal.isWritable() && nal.writerIndex() < SIZE) {
            nal.writeByte('a' + (number + nal.writerIndex()) % 26);
        }
        return nal;
    }

    /** The body of the FLV tag with a number. */
    static ByteBuf tag(int number, int gop) {
        ByteBuf tag = Unpooled.buffer(SIZE + 9);
        tag.writeByte(number % gop == 0 ? 0x17 : 0x27).writeByte(1).writeMedium(0);
        return tag.writeInt(SIZE).writeBytes(nal(number, gop));
    }

    /** The number that the NAL unit at an offset says it has. */
    static int number(ByteBuf from, int nal) {
        return Integer.parseInt(from.toString(nal + NAL_HEADER, DIGITS, US_ASCII), 16);
    }

    static boolean isSlice(int header) {
        return (header & 0x1F) == 1 || (header & 0x1F) == 5;
    }
}
