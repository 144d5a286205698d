package io.wadi.matroska;

import io.netty.buffer.ByteBuf;
import io.netty.util.CharsetUtil;

/**
 * Writes EBML elements into a buffer: ID, size, body (RFC 8794 §3). An element is opened, its body
 * written, its size filled in when it is closed. All methods borrow the buffer.
 */
final class EbmlWriter {
    /** Sizes are written with eight bytes, so that any fits in what was left free for it. */
    static final int SIZE_BYTES = Long.BYTES;

    /** VINT_MARKER of a size of eight bytes (RFC 8794 §4). */
    private static final long MARKER_8 = 1L << 56;

    /** All VINT_DATA bits one: the element ends where its parent or the stream does (§6.2). */
    private static final long UNKNOWN_SIZE = MARKER_8 | (MARKER_8 - 1);

    private EbmlWriter() {}

    /** Opens an element; returns what {@link #end} needs. */
    static int begin(ByteBuf out, int id) {
        writeId(out, id);
        out.writeLong(0);
        return out.writerIndex();
    }

    static void end(ByteBuf out, int body) {
        out.setLong(body - SIZE_BYTES, MARKER_8 | (out.writerIndex() - body));
    }

    /** Opens an element that nobody closes. */
    static void beginEndless(ByteBuf out, int id) {
        writeId(out, id);
        out.writeLong(UNKNOWN_SIZE);
    }

    /** ID and size of an element whose body follows. */
    static void writeHead(ByteBuf out, int id, long size) {
        writeId(out, id);
        out.writeLong(MARKER_8 | size);
    }

    static void write(ByteBuf out, int id, long value) {
        writeHead(out, id, Long.BYTES);
        out.writeLong(value);
    }

    static void write(ByteBuf out, int id, double value) {
        writeHead(out, id, Double.BYTES);
        out.writeDouble(value);
    }

    static void write(ByteBuf out, int id, String ascii) {
        writeHead(out, id, ascii.length());
        out.writeCharSequence(ascii, CharsetUtil.US_ASCII);
    }

    static void write(ByteBuf out, int id, byte[] bytes) {
        writeHead(out, id, bytes.length);
        out.writeBytes(bytes);
    }

    /** Bytes of an ID, which has its VINT_MARKER in it. */
    static int idBytes(int id) {
        return Integer.BYTES - Integer.numberOfLeadingZeros(id) / Byte.SIZE;
    }

    private static void writeId(ByteBuf out, int id) {
        for (int shift = (idBytes(id) - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            out.writeByte(id >> shift);
        }
    }
}
