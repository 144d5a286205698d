package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.wadi.codec.MalformedException;

/**
 * Reads an FLV file or stream as its bytes come. Whole tags in one buffer are passed without a
 * copy; a tag cut by the end of a buffer is gathered in one that is reused. One thread.
 */
public final class FlvReader implements AutoCloseable {
    /** Takes tags. */
    @FunctionalInterface
    public interface TagSink {
        /**
         * @param type of {@link FlvTags}
         * @param timestampMs 32 bits, unsigned, wraps
         * @param body the readable bytes are the tag's body; borrowed for the call
         */
        void onTag(int type, int timestampMs, ByteBuf body) throws MalformedException;
    }

    /** A file header may be longer than it needs to be, but not without end. */
    private static final int MAX_FILE_HEADER = 1024;

    private static final int FIRST_GATHER = 4096;
    private static final int KEPT_GATHER = 1024 * 1024;

    private final ByteBufAllocator allocator;
    private final TagSink sink;
    private ByteBuf gathered;
    private boolean headerRead;
    private boolean broken;

    public FlvReader(ByteBufAllocator allocator, TagSink sink) {
        this.allocator = allocator;
        this.sink = sink;
    }

    /**
     * Reads on; borrows {@code in} and reads it to its end.
     *
     * @throws MalformedException when this is no FLV; nothing more can be read after that
     */
    public void read(ByteBuf in) throws MalformedException {
        if (broken) {
            throw new MalformedException("FLV", "more bytes", "nothing after a broken tag");
        }
        try {
            while (in.isReadable()) {
                if (gathered == null || !gathered.isReadable()) {
                    while (step(in)) {}
                }
                gather(in);
            }
        } catch (MalformedException e) {
            broken = true;
            throw e;
        }
    }

    /** Moves what is missing for the next step, and no more, behind what was gathered. */
    private void gather(ByteBuf in) throws MalformedException {
        while (in.isReadable()) {
            int have = gathered == null ? 0 : gathered.readableBytes();
            int missing = needed(have) - have;
            int length = Math.min(missing, in.readableBytes());
            if (gathered == null) {
                gathered = allocator.directBuffer(FIRST_GATHER);
            }
            gathered.writeBytes(in, length);
            if (length == missing && step(gathered)) {
                gathered.clear();
                if (gathered.capacity() > KEPT_GATHER) {
                    close();
                }
                return;
            }
        }
    }

    /** How many bytes the next step needs as far as can be told with {@code have} gathered. */
    private int needed(int have) throws MalformedException {
        if (!headerRead) {
            return have < FlvTags.FILE_HEADER_SIZE
                    ? FlvTags.FILE_HEADER_SIZE
                    : headerSize(gathered) + FlvTags.BACK_POINTER_SIZE;
        }
        return have < FlvTags.TAG_HEADER_SIZE ? FlvTags.TAG_HEADER_SIZE : tagSize(gathered);
    }

    /** Reads the file header or a tag if it is whole. */
    private boolean step(ByteBuf in) throws MalformedException {
        if (!headerRead) {
            return fileHeader(in);
        }
        if (in.readableBytes() < FlvTags.TAG_HEADER_SIZE) {
            return false;
        }
        int total = tagSize(in);
        if (in.readableBytes() < total) {
            return false;
        }
        int start = in.readerIndex();
        int type = in.getUnsignedByte(start) & 0x1F;
        int timestamp = in.getUnsignedMedium(start + 4) | in.getByte(start + 7) << 24;
        int size = total - FlvTags.TAG_HEADER_SIZE - FlvTags.BACK_POINTER_SIZE;
        ByteBuf body = in.slice(start + FlvTags.TAG_HEADER_SIZE, size);
        in.skipBytes(total);
        sink.onTag(type, timestamp, body);
        return true;
    }

    private boolean fileHeader(ByteBuf in) throws MalformedException {
        if (in.readableBytes() < FlvTags.FILE_HEADER_SIZE) {
            return false;
        }
        int size = headerSize(in) + FlvTags.BACK_POINTER_SIZE;
        if (in.readableBytes() < size) {
            return false;
        }
        in.skipBytes(size);
        headerRead = true;
        return true;
    }

    private static int headerSize(ByteBuf in) throws MalformedException {
        int start = in.readerIndex();
        int signature = in.getUnsignedMedium(start);
        if (signature != FlvTags.SIGNATURE) {
            throw new MalformedException(
                    "FLV signature", Integer.toHexString(signature), "464c56 (\"FLV\")");
        }
        long size = in.getUnsignedInt(start + 5);
        if (size < FlvTags.FILE_HEADER_SIZE || size > MAX_FILE_HEADER) {
            throw new MalformedException(
                    "FLV header size", size, FlvTags.FILE_HEADER_SIZE + " to " + MAX_FILE_HEADER);
        }
        return (int) size;
    }

    private static int tagSize(ByteBuf in) throws MalformedException {
        int start = in.readerIndex();
        int type = in.getUnsignedByte(start);
        if ((type & 0xC0) != 0) {
            throw new MalformedException("FLV tag type", type, "8, 9 or 18");
        }
        return FlvTags.TAG_HEADER_SIZE
                + in.getUnsignedMedium(start + 1)
                + FlvTags.BACK_POINTER_SIZE;
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }
}
