package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** What is remembered of one chunk stream, and the message that is being put together on it. */
final class ChunkStream {
    /** A buffer above this is given back after its message: key pictures are rare. */
    private static final int KEPT_BYTES = 256 * 1024;

    private static final int FIRST_BYTES = 4096;

    final int id;
    boolean hasHeader;
    int timestamp;

    /** The timestamp or delta as the last header of type 0, 1 or 2 had it. */
    int timestampField;

    boolean extended;
    int length;
    int type;
    int streamId;

    /** Bytes of the message that have come, 0 when the next chunk starts one. */
    int received;

    private ByteBuf message;

    ChunkStream(int id) {
        this.id = id;
    }

    /** Bytes of memory that the message under way takes. */
    int capacity() {
        return message == null ? 0 : message.capacity();
    }

    /**
     * Appends to the message; memory grows with what arrives, not with what was announced.
     *
     * @param in borrowed
     * @return bytes of memory taken in addition
     */
    int append(ByteBuf in, int bytes, ByteBufAllocator allocator) {
        int before = capacity();
        if (message == null) {
            message = allocator.directBuffer(Math.max(bytes, Math.min(length, FIRST_BYTES)));
        }
        message.writeBytes(in, bytes);
        received += bytes;
        return message.capacity() - before;
    }

    /** The message put together so far; borrowed. */
    ByteBuf message() {
        return message;
    }

    /**
     * Makes ready for the next message.
     *
     * @return bytes of memory given back
     */
    int reset() {
        received = 0;
        if (message == null) {
            return 0;
        }
        int capacity = message.capacity();
        if (capacity > KEPT_BYTES) {
            return release();
        }
        message.clear();
        return 0;
    }

    int release() {
        received = 0;
        if (message == null) {
            return 0;
        }
        int capacity = message.capacity();
        message.release();
        message = null;
        return capacity;
    }
}
