package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Ring;
import io.wadi.ring.RingReader;
import io.wadi.ring.Unit;
import io.wadi.ts.TsPacket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * One life's view of what there is to encode: a cursor of its own on the producer's ring, from the
 * newest key picture on, or from one before. What a slow encoder does not take in time is overtaken
 * by whole GOPs. Used by one thread; {@link #close} by that thread too, {@link #end} by any.
 */
final class Feed implements AutoCloseable {
    /**
     * Tables of the network around the program (ETSI EN 300 468 table 1). FFmpeg needs none of
     * them, and static builds die of the character sets in the SDT: iconv wants to load code.
     */
    private static final int FIRST_SI_PID = 0x10;

    private static final int LAST_SI_PID = 0x1F;

    private final RingReader reader;
    private volatile Thread follower;
    private volatile boolean ended;
    private Unit next;
    private ByteBuffer tables = ByteBuffer.allocate(0);

    /**
     * @param back how much before the newest picture it may start, in 90 kHz ticks
     */
    Feed(Ring ring, long back) {
        reader = ring.openReader(() -> LockSupport.unpark(follower), ring.randomAccessBefore(back));
    }

    /**
     * Waits for the first picture (or sound, where there are no pictures) that the encoder will
     * get.
     *
     * @return its presentation time, or {@link Unit#NO_TIME} when the feed ended
     */
    long first() {
        follower = Thread.currentThread();
        while (next == null) {
            Unit unit = await();
            if (unit == null) {
                return Unit.NO_TIME;
            }
            if (unit.isRandomAccess() && unit.pts() == Unit.NO_TIME) {
                // Tables that stand alone in front of the picture: kept until it is there.
                tables = ByteBuffer.allocate(unit.length());
                unit.slab().getBytes(unit.offset(), tables);
                tables.flip();
            } else if (unit.isRandomAccess() || tables.hasRemaining()) {
                next = unit;
            }
        }
        return next.pts() == Unit.NO_TIME ? 0 : next.pts();
    }

    /** Writes units until the feed ends or the process stops reading. */
    void copyTo(WritableByteChannel process) throws IOException {
        follower = Thread.currentThread();
        while (tables.hasRemaining()) {
            process.write(tables);
        }
        while (!ended) {
            Unit unit = next == null ? await() : next;
            next = null;
            if (unit != null) {
                write(unit, process);
            }
        }
    }

    private Unit await() {
        while (!ended) {
            Unit unit = reader.poll();
            if (unit != null) {
                return unit;
            }
            if (reader.arm()) {
                LockSupport.park(this);
            }
        }
        return null;
    }

    private static void write(Unit unit, WritableByteChannel process) throws IOException {
        ByteBuf slab = unit.slab();
        int end = unit.offset() + unit.length();
        int from = unit.offset();
        for (int packet = from; packet < end; packet += TsPacket.SIZE) {
            int pid = TsPacket.pid(slab.getInt(packet));
            if (pid >= FIRST_SI_PID && pid <= LAST_SI_PID) {
                write(slab, from, packet, process);
                from = packet + TsPacket.SIZE;
            }
        }
        write(slab, from, end, process);
    }

    private static void write(ByteBuf slab, int from, int to, WritableByteChannel process)
            throws IOException {
        if (to > from) {
            ByteBuffer bytes = slab.nioBuffer(from, to - from);
            while (bytes.hasRemaining()) {
                process.write(bytes);
            }
        }
    }

    /** Units that the encoder was too slow for. */
    long lostUnits() {
        return reader.lostUnits();
    }

    /** Wakes the follower, who leaves. */
    void end() {
        ended = true;
        LockSupport.unpark(follower);
    }

    @Override
    public void close() {
        reader.close();
    }
}
