package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

/** Takes whole RTMP messages in the order in which they end. */
@FunctionalInterface
interface MessageSink {
    /**
     * @param type of {@link MessageType}
     * @param streamId message stream id
     * @param timestampMs 32 bits, unsigned, wraps
     * @param payload the readable bytes are the message; borrowed for the call, may be written to
     */
    void onMessage(int type, int streamId, int timestampMs, ByteBuf payload)
            throws MalformedException;
}
