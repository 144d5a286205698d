package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.fanout.Preamble;

import java.util.function.Supplier;

/**
 * What one player gets before the messages that all share: metadata, sequence headers, and with
 * them the time from which the shared messages count on. The player's time starts at zero and goes
 * on over a cut.
 */
final class PlayOpening implements Preamble {
    private static final int METADATA_CHUNK_STREAM = 5;

    private final int streamId;
    private final Supplier<RtmpPackager.Headers> headers;
    private final Runnable needsEnhanced;
    private final boolean enhanced;
    private final ChunkWriter chunks = new ChunkWriter();
    private long startMs;

    /**
     * @param streamId the player's message stream
     * @param enhanced whether the player announced Enhanced RTMP
     * @param needsEnhanced called when the stream cannot be played without
     */
    PlayOpening(
            int streamId,
            boolean enhanced,
            Supplier<RtmpPackager.Headers> headers,
            Runnable needsEnhanced) {
        this.streamId = streamId;
        this.enhanced = enhanced;
        this.headers = headers;
        this.needsEnhanced = needsEnhanced;
        chunks.setChunkSize(ChunkWriter.OUT_CHUNK_SIZE);
    }

    @Override
    public ByteBuf before(long videoMs, long audioMs, boolean again) {
        RtmpPackager.Headers now = headers.get();
        if (now.isEnhanced() && !enhanced) {
            needsEnhanced.run();
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf out = Unpooled.buffer(512);
        if (!again) {
            startMs = Math.min(videoMs, audioMs);
            if (now.metadata().isReadable()) {
                write(METADATA_CHUNK_STREAM, MessageType.DATA_AMF0, 0, now.metadata(), out);
            }
        }
        open(RtmpPackager.VIDEO_CHUNK_STREAM, MessageType.VIDEO, videoMs, now.video(), out);
        open(RtmpPackager.AUDIO_CHUNK_STREAM, MessageType.AUDIO, audioMs, now.audio(), out);
        return out;
    }

    /** Says the time of a chunk stream, with its sequence header when it has one. */
    private void open(int chunkStream, int type, long ms, ByteBuf header, ByteBuf out) {
        int timestamp = (int) (ms - startMs);
        if (header.isReadable()) {
            write(chunkStream, type, timestamp, header, out);
            return;
        }
        // Any message sets the time; this one every player knows, and none shows.
        ByteBuf access = Unpooled.buffer(32);
        Amf0.write(AmfValue.of("|RtmpSampleAccess"), access);
        Amf0.write(new AmfValue.Bool(true), access);
        Amf0.write(new AmfValue.Bool(true), access);
        write(chunkStream, MessageType.DATA_AMF0, timestamp, access, out);
    }

    private void write(int chunkStream, int type, int timestamp, ByteBuf body, ByteBuf out) {
        chunks.write(chunkStream, type, streamId, timestamp, body.duplicate(), out);
    }
}
