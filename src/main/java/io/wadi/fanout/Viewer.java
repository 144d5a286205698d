package io.wadi.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.IovArray;
import io.netty.util.concurrent.FastThreadLocal;

import java.io.IOException;

/**
 * One connection that gets a ring's bytes. Owned by its event loop; the counters may be read by any
 * thread.
 *
 * <p>While nothing waits for the socket, bytes go from the ring's slab to the kernel in one call,
 * without a buffer object, a promise or a reference count of their own. What the kernel does not
 * take waits in the channel's own outbound buffer.
 */
public final class Viewer {
    /** What one call of the kernel's writev takes; filled and used up within a call of ours. */
    private static final FastThreadLocal<IovArray> VECTORS =
            new FastThreadLocal<>() {
                @Override
                protected IovArray initialValue() {
                    return new IovArray();
                }

                @Override
                protected void onRemoval(IovArray vectors) {
                    vectors.release();
                }
            };

    private final Channel channel;
    private final FileDescriptor descriptor;
    private final Preamble preamble;
    private long since;
    private boolean joined;
    private long behindSinceNanos;
    private boolean behind = true;
    private volatile long sentBytes;
    private volatile long skippedUnits;
    private volatile boolean dropped;

    Viewer(Channel channel, Preamble preamble, long since) {
        this.channel = channel;
        this.preamble = preamble;
        this.since = since;
        this.descriptor = channel instanceof AbstractEpollStreamChannel epoll ? epoll.fd() : null;
    }

    public Channel channel() {
        return channel;
    }

    /** Bytes given to the kernel or to the channel's outbound buffer. */
    public long sentBytes() {
        return sentBytes;
    }

    /** Units that this viewer was too slow for. */
    public long skippedUnits() {
        return skippedUnits;
    }

    /** Whether this viewer was disconnected because it stayed behind. */
    public boolean isDropped() {
        return dropped;
    }

    /** Whether the viewer waits for a random access point: it has just come, or was cut back. */
    boolean isBehind() {
        return behind;
    }

    /** Whether nothing was written yet. */
    boolean isNew() {
        return !joined;
    }

    /** The ring's newest random access unit when the viewer came: nothing older is written. */
    long since() {
        return since;
    }

    /** The viewer comes again, at this place in the ring. */
    void comeBack(long since, long nowNanos) {
        this.since = since;
        fallBehind(nowNanos);
    }

    void fallBehind(long nowNanos) {
        behind = true;
        behindSinceNanos = nowNanos;
    }

    boolean isBehindLongerThan(long nanos, long nowNanos) {
        return joined && behind && nowNanos - behindSinceNanos > nanos;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop only
    void skip(long units) {
        if (joined) {
            skippedUnits += units;
        }
    }

    /**
     * Writes the preamble; the next bytes written start with the random access unit of these times.
     *
     * @return false when the viewer must not get them
     */
    boolean resume(long pts, long dts) {
        ByteBuf before = preamble.before(pts, dts, joined);
        if (before == null) {
            return false;
        }
        joined = true;
        behind = false;
        if (before.isReadable()) {
            count(before.readableBytes());
            channel.unsafe().write(before, channel.voidPromise());
        } else {
            before.release();
        }
        return true;
    }

    /** Bytes that wait for the socket. */
    long backlogBytes() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes();
    }

    /**
     * Writes a batch from a place in it on; borrows its slabs.
     *
     * @return false when the connection broke
     */
    boolean write(Batch batch, int firstRun, int firstFrom) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (waiting == null) {
            return false;
        }
        long written = 0;
        if (descriptor != null && waiting.totalPendingWriteBytes() == 0) {
            try {
                written = writeNow(batch, firstRun, firstFrom);
            } catch (IOException gone) {
                return false;
            }
        }
        long bytes = 0;
        for (int run = firstRun; run < batch.runs(); run++) {
            int from = run == firstRun ? firstFrom : batch.from(run);
            int length = batch.to(run) - from;
            int done = (int) Math.min(written, length);
            written -= done;
            bytes += length;
            if (done < length) {
                ByteBuf rest = batch.slab(run).retainedSlice(from + done, length - done);
                channel.unsafe().write(rest, channel.voidPromise());
            }
        }
        count(bytes);
        if (waiting.totalPendingWriteBytes() > 0) {
            channel.unsafe().flush();
        }
        return true;
    }

    /** Returns how many bytes the kernel took, of all runs in one call. */
    private long writeNow(Batch batch, int firstRun, int firstFrom) throws IOException {
        if (firstRun == batch.runs() - 1) {
            long slab = batch.slab(firstRun).memoryAddress();
            return descriptor.writeAddress(slab, firstFrom, batch.to(firstRun));
        }
        IovArray vectors = VECTORS.get();
        vectors.clear();
        boolean room = true;
        for (int run = firstRun; run < batch.runs() && room; run++) {
            int from = run == firstRun ? firstFrom : batch.from(run);
            room = vectors.add(batch.slab(run), from, batch.to(run) - from);
        }
        return descriptor.writevAddresses(vectors.memoryAddress(0), vectors.count());
    }

    void drop() {
        dropped = true;
        disconnect();
    }

    /**
     * Closes the connection with what waits for it. Not by its pipeline: Vert.x there closes only
     * after everything was flushed, which for a viewer that reads nothing is never. On any thread.
     */
    void disconnect() {
        if (channel.eventLoop().inEventLoop()) {
            channel.unsafe().close(channel.newPromise());
        } else {
            channel.eventLoop().execute(this::disconnect);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the event loop only
    private void count(long bytes) {
        sentBytes += bytes;
    }
}
