package io.wadi.flv;

import io.netty.buffer.ByteBuf;

/**
 * Headers of an FLV file and of its tags, and the back pointers between them (Annex E.2 to E.4).
 *
 * <pre>
 * file: "FLV" version=1(8) 00000(5) audio(1) 0(1) video(1) headerSize=9(32), then backPointer=0(32)
 * tag:  00(2) filter(1) type(5) size(24) timestamp(24) timestampHigh(8) streamId=0(24) body
 *       backPointer=11+size(32)
 * </pre>
 */
public final class FlvTags {
    public static final int AUDIO = 8;
    public static final int VIDEO = 9;
    public static final int SCRIPT = 18;

    public static final int FILE_HEADER_SIZE = 9;
    public static final int TAG_HEADER_SIZE = 11;
    public static final int BACK_POINTER_SIZE = 4;

    static final int SIGNATURE = 'F' << 16 | 'L' << 8 | 'V';

    private FlvTags() {}

    /** Writes the file header and the first back pointer; borrows {@code out}. */
    public static void writeFileHeader(boolean audio, boolean video, ByteBuf out) {
        out.writeMedium(SIGNATURE).writeByte(1).writeByte((audio ? 4 : 0) | (video ? 1 : 0));
        out.writeInt(FILE_HEADER_SIZE).writeInt(0);
    }

    /** Writes a tag's header; a body of {@code size} bytes and the back pointer follow. */
    public static void writeTagHeader(int type, int size, int timestampMs, ByteBuf out) {
        if (size < 0 || size > 0xFFFFFF) {
            throw new IllegalArgumentException(
                    "an FLV tag of " + size + " bytes, expected at most " + 0xFFFFFF);
        }
        out.writeByte(type).writeMedium(size);
        out.writeMedium(timestampMs).writeByte(timestampMs >>> 24).writeMedium(0);
    }

    public static void writeBackPointer(int bodySize, ByteBuf out) {
        out.writeInt(TAG_HEADER_SIZE + bodySize);
    }

    /** Writes a whole tag; borrows {@code body} and leaves its indices alone. */
    public static void writeTag(int type, int timestampMs, ByteBuf body, ByteBuf out) {
        int size = body.readableBytes();
        writeTagHeader(type, size, timestampMs, out);
        out.writeBytes(body, body.readerIndex(), size);
        writeBackPointer(size, out);
    }
}
