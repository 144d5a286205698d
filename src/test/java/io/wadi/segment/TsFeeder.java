package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;
import io.wadi.ts.Pts33;
import io.wadi.ts.TsTimestamps;
import io.wadi.ts.TsUnitCutter;

/** Feeds a transport stream to a sink as a TS source would, its times moved as a ring would. */
public final class TsFeeder implements AutoCloseable {
    private static final int PUSH = 7 * 188;

    private final UnitWriter writer = new UnitWriter();
    private final UnitSink sink;
    private final long shift;
    private TsUnitCutter cutter;
    private int flags;
    private long newest = Unit.NO_TIME;

    /**
     * @param shift ticks to add to every time
     */
    public TsFeeder(UnitSink sink, long shift) {
        this.sink = sink;
        this.shift = shift;
        restart(0);
    }

    /**
     * What comes next is another source.
     *
     * @param nextFlags of {@link Unit}, for the first unit
     */
    public void restart(int nextFlags) {
        cutter = new TsUnitCutter(this::onRun);
        flags = nextFlags;
    }

    /** The newest decoding time handed out, {@link Unit#NO_TIME} before the first. */
    public long newest() {
        return newest;
    }

    public void push(byte[] stream) {
        push(stream, 0, stream.length);
    }

    /** Pushes a part, in pieces as they come from a socket. */
    public void push(byte[] stream, int from, int to) {
        ByteBuf bytes = Unpooled.wrappedBuffer(stream);
        for (int at = from; at < to; at += PUSH) {
            cutter.push(bytes, at, Math.min(PUSH, to - at));
        }
    }

    private void onRun(
            ByteBuf buf,
            int offset,
            int length,
            long pts,
            long dts,
            boolean randomAccess,
            boolean video) {
        ByteBuf room = writer.begin(length);
        int start = room.writerIndex();
        room.writeBytes(buf, offset, length);
        TsTimestamps.shift(room, start, length, shift);
        boolean timed = dts != Pts33.NO_TIME;
        newest = timed ? dts + shift : newest;
        writer.end(
                timed ? pts + shift : Unit.NO_TIME,
                timed ? dts + shift : Unit.NO_TIME,
                System.nanoTime(),
                flags | (randomAccess ? Unit.RANDOM_ACCESS : 0) | (video ? Unit.VIDEO : 0),
                sink);
        flags = 0;
    }

    @Override
    public void close() {
        writer.close();
    }
}
