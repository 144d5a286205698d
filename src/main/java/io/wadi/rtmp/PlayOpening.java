package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.fanout.Preamble;
import io.wadi.flv.FlvHeaders;

import java.util.Optional;
import java.util.function.Consumer;

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
    private final Consumer<String> needsUnknown;
    private final KnownCodecs known;
    private final ChunkWriter chunks = new ChunkWriter();
    private FlvHeaders got = FlvHeaders.NONE;
    private boolean refused;
    private long startMs;
    private long interruptedMs = Long.MIN_VALUE;

    /**
     * @param streamId the player's message stream
     * @param known what the player can show besides the codecs of legacy tags
     * @param needsUnknown called with the FourCC of a codec that is not among them; closes the
     *     connection
     */
    PlayOpening(int streamId, KnownCodecs known, HeadersAt headers, Consumer<String> needsUnknown) {
        this.streamId = streamId;
        this.known = known;
        this.headers = headers;
        this.needsUnknown = needsUnknown;
        chunks.setChunkSize(ChunkWriter.OUT_CHUNK_SIZE);
    }

    /**
     * The player gets nothing until it starts again, which may be at an older key frame. Its own
     * time goes on from here nevertheless.
     */
    void interrupted(long newestMs) {
        interruptedMs = newestMs;
    }

    @Override
    public ByteBuf before(long videoMs, long audioMs, boolean again) {
        if (refused) {
            return null;
        }
        FlvHeaders now = headers.of(videoMs, audioMs);
        Optional<String> unknown =
                now.enhancedCodecs().stream().filter(fourCc -> !known.has(fourCc)).findFirst();
        if (unknown.isPresent()) {
            refused = true;
            needsUnknown.accept(unknown.get());
            return null;
        }
        FlvHeaders news = now.beyond(got);
        got = now;
        ByteBuf out = Unpooled.buffer(512);
        long fromMs = Math.min(videoMs, audioMs);
        if (!again) {
            startMs = fromMs;
        } else if (interruptedMs > fromMs) {
            startMs -= interruptedMs - fromMs;
        }
        interruptedMs = Long.MIN_VALUE;
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
