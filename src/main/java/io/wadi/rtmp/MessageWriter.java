package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;

import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the control and command messages of a server into one buffer, as chunks. */
final class MessageWriter {
    /** User control event types (§7.1.7). */
    static final int STREAM_BEGIN = 0;

    static final int STREAM_EOF = 1;
    static final int PING_REQUEST = 6;
    static final int PING_RESPONSE = 7;

    /** Set Peer Bandwidth, limit type dynamic (§5.4.5). */
    private static final int DYNAMIC = 2;

    private final ChunkWriter chunks = new ChunkWriter();

    void setChunkSize(int size, ByteBuf out) {
        control(MessageType.SET_CHUNK_SIZE, size, out);
        chunks.setChunkSize(size);
    }

    void acknowledgement(long bytes, ByteBuf out) {
        control(MessageType.ACKNOWLEDGEMENT, (int) bytes, out);
    }

    void windowAcknowledgementSize(int bytes, ByteBuf out) {
        control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, bytes, out);
    }

    void setPeerBandwidth(int bytes, ByteBuf out) {
        ByteBuf payload = out.alloc().heapBuffer(8).writeInt(bytes).writeByte(DYNAMIC);
        send(ChunkWriter.CONTROL_CHUNK_STREAM, MessageType.SET_PEER_BANDWIDTH, 0, payload, out);
    }

    void userControl(int event, int value, ByteBuf out) {
        ByteBuf payload = out.alloc().heapBuffer(8).writeShort(event).writeInt(value);
        send(ChunkWriter.CONTROL_CHUNK_STREAM, MessageType.USER_CONTROL, 0, payload, out);
    }

    /** Writes a command: its name, the transaction and the other values. */
    void command(
            int streamId, ByteBuf out, String name, double transaction, AmfValue... arguments) {
        ByteBuf payload = out.alloc().heapBuffer(512);
        Amf0.write(AmfValue.of(name), payload);
        Amf0.write(AmfValue.of(transaction), payload);
        for (AmfValue argument : arguments) {
            Amf0.write(argument, payload);
        }
        int chunkStream =
                streamId == 0 ? ChunkWriter.COMMAND_CHUNK_STREAM : ChunkWriter.STATUS_CHUNK_STREAM;
        send(chunkStream, MessageType.COMMAND_AMF0, streamId, payload, out);
    }

    /** Writes an {@code onStatus} or a like command. */
    void status(int streamId, ByteBuf out, String command, String level, String code, String text) {
        command(streamId, out, command, 0, new AmfValue.Null(), info(level, code, text));
    }

    static AmfValue info(String level, String code, String description) {
        Map<String, AmfValue> info = new LinkedHashMap<>();
        info.put("level", AmfValue.of(level));
        info.put("code", AmfValue.of(code));
        info.put("description", AmfValue.of(description));
        return new AmfValue.Obj(info);
    }

    private void control(int type, int value, ByteBuf out) {
        ByteBuf payload = out.alloc().heapBuffer(4).writeInt(value);
        send(ChunkWriter.CONTROL_CHUNK_STREAM, type, 0, payload, out);
    }

    private void send(int chunkStream, int type, int streamId, ByteBuf payload, ByteBuf out) {
        try {
            chunks.write(chunkStream, type, streamId, 0, payload, out);
        } finally {
            payload.release();
        }
    }
}
