package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.wadi.codec.MalformedException;

/**
 * Puts messages together from chunks (§5.3). A message that lies whole in one chunk and one buffer
 * is passed where it is, in the buffer that it came in; any other is gathered in its chunk stream's
 * own buffer, which is used again. Set Chunk Size, Abort and aggregates are dealt with here. One
 * thread.
 *
 * <pre>
 * basic header:   fmt(2) csid(6): 2 to 63 | fmt(2) 0(6) csid-64(8) | fmt(2) 1(6) csid-64(16, LE)
 * message header: fmt 0: timestamp(24) length(24) type(8) streamId(32, LE)
 *                 fmt 1: delta(24) length(24) type(8)   fmt 2: delta(24)   fmt 3: nothing
 * extended timestamp(32) when the 24 bits were 0xFFFFFF
 * </pre>
 */
final class ChunkReader implements AutoCloseable {
    static final int DEFAULT_CHUNK_SIZE = 128;

    /** The length field has 24 bits; one access unit is never larger (see MediaMemory). */
    static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024 - 1;

    /** Encoders use three to eight chunk streams, multitrack ones two a track. */
    static final int MAX_CHUNK_STREAMS = 64;

    /** Two of the largest messages interleaved; what is more is an attack. */
    static final int MAX_TOTAL_BYTES = 2 * (MAX_MESSAGE_BYTES + 1);

    private static final int[] MESSAGE_HEADER_SIZE = {11, 7, 3, 0};
    private static final int EXTENDED = 0xFFFFFF;
    private static final int MAX_HEADER = 3 + 11 + 4;
    private static final int CARRY_BYTES = 2 * MAX_HEADER;
    private static final int AGGREGATE_HEADER = 11;
    private static final int AGGREGATE_BACK_POINTER = 4;

    private final ByteBufAllocator allocator;
    private final MessageSink sink;
    private final IntObjectMap<ChunkStream> streams = new IntObjectHashMap<>();

    /** The start of a header that the last buffer ended in. */
    private final ByteBuf carry = Unpooled.buffer(CARRY_BYTES, CARRY_BYTES);

    private int chunkSize = DEFAULT_CHUNK_SIZE;
    private int totalBytes;

    /** The chunk whose payload is being read, null between chunks. */
    private ChunkStream current;

    private int chunkLeft;

    ChunkReader(ByteBufAllocator allocator, MessageSink sink) {
        this.allocator = allocator;
        this.sink = sink;
    }

    /**
     * Reads on; borrows {@code in} and reads it to its end.
     *
     * @throws MalformedException when the peer breaks the protocol or a limit: the connection
     *     cannot go on
     */
    void read(ByteBuf in) throws MalformedException {
        while (in.isReadable()) {
            if (carry.isReadable()) {
                readCarried(in);
            } else {
                while (step(in)) {}
                if (in.isReadable()) {
                    carry.writeBytes(in);
                }
            }
        }
    }

    /** Reads with the new bytes behind the carried ones until the carried ones are used up. */
    private void readCarried(ByteBuf in) throws MalformedException {
        int carried = carry.readableBytes();
        int taken = Math.min(in.readableBytes(), MAX_HEADER);
        carry.writeBytes(in, in.readerIndex(), taken);
        while (carry.readerIndex() < carried && step(carry)) {}
        int used = carry.readerIndex();
        if (used >= carried) {
            in.skipBytes(used - carried);
            carry.clear();
        } else {
            in.skipBytes(taken);
            carry.discardReadBytes();
        }
    }

    /** Reads a header or a piece of payload; false when a header is not whole. */
    private boolean step(ByteBuf in) throws MalformedException {
        if (current != null) {
            payload(in);
            return in.isReadable();
        }
        return in.isReadable() && header(in);
    }

    private boolean header(ByteBuf in) throws MalformedException {
        int start = in.readerIndex();
        int first = in.getUnsignedByte(start);
        int basic = (first & 0x3F) == 0 ? 2 : (first & 0x3F) == 1 ? 3 : 1;
        int fmt = first >> 6;
        int size = basic + MESSAGE_HEADER_SIZE[fmt];
        if (in.readableBytes() < size) {
            return false;
        }
        int csid =
                switch (basic) {
                    case 1 -> first & 0x3F;
                    case 2 -> 64 + in.getUnsignedByte(start + 1);
                    default -> 64 + in.getUnsignedShortLE(start + 1);
                };
        ChunkStream stream = streams.get(csid);
        int at = start + basic;
        boolean extended =
                fmt == 3 ? stream != null && stream.extended : in.getUnsignedMedium(at) == EXTENDED;
        if (extended && in.readableBytes() < size + 4) {
            return false;
        }
        if (stream == null) {
            stream = open(csid);
        }
        check(stream, fmt);
        if (fmt == 3) {
            boolean repeated = extended && isRepeated(stream, in.getInt(start + size));
            in.skipBytes(repeated ? size + 4 : size);
        } else {
            int field = extended ? in.getInt(start + size) : in.getUnsignedMedium(at);
            fields(stream, fmt, field, extended, in, at);
            in.skipBytes(extended ? size + 4 : size);
        }
        begin(stream, fmt);
        return true;
    }

    /**
     * Type 3 chunks repeat the extended timestamp; some encoders (older FFmpeg, hardware) do not.
     * What follows is taken for it only if it is the one that is due.
     */
    private static boolean isRepeated(ChunkStream stream, int value) {
        return value == stream.timestampField || value == stream.timestamp;
    }

