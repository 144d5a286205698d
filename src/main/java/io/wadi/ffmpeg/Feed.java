package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.ring.Ring;
import io.wadi.ring.RingReader;
import io.wadi.ring.Unit;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * One life's view of what there is to encode: a cursor of its own on the producer's ring, from the
 * newest key picture on, or from one before. What a slow encoder does not take in time is overtaken
 * by whole GOPs. Used by one thread; {@link #close} by that thread too, {@link #end} by any.
 */
final class Feed implements AutoCloseable {
    private final RingReader reader;
    private final FeedFormat format;
    private volatile Thread follower;
    private volatile boolean ended;
    private Unit next;
    private ByteBuf tables = Unpooled.EMPTY_BUFFER;

    /**
     * @param back how much before the newest picture it may start, in 90 kHz ticks
     * @param format owned: closed with this
     */
    Feed(Ring ring, long back, FeedFormat format) {
        this.format = format;
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
                tables = Unpooled.copiedBuffer(unit.slab().slice(unit.offset(), unit.length()));
            } else if (unit.isRandomAccess() || tables.isReadable()) {
                next = unit;
            }
        }
        long pts = next.pts() == Unit.NO_TIME ? 0 : next.pts();
        format.start(pts);
        return pts;
    }

    /** Writes units until the feed ends or the process stops reading. */
    void copyTo(WritableByteChannel process) throws IOException {
        follower = Thread.currentThread();
        format.tables(tables, process);
        while (!ended) {
            Unit unit = next == null ? await() : next;
            next = null;
            if (unit != null) {
                format.write(unit, process);
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

    /** Units that the encoder was too slow for. */
    long lostUnits() {
        return reader.lostUnits();
    }

    /** The sequence of the unit that is written next. */
    long position() {
        return reader.position();
    }

    /** Wakes the follower, who leaves. */
    void end() {
        ended = true;
        LockSupport.unpark(follower);
    }

    @Override
    public void close() {
        reader.close();
        format.close();
    }
}
