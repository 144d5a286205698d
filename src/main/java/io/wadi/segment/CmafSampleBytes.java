package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.ring.MediaMemory;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;

import java.util.Arrays;

/**
 * The sample bytes of one track, written once into slabs, and the ranges of slabs that they lie in.
 * A sample may go on in the next slab, so no slab ends with a hole. One thread.
 */
final class CmafSampleBytes implements UnitSink, AutoCloseable {
    private static final int FIRST_RANGES = 16;

    private final UnitWriter writer;
    private ByteBuf[] slabs = new ByteBuf[FIRST_RANGES];
    private int[] offsets = new int[FIRST_RANGES];
    private int[] lengths = new int[FIRST_RANGES];
    private int count;
    private long bytes;
    private int taken;

    /**
     * @param limitBytes what the slabs may take together, those of segments that are still held
     *     included
     */
    CmafSampleBytes(long limitBytes) {
        writer = new UnitWriter(new MediaMemory(limitBytes));
    }

    /** Bytes that were written and not taken yet. */
    long size() {
        return bytes;
    }

    /**
     * Appends bytes; borrows {@code src}, absolute indices.
     *
     * @return false when there is no memory: what was written of them stays, see {@link #truncate}
     */
    boolean write(ByteBuf src, int index, int length) {
        int at = index;
        int end = index + length;
        while (at < end) {
            ByteBuf slab = writer.begin(1);
            if (slab == null) {
                return false;
            }
            int run = Math.min(slab.writableBytes(), end - at);
            slab.writeBytes(src, at, run);
            end();
            at += run;
        }
        return true;
    }

    /** Appends a four-byte length. */
    boolean writeInt(int value) {
        ByteBuf slab = writer.begin(Integer.BYTES);
        if (slab == null) {
            return false;
        }
        slab.writeInt(value);
        end();
        return true;
    }

    private void end() {
        writer.end(Unit.NO_TIME, Unit.NO_TIME, 0, 0, this);
    }

    /** Takes what was just written into the ranges; grows the last one when it goes on there. */
    @Override
    @SuppressWarnings("ReferenceEquality") // the same slab, not one with equal bytes
    public void onUnit(Unit unit) {
        bytes += unit.length();
        int last = count - 1;
        if (count > 0
                && slabs[last] == unit.slab()
                && offsets[last] + lengths[last] == unit.offset()) {
            lengths[last] += unit.length();
            return;
        }
        if (count == slabs.length) {
            slabs = Arrays.copyOf(slabs, count * 2);
            offsets = Arrays.copyOf(offsets, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        slabs[count] = unit.slab().retain();
        offsets[count] = unit.offset();
        lengths[count] = unit.length();
        count++;
    }

    /** Forgets what was written after the first {@code size} bytes. */
    void truncate(long size) {
        while (bytes > size) {
            int last = count - 1;
            int surplus = (int) Math.min(lengths[last], bytes - size);
            lengths[last] -= surplus;
            bytes -= surplus;
            if (lengths[last] == 0) {
                slabs[last].release();
                slabs[last] = null;
                count--;
            }
        }
    }

    /** Forgets the first {@code size} bytes. */
    void drop(long size) {
        take(size, null);
    }

    /**
     * Makes a segment of the first {@code size} bytes with a header before them.
     *
     * @param header borrowed, copied into slab memory
     * @return owned by the caller; null when there is no memory for the header: the bytes are
     *     dropped then
     */
    ByteBuf take(long size, ByteBuf header) {
        ByteBuf head = null;
        if (header != null) {
            head = headerSlice(header);
            if (head == null) {
                take(size, null);
                return null;
            }
        }
        CompositeByteBuf segment =
                head == null
                        ? null
                        : PooledByteBufAllocator.DEFAULT
                                .compositeDirectBuffer(count + 1)
                                .addComponent(true, head);
        long rest = size;
        taken = 0;
        while (rest > 0) {
            int run = (int) Math.min(lengths[taken], rest);
            if (segment != null) {
                segment.addComponent(true, slabs[taken].retainedSlice(offsets[taken], run));
            }
            rest -= run;
            offsets[taken] += run;
            lengths[taken] -= run;
            if (lengths[taken] == 0) {
                slabs[taken].release();
                taken++;
            }
        }
        bytes -= size;
        forgetTaken();
        return segment;
    }

    private ByteBuf headerSlice(ByteBuf header) {
        int length = header.readableBytes();
        ByteBuf slab = writer.begin(length);
        if (slab == null) {
            return null;
        }
        int start = slab.writerIndex();
        slab.writeBytes(header, header.readerIndex(), length);
        ByteBuf slice = slab.retainedSlice(start, length);
        writer.end(Unit.NO_TIME, Unit.NO_TIME, 0, 0, _ -> {});
        return slice;
    }

    private void forgetTaken() {
        int rest = count - taken;
        System.arraycopy(slabs, taken, slabs, 0, rest);
        System.arraycopy(offsets, taken, offsets, 0, rest);
        System.arraycopy(lengths, taken, lengths, 0, rest);
        Arrays.fill(slabs, rest, count, null);
        count = rest;
    }

    @Override
    public void close() {
        truncate(0);
        writer.close();
    }
}
