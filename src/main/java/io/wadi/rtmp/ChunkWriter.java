package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;

/**
 * Cuts messages into chunks: a header of type 0, then type 3. Control and command messages are few;
 * a full header on each keeps them independent of each other. Pure.
 */
final class ChunkWriter {
    /** Above every command that is sent, so that one message is one chunk (§5.4.1). */
    static final int OUT_CHUNK_SIZE = 64 * 1024;

    static final int CONTROL_CHUNK_STREAM = 2;
    static final int COMMAND_CHUNK_STREAM = 3;
    static final int STATUS_CHUNK_STREAM = 5;

    private static final int EXTENDED = 0xFFFFFF;

    private int chunkSize = ChunkReader.DEFAULT_CHUNK_SIZE;

    /** Holds for the messages after the Set Chunk Size that announced it. */
    void setChunkSize(int chunkSize) {
        this.chunkSize = chunkSize;
    }

    /**
     * Writes a message.
     *
     * @param chunkStreamId 2 to 65599
     * @param payload the readable bytes; borrowed, read to the end
     * @param out borrowed
     */
    void write(
            int chunkStreamId,
            int type,
            int streamId,
            int timestampMs,
            ByteBuf payload,
            ByteBuf out) {
        boolean extended = Integer.compareUnsigned(timestampMs, EXTENDED) >= 0;
        basicHeader(0, chunkStreamId, out);
        out.writeMedium(extended ? EXTENDED : timestampMs);
        out.writeMedium(payload.readableBytes()).writeByte(type).writeIntLE(streamId);
        if (extended) {
            out.writeInt(timestampMs);
        }
        out.writeBytes(payload, Math.min(chunkSize, payload.readableBytes()));
        while (payload.isReadable()) {
            basicHeader(3, chunkStreamId, out);
            if (extended) {
                out.writeInt(timestampMs);
            }
            out.writeBytes(payload, Math.min(chunkSize, payload.readableBytes()));
        }
    }

    private static void basicHeader(int fmt, int chunkStreamId, ByteBuf out) {
        if (chunkStreamId < 64) {
            out.writeByte(fmt << 6 | chunkStreamId);
        } else if (chunkStreamId < 64 + 256) {
            out.writeByte(fmt << 6).writeByte(chunkStreamId - 64);
        } else {
            out.writeByte(fmt << 6 | 1).writeShortLE(chunkStreamId - 64);
        }
    }
}
