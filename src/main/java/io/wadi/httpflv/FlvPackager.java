package io.wadi.httpflv;

import io.netty.buffer.ByteBuf;
import io.wadi.fanout.Packaging;
import io.wadi.flv.FlvHeaders;
import io.wadi.flv.FlvMuxer;
import io.wadi.flv.FlvPlayout;
import io.wadi.flv.FlvTags;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;

/**
 * Turns transport stream units into FLV tags, one unit a tag; a unit's {@code dts} is the tag's
 * timestamp in milliseconds. Fed by one thread.
 */
final class FlvPackager implements Packaging.Packager, FlvPlayout.Output {
    private static final int TAG = FlvTags.TAG_HEADER_SIZE + FlvTags.BACK_POINTER_SIZE;

    private final UnitWriter writer = new UnitWriter();
    private final UnitSink out;
    private final FlvPlayout playout = new FlvPlayout(this);
    private final FlvMuxer muxer = new FlvMuxer(playout);
    private long arrivalNanos;

    FlvPackager(UnitSink out) {
        this.out = out;
    }

    @Override
    public void onUnit(Unit unit) {
        arrivalNanos = unit.arrivalNanos();
        muxer.push(unit.slab(), unit.offset(), unit.length(), unit.isAccessUnit());
    }

    @Override
    public boolean onTag(int type, long timestampMs, boolean join, FlvHeaders news, ByteBuf body) {
        ByteBuf room = writer.begin(size(news) + TAG + body.readableBytes());
        if (room == null) {
            return false;
        }
        write(news, timestampMs, room);
        FlvTags.writeTag(type, (int) timestampMs, body, room);
        if (join) {
            playout.mark(timestampMs);
        }
        int flags = Unit.ACCESS_UNIT;
        flags |= join ? Unit.RANDOM_ACCESS : 0;
        flags |= type == FlvTags.VIDEO ? Unit.VIDEO : 0;
        writer.end(timestampMs, timestampMs, arrivalNanos, flags, out);
        return true;
    }

    static int size(FlvHeaders headers) {
        return 3 * TAG
                + headers.metadata().readableBytes()
                + headers.video().readableBytes()
                + headers.audio().readableBytes();
    }

    static void write(FlvHeaders headers, long timestampMs, ByteBuf out) {
        write(FlvTags.SCRIPT, 0, headers.metadata(), out);
        write(FlvTags.VIDEO, timestampMs, headers.video(), out);
        write(FlvTags.AUDIO, timestampMs, headers.audio(), out);
    }

    private static void write(int type, long timestampMs, ByteBuf body, ByteBuf out) {
        if (body.isReadable()) {
            FlvTags.writeTag(type, (int) timestampMs, body, out);
        }
    }

    /** What a viewer must get that starts at this time. */
    FlvHeaders headersAt(long timestampMs) {
        return playout.at(timestampMs);
    }

    @Override
    public void close() {
        muxer.close();
        writer.close();
    }
}
