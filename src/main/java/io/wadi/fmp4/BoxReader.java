package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

/**
 * Walks the boxes in a range of a buffer, checking each size against the range before it is used.
 * Borrows the buffer, reads by absolute index and allocates only in {@link #children}.
 *
 * <pre>{@code
 * while (boxes.next()) {
 *     switch on boxes.type(), read from boxes.bodyStart() to boxes.end(), or go into boxes.children(0)
 * }
 * }</pre>
 */
public final class BoxReader {
    /** Boxes in boxes: moov/trak/mdia/minf/stbl/stsd/avc1/avcC is 8. */
    public static final int MAX_DEPTH = 12;

    /** Boxes in one container: a crafted file of empty boxes must not keep a thread busy. */
    public static final int MAX_BOXES = 65_536;

    private static final int HEADER_SIZE = 8;
    private static final int LARGE_HEADER_SIZE = 16;
    private static final int SIZE_TO_END = 0;
    private static final int SIZE_IS_64_BIT = 1;
    private static final int FULL_BOX_HEADER = 4;

    private final ByteBuf buf;
    private final int to;
    private final int depth;
    private int start;
    private int bodyStart;
    private int end;
    private int type;
    private int seen;

    /** All readable bytes of {@code buf}, which stays as it is. */
    public BoxReader(ByteBuf buf) {
        this(buf, buf.readerIndex(), buf.writerIndex(), 0);
    }

    private BoxReader(ByteBuf buf, int from, int to, int depth) {
        this.buf = buf;
        this.end = from;
        this.to = to;
        this.depth = depth;
    }

    /**
     * Goes to the next box.
     *
     * @return false at the end of the range
     */
    public boolean next() throws MalformedException {
        if (end == to) {
            return false;
        }
        start = end;
        if (to - start < HEADER_SIZE) {
            throw new MalformedException(
                    "box header at byte " + start, to - start, "at least 8 bytes");
        }
        if (++seen > MAX_BOXES) {
            throw new MalformedException("boxes in a box", seen, "at most " + MAX_BOXES);
        }
        type = buf.getInt(start + 4);
        bodyStart = start + HEADER_SIZE;
        long size = buf.getUnsignedInt(start);
        if (size == SIZE_TO_END) {
            size = (long) to - start;
        } else if (size == SIZE_IS_64_BIT) {
            if (to - start < LARGE_HEADER_SIZE) {
                throw new MalformedException(
                        "large size of box " + name(), to - start, "at least 16 bytes");
            }
            size = buf.getLong(start + HEADER_SIZE);
            bodyStart = start + LARGE_HEADER_SIZE;
        }
        if (size < bodyStart - start || size > to - start) {
            throw new MalformedException(
                    "size of box " + name(), size, bodyStart - start + " to " + (to - start));
        }
        end = start + (int) size;
        return true;
    }

    private String name() {
        return FourCc.toString(type) + " at byte " + start;
    }

    /** The {@link FourCc} of the box. */
    public int type() {
        return type;
    }

    /** Index of the box's first byte. */
    public int start() {
        return start;
    }

    /** Index of the first byte after size and type. */
    public int bodyStart() {
        return bodyStart;
    }

    /** Index after the box's last byte. */
    public int end() {
        return end;
    }

    public int bodySize() {
        return end - bodyStart;
    }

    /** Checks that the body has at least {@code bytes}; returns {@link #bodyStart}. */
    public int require(int bytes) throws MalformedException {
        if (bodySize() < bytes) {
            throw new MalformedException(
                    "body of box " + name(), bodySize(), "at least " + bytes + " bytes");
        }
        return bodyStart;
    }

    /** The version of a full box. */
    public int version() throws MalformedException {
        return buf.getUnsignedByte(require(FULL_BOX_HEADER));
    }

    /** The flags of a full box. */
    public int flags() throws MalformedException {
        return buf.getUnsignedMedium(require(FULL_BOX_HEADER) + 1);
    }

    /**
     * The boxes in this box.
     *
     * @param skip bytes of fields before the first of them
     */
    public BoxReader children(int skip) throws MalformedException {
        if (depth + 1 > MAX_DEPTH) {
            throw new MalformedException(
                    "depth of box " + name(), depth + 1, "at most " + MAX_DEPTH);
        }
        return new BoxReader(buf, require(skip) + skip, end, depth + 1);
    }
}
