package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.fanout.Packaging;
import io.wadi.flv.FlvMuxer;
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
 * of the newest audio message, in milliseconds: where a player that starts with it has to begin.
 */
final class RtmpPackager implements Packaging.Packager, FlvMuxer.Output {
    static final int AUDIO_CHUNK_STREAM = 4;
    static final int VIDEO_CHUNK_STREAM = 6;

    /** Basic header and type 1 header. */
    private static final int HEADER = 8;

    private static final int MAX_DISTANCE_MS = 0xFFFFFE;

    /**
     * What every player gets first. On the heap, so that nobody has to release it.
     *
     * @param metadata body of the onMetaData message, empty when there is none yet
     * @param video sequence header, empty when the codec has none
     * @param audio sequence header, empty when the codec has none
     */
    record Headers(ByteBuf metadata, ByteBuf video, ByteBuf audio) {
        static final Headers NONE =
                new Headers(Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER);

        /** Whether a player has to know Enhanced RTMP: the first bit of an enhanced video tag. */
        boolean isEnhanced() {
            boolean enhancedVideo = video.isReadable() && (video.getByte(0) & 0x80) != 0;
            boolean enhancedAudio = audio.isReadable() && (audio.getByte(0) & 0xF0) == 0x90;
            return enhancedVideo || enhancedAudio;
        }
    }

    private final UnitWriter writer = new UnitWriter();
    private final UnitSink out;
    private final FlvMuxer muxer = new FlvMuxer(this);
    private volatile Headers headers = Headers.NONE;
    private ByteBuf changedVideo = Unpooled.EMPTY_BUFFER;
    private ByteBuf changedAudio = Unpooled.EMPTY_BUFFER;

    /** Whether players may have come already, who must get every further header in band. */
    private boolean begun;

    private boolean hasVideo;
    private long videoMs;
    private long audioMs;
    private long arrivalNanos;

    RtmpPackager(UnitSink out) {
        this.out = out;
    }

    /** What players that come now must be told first. */
    Headers headers() {
        return headers;
    }

    @Override
    public void onUnit(Unit unit) {
        arrivalNanos = unit.arrivalNanos();
        muxer.push(unit.slab(), unit.offset(), unit.length(), unit.isAccessUnit());
    }

    @Override
    public void onMetadata(ByteBuf body) {
        headers = new Headers(copy(body), headers.video(), headers.audio());
    }

    @Override
    public void onSequenceHeader(int type, ByteBuf body) {
        ByteBuf bytes = copy(body);
        Headers before = headers;
        if (type == FlvTags.VIDEO) {
            changedVideo = begun ? bytes : changedVideo;
            headers = new Headers(before.metadata(), bytes, before.audio());
        } else {
            changedAudio = begun ? bytes : changedAudio;
            headers = new Headers(before.metadata(), before.video(), bytes);
        }
    }

    private static ByteBuf copy(ByteBuf body) {
        return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(body));
    }

    @Override
    public void onTag(int type, long timestampMs, boolean keyFrame, ByteBuf body) {
        boolean video = type == FlvTags.VIDEO;
        begun = true;
        hasVideo |= video;
        // Players that are here already need a new header in front of what it describes.
        ByteBuf changed = video ? changedVideo : changedAudio;
        ByteBuf room = writer.begin(size(changed) + size(body));
        if (room == null) {
            return;
        }
        long beforeVideo = videoMs;
        long beforeAudio = audioMs;
        long distance = Math.min(timestampMs - (video ? videoMs : audioMs), MAX_DISTANCE_MS);
        int chunkStream = video ? VIDEO_CHUNK_STREAM : AUDIO_CHUNK_STREAM;
        if (changed.isReadable()) {
            message(chunkStream, type, 0, changed, room);
        }
        message(chunkStream, type, (int) distance, body, room);
        if (video) {
            changedVideo = Unpooled.EMPTY_BUFFER;
            videoMs += distance;
        } else {
            changedAudio = Unpooled.EMPTY_BUFFER;
            audioMs += distance;
        }
        boolean join = keyFrame || (!hasVideo && !video);
        int flags = Unit.ACCESS_UNIT;
        flags |= join ? Unit.RANDOM_ACCESS : 0;
        flags |= video ? Unit.VIDEO : 0;
        writer.end(beforeVideo, beforeAudio, arrivalNanos, flags, out);
    }

    private static int size(ByteBuf body) {
        int bytes = body.readableBytes();
        return HEADER + bytes + bytes / ChunkWriter.OUT_CHUNK_SIZE;
    }

    /** Writes a message with a type 1 header; borrows {@code body} and leaves its indices alone. */
    private static void message(
            int chunkStream, int type, int distanceMs, ByteBuf body, ByteBuf out) {
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
