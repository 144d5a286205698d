package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;

/**
 * Writes boxes into a buffer: a box is opened, its body written, its size filled in when it is
 * closed (ISO/IEC 14496-12 §4.2). All methods borrow the buffer.
 */
final class BoxWriter {
    static final int HEADER_SIZE = 8;

    private BoxWriter() {}

    /** Opens a box; returns what {@link #end} needs. */
    static int begin(ByteBuf out, int type) {
        int start = out.writerIndex();
        out.writeInt(0).writeInt(type);
        return start;
    }

    /** Opens a full box. */
    static int begin(ByteBuf out, int type, int version, int flags) {
        int start = begin(out, type);
        out.writeInt((version << 24) | flags);
        return start;
    }

    static void end(ByteBuf out, int start) {
        out.setInt(start, out.writerIndex() - start);
    }
}
