package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.fanout.Preamble;
import io.wadi.flv.FlvHeaders;

/**
 * What one player gets before the messages that all share: metadata, sequence headers, and with
 * them the time from which the shared messages count on. The player's time starts at zero and goes
 * on over a cut.
 */
final class PlayOpening implements Preamble {
    /** What must have been sent before the unit of these times. */
    @FunctionalInterface
    interface HeadersAt {
        FlvHeaders of(long videoMs, long audioMs);
    }

    private final int streamId;
    private final HeadersAt headers;
    private final Runnable needsEnhanced;
    private final boolean enhanced;
    private final ChunkWriter chunks = new ChunkWriter();
    private FlvHeaders got = FlvHeaders.NONE;
    private long startMs;

    /**
     * @param streamId the player's message stream
     * @param enhanced whether the player announced Enhanced RTMP
     * @param needsEnhanced called when the stream cannot be played without
     */
    PlayOpening(int streamId, boolean enhanced, HeadersAt headers, Runnable needsEnhanced) {
        this.streamId = streamId;
        this.enhanced = enhanced;
        this.headers = headers;
        this.needsEnhanced = needsEnhanced;
        chunks.setChunkSize(ChunkWriter.OUT_CHUNK_SIZE);
    }

    @Override
    public ByteBuf before(long videoMs, long audioMs, boolean again) {
        FlvHeaders now = headers.of(videoMs, audioMs);
        if (now.isEnhanced() && !enhanced) {
            needsEnhanced.run();
            return Unpooled.EMPTY_BUFFER;
        }
        FlvHeaders news = now.beyond(got);
        got = now;
        ByteBuf out = Unpooled.buffer(512);
        if (!again) {
            startMs = Math.min(videoMs, audioMs);
        }
        if (news.metadata().isReadable()) {
            write(
                    RtmpPackager.METADATA_CHUNK_STREAM,
                    MessageType.DATA_AMF0,
                    0,
                    news.metadata(),
                    out);
        }
        // These set the time of their chunk streams, also with nothing in them.
        write(
                RtmpPackager.VIDEO_CHUNK_STREAM,
                MessageType.VIDEO,
                (int) (videoMs - startMs),
                news.video(),
                out);
        write(
                RtmpPackager.AUDIO_CHUNK_STREAM,
                MessageType.AUDIO,
                (int) (audioMs - startMs),
                news.audio(),
                out);
        return out;
    }

    private void write(int chunkStream, int type, int timestamp, ByteBuf body, ByteBuf out) {
        chunks.write(chunkStream, type, streamId, timestamp, body.duplicate(), out);
    }
}