    private ChunkStream open(int csid) throws MalformedException {
        if (streams.size() >= MAX_CHUNK_STREAMS) {
            throw new MalformedException(
                    "RTMP chunk streams", streams.size() + 1, "at most " + MAX_CHUNK_STREAMS);
        }
        ChunkStream stream = new ChunkStream(csid);
        streams.put(csid, stream);
        return stream;
    }

    private static void check(ChunkStream stream, int fmt) throws MalformedException {
        // Some clients (librtmp) open a chunk stream with type 1; nothing but the stream id lacks.
        if (!stream.hasHeader && fmt > 1) {
            throw new MalformedException(
                    "RTMP chunk type on new chunk stream " + stream.id, fmt, "0");
        }
        if (stream.received > 0 && fmt != 3) {
            throw new MalformedException(
                    "RTMP chunk type within a message on chunk stream " + stream.id, fmt, "3");
        }
    }

    private static void fields(
            ChunkStream stream, int fmt, int field, boolean extended, ByteBuf in, int at)
            throws MalformedException {
        stream.hasHeader = true;
        stream.extended = extended;
        stream.timestampField = field;
        if (fmt < 2) {
            stream.length = in.getUnsignedMedium(at + 3);
            stream.type = in.getUnsignedByte(at + 6);
            if (stream.length > MAX_MESSAGE_BYTES) {
                throw new MalformedException(
                        "RTMP message length", stream.length, "at most " + MAX_MESSAGE_BYTES);
            }
        }
        if (fmt == 0) {
            stream.streamId = in.getIntLE(at + 7);
            stream.timestamp = field;
        } else {
            stream.timestamp += field;
        }
    }

    private void begin(ChunkStream stream, int fmt) throws MalformedException {
        if (stream.received == 0 && fmt == 3) {
            // A new message with everything as before, the delta too (§5.3.1.2.4).
            stream.timestamp += stream.timestampField;
        }
        chunkLeft = Math.min(chunkSize, stream.length - stream.received);
        if (chunkLeft == 0) {
            deliver(stream, Unpooled.EMPTY_BUFFER);
        } else {
            current = stream;
        }
    }

    private void payload(ByteBuf in) throws MalformedException {
        ChunkStream stream = current;
        boolean whole = stream.received == 0 && chunkLeft == stream.length;
        if (whole && in.readableBytes() >= chunkLeft) {
            int start = in.readerIndex();
            int end = in.writerIndex();
            current = null;
            try {
                deliver(stream, in.writerIndex(start + stream.length));
            } finally {
                in.setIndex(start + stream.length, end);
            }
            return;
        }
        int bytes = Math.min(chunkLeft, in.readableBytes());
        totalBytes += stream.append(in, bytes, allocator);
        if (totalBytes > MAX_TOTAL_BYTES) {
            throw new MalformedException(
                    "RTMP messages under way", totalBytes, "at most " + MAX_TOTAL_BYTES + " bytes");
        }
        chunkLeft -= bytes;
        if (chunkLeft == 0) {
            current = null;
            if (stream.received == stream.length) {
                deliver(stream, stream.message());
                totalBytes -= stream.reset();
            }
        }
    }

    private void deliver(ChunkStream stream, ByteBuf message) throws MalformedException {
        switch (stream.type) {
            case MessageType.SET_CHUNK_SIZE -> setChunkSize(message);
            case MessageType.ABORT -> abort(message);
            case MessageType.AGGREGATE -> aggregate(stream, message);
            default -> sink.onMessage(stream.type, stream.streamId, stream.timestamp, message);
        }
    }

    private void setChunkSize(ByteBuf message) throws MalformedException {
        need("Set Chunk Size", message, 4);
        int size = message.readInt();
        if (size < 1) {
            throw new MalformedException("RTMP chunk size", size, "1 to 2147483647");
        }
        // No message is longer than 24 bits say, so anything above means "never cut" (§5.4.1).
        chunkSize = size;
    }

    private void abort(ByteBuf message) throws MalformedException {
        need("Abort Message", message, 4);
        ChunkStream stream = streams.get(message.readInt());
        if (stream != null && stream.type != MessageType.ABORT) {
            totalBytes -= stream.reset();
        }
    }

    /** FLV tags with their back pointers; the first one's time is the message's (§7.1.6). */
    private void aggregate(ChunkStream stream, ByteBuf message) throws MalformedException {
        int shift = 0;
        for (boolean first = true; message.readableBytes() >= AGGREGATE_HEADER; first = false) {
            int type = message.readUnsignedByte();
            int size = message.readUnsignedMedium();
            int time = message.readUnsignedMedium() | message.readUnsignedByte() << 24;
            message.skipBytes(3); // stream id: the aggregate's holds
            need("RTMP aggregate message", message, size);
            if (first) {
                shift = stream.timestamp - time;
            }
            int start = message.readerIndex();
            int end = message.writerIndex();
            if (type == MessageType.AUDIO
                    || type == MessageType.VIDEO
                    || type == MessageType.DATA_AMF0) {
                message.writerIndex(start + size);
                sink.onMessage(type, stream.streamId, time + shift, message);
            }
            message.setIndex(Math.min(start + size + AGGREGATE_BACK_POINTER, end), end);
        }
    }

    private static void need(String what, ByteBuf message, int bytes) throws MalformedException {
        if (message.readableBytes() < bytes) {
            throw new MalformedException(
                    what, message.readableBytes() + " bytes", bytes + " bytes");
        }
    }

    /** Memory of messages under way and kept buffers. */
    int totalBytes() {
        return totalBytes;
    }

    int chunkSize() {
        return chunkSize;
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        streams.values().forEach(ChunkStream::release);
        streams.clear();
        current = null;
        totalBytes = 0;
    }
}
