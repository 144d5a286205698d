package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.wadi.ts.TsUnitCutter;

/**
 * Takes the bytes of a TS source into media memory and passes them on as units: {@link #begin}
 * hands out room, the caller writes what arrived at its writer index, {@link #end} cuts it. Bytes
 * are not copied after that, but for the few that the cutter has to hold back. One thread.
 */
public final class TsIntake implements AutoCloseable {
    private final UnitSink sink;
    private final UnitWriter writer = new UnitWriter();

    /** Runs that the cutter held back: in memory of their own, as the slab at hand is being cut. */
    private final UnitWriter heldBack = new UnitWriter();

    private final TsUnitCutter cutter = new TsUnitCutter(this::onRun);
    private ByteBuf room;
    private int start;
    private long arrivalNanos;
    private boolean newSource = true;

    public TsIntake(UnitSink sink) {
        this.sink = sink;
    }

    /**
     * Room for at least {@code maxBytes} at the returned buffer's writer index; borrowed until
     * {@link #end}.
     *
     * @return null when the memory limit is reached: what arrives must be thrown away, and {@link
     *     #lost} be called
     */
    public ByteBuf begin(int maxBytes) {
        room = writer.begin(maxBytes);
        start = room == null ? 0 : room.writerIndex();
        return room;
    }

    /** Passes on what was written since {@link #begin}. */
    public void end(long arrivalNanos) {
        this.arrivalNanos = arrivalNanos;
        int length = room.writerIndex() - start;
        if (length > 0) {
            cutter.push(room, start, length);
        }
    }

    /** Bytes were thrown away: what follows is looked at afresh. */
    public void lost() {
        cutter.reset();
    }

    /** What comes next is a new source, whose times have nothing to do with those before. */
    public void newSource() {
        cutter.flush();
        cutter.reset();
        newSource = true;
    }

    private void onRun(
            ByteBuf buf,
            int offset,
            int length,
            long pts,
            long dts,
            boolean randomAccess,
            boolean video) {
        int flags = (randomAccess ? Unit.RANDOM_ACCESS : 0) | (video ? Unit.VIDEO : 0);
        if (newSource) {
            flags |= Unit.NEW_SOURCE;
            newSource = false;
        }
        if (isRoom(buf)) {
            writer.pass(offset, length, pts, dts, arrivalNanos, flags, sink);
            return;
        }
        ByteBuf copy = heldBack.begin(length);
        if (copy != null) {
            copy.writeBytes(buf, offset, length);
            heldBack.end(pts, dts, arrivalNanos, flags, sink);
        }
    }

    @SuppressWarnings("ReferenceEquality") // this slab, not one with the same bytes
    private boolean isRoom(ByteBuf buf) {
        return buf == room;
    }

    @Override
    public void close() {
        room = null;
        writer.close();
        heldBack.close();
    }
}
