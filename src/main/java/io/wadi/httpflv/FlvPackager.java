package io.wadi.httpflv;

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
 * Turns transport stream units into FLV tags, one unit a tag. A unit with a key frame (with an
 * audio frame when there is no video) can be joined after {@link #opening}. Fed by one thread; the
 * opening may be asked for by any.
 */
final class FlvPackager implements Packaging.Packager, FlvMuxer.Output {
    /** What a viewer gets first: file header, metadata, sequence headers as they are now. */
    private record Opening(ByteBuf metadata, ByteBuf video, ByteBuf audio) {
        static final Opening NONE =
                new Opening(Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER);
    }

    private final UnitWriter writer = new UnitWriter();
    private final UnitSink out;
    private final FlvMuxer muxer = new FlvMuxer(this);
    private volatile Opening opening = Opening.NONE;
    private ByteBuf changedHeaders = Unpooled.EMPTY_BUFFER;

    /** Whether viewers may have come already, who must get every further header in band. */
    private boolean begun;

    private boolean hasVideo;
    private long arrivalNanos;

    FlvPackager(UnitSink out) {
        this.out = out;
    }

    @Override
    public void onUnit(Unit unit) {
        arrivalNanos = unit.arrivalNanos();
        muxer.push(unit.slab(), unit.offset(), unit.length(), unit.isAccessUnit());
    }

    /** On the heap, so that nobody has to release it. */
    private static ByteBuf copy(ByteBuf body) {
        return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(body));
    }

    @Override
    public void onMetadata(ByteBuf body) {
        ByteBuf bytes = copy(body);
        opening = new Opening(bytes, opening.video(), opening.audio());
    }

    @Override
    public void onSequenceHeader(int type, ByteBuf body) {
        ByteBuf bytes = copy(body);
        Opening before = opening;
        boolean video = type == FlvTags.VIDEO;
        opening =
                video
                        ? new Opening(before.metadata(), bytes, before.audio())
                        : new Opening(before.metadata(), before.video(), bytes);
        if (begun) {
            // Viewers that are here already need it in front of the next tag.
            ByteBuf headers = Unpooled.buffer();
            headers.writeBytes(changedHeaders);
            FlvTags.writeTag(type, 0, bytes, headers);
            changedHeaders = headers;
        }
    }

    @Override
    public void onTag(int type, long timestampMs, boolean keyFrame, ByteBuf body) {
        begun = true;
        hasVideo |= type == FlvTags.VIDEO;
        int size = FlvTags.TAG_HEADER_SIZE + body.readableBytes() + FlvTags.BACK_POINTER_SIZE;
        ByteBuf room = writer.begin(changedHeaders.readableBytes() + size);
        if (room == null) {
            return;
        }
        room.writeBytes(changedHeaders);
        changedHeaders = Unpooled.EMPTY_BUFFER;
        FlvTags.writeTag(type, (int) timestampMs, body, room);
        boolean join = keyFrame || (!hasVideo && type == FlvTags.AUDIO);
        int flags = Unit.ACCESS_UNIT;
        flags |= join ? Unit.RANDOM_ACCESS : 0;
        flags |= type == FlvTags.VIDEO ? Unit.VIDEO : 0;
        writer.end(timestampMs, timestampMs, arrivalNanos, flags, out);
    }

    /** What a viewer gets before a unit that it can join at; owned by the caller. */
    ByteBuf opening(long timestampMs, boolean again) {
        Opening now = opening;
        ByteBuf bytes = Unpooled.buffer(256);
        if (!again) {
            FlvTags.writeFileHeader(now.audio().isReadable(), now.video().isReadable(), bytes);
            tag(FlvTags.SCRIPT, timestampMs, now.metadata(), bytes);
        }
        tag(FlvTags.VIDEO, timestampMs, now.video(), bytes);
        tag(FlvTags.AUDIO, timestampMs, now.audio(), bytes);
        return bytes;
    }

    private static void tag(int type, long timestampMs, ByteBuf body, ByteBuf out) {
        if (body.isReadable()) {
            FlvTags.writeTag(type, (int) timestampMs, body, out);
        }
    }

    @Override
    public void close() {
        muxer.close();
        writer.close();
    }
}
