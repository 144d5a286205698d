package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.fanout.Packaging;
import io.wadi.flv.FlvHeaders;
import io.wadi.flv.FlvMuxer;
import io.wadi.flv.FlvPlayout;
import io.wadi.flv.FlvTags;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;

/**
 * Turns transport stream units into RTMP messages, one unit a message, the same bytes for every
 * player. That is possible because the messages carry time as a distance from the one before (chunk
 * type 1, §5.3.1.2.2): each player's time starts at zero by what its {@link PlayOpening} says
 * first.
 *
 * <p>A unit's {@code pts} is the time of the newest video message before it, its {@code dts} that
 * of the newest audio message, in milliseconds: where a player that starts with it has to begin. A
 * track that is silent, or not there yet, is kept near the other one by empty messages, so that its
 * time is right for all players when it comes; players pass over empty messages.
 */
final class RtmpPackager implements Packaging.Packager, FlvPlayout.Output {
    static final int AUDIO_CHUNK_STREAM = 4;
    static final int METADATA_CHUNK_STREAM = 5;
    static final int VIDEO_CHUNK_STREAM = 6;

    /** Basic header and type 1 header. */
    private static final int HEADER = 8;

    private static final int MAX_DISTANCE_MS = 0xFFFFFE;

    /** Farther behind than any interleaving: the track is silent. */
    private static final int SILENT_MS = 2000;

    /** How far the time of a silent track may be behind. */
    private static final int STEP_MS = 100;

    /** The messages of a type: their chunk stream and the time of the newest. */
    private static final class Track {
        final int type;
        final int chunkStream;
        long timeMs;
        boolean silent;

        Track(int type, int chunkStream) {
            this.type = type;
            this.chunkStream = chunkStream;
        }

        boolean isLeftBehind(long nowMs) {
            return nowMs - timeMs > (silent ? STEP_MS : SILENT_MS);
        }

        /** Time only goes forward: what comes too late for it comes at once. */
        int advance(long toMs) {
            long distance = Math.clamp(toMs - timeMs, 0, MAX_DISTANCE_MS);
            timeMs += distance;
            return (int) distance;
        }
    }

    private final UnitWriter writer = new UnitWriter();
    private final UnitSink out;
    private final FlvPlayout playout = new FlvPlayout(this);
    private final FlvMuxer muxer = new FlvMuxer(playout);
    private final Track video = new Track(FlvTags.VIDEO, VIDEO_CHUNK_STREAM);
    private final Track audio = new Track(FlvTags.AUDIO, AUDIO_CHUNK_STREAM);
    private long arrivalNanos;
    private volatile long newestMs;

    RtmpPackager(UnitSink out) {
        this.out = out;
    }

    /** What players must be told that start at a unit of these times. */
    FlvHeaders headersAt(long videoMs, long audioMs) {
        return playout.at(videoMs + audioMs);
    }

    /** The time of the newest message. */
    long newestMs() {
        return newestMs;
    }

    @Override
    public void onUnit(Unit unit) {
        arrivalNanos = unit.arrivalNanos();
        muxer.push(unit.slab(), unit.offset(), unit.length(), unit.isAccessUnit());
    }

    @Override
    public boolean onTag(int type, long timestampMs, boolean join, FlvHeaders news, ByteBuf body) {
        Track track = type == FlvTags.VIDEO ? video : audio;
        Track other = type == FlvTags.VIDEO ? audio : video;
        ByteBuf room = writer.begin(size(news) + size(body) + HEADER);
        if (room == null) {
            return false;
        }
        long videoMs = video.timeMs;
        long audioMs = audio.timeMs;
        write(MessageType.DATA_AMF0, METADATA_CHUNK_STREAM, 0, news.metadata(), room);
        write(video.type, video.chunkStream, 0, news.video(), room);
        write(audio.type, audio.chunkStream, 0, news.audio(), room);
        track.silent = false;
        newestMs = Math.max(timestampMs, newestMs);
        message(type, track.chunkStream, track.advance(timestampMs), body, room);
        if (other.isLeftBehind(track.timeMs)) {
            other.silent = true;
            int distance = other.advance(track.timeMs);
            message(other.type, other.chunkStream, distance, Unpooled.EMPTY_BUFFER, room);
        }
        if (join) {
            playout.mark(videoMs + audioMs);
        }
        int flags = Unit.ACCESS_UNIT;
        flags |= join ? Unit.RANDOM_ACCESS : 0;
        flags |= type == FlvTags.VIDEO ? Unit.VIDEO : 0;
        writer.end(videoMs, audioMs, arrivalNanos, flags, out);
        return true;
    }

    private static int size(FlvHeaders headers) {
        return size(headers.metadata()) + size(headers.video()) + size(headers.audio());
    }

    private static int size(ByteBuf body) {
        int bytes = body.readableBytes();
        return HEADER + bytes + bytes / ChunkWriter.OUT_CHUNK_SIZE;
    }

    private static void write(
            int type, int chunkStream, int distanceMs, ByteBuf body, ByteBuf out) {
        if (body.isReadable()) {
            message(type, chunkStream, distanceMs, body, out);
        }
    }

    /** Writes a message with a type 1 header; borrows {@code body} and leaves its indices alone. */
    private static void message(
            int type, int chunkStream, int distanceMs, ByteBuf body, ByteBuf out) {
        out.writeByte(1 << 6 | chunkStream).writeMedium(distanceMs);
        out.writeMedium(body.readableBytes()).writeByte(type);
        int end = body.writerIndex();
        for (int at = body.readerIndex(); at < end; at += ChunkWriter.OUT_CHUNK_SIZE) {
            if (at > body.readerIndex()) {
                out.writeByte(3 << 6 | chunkStream);
            }
            out.writeBytes(body, at, Math.min(ChunkWriter.OUT_CHUNK_SIZE, end - at));
        }
    }

    @Override
    public void close() {
        muxer.close();
        writer.close();
    }
}
