package io.wadi.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.unix.FileDescriptor;

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
    private final Channel channel;
    private final FileDescriptor descriptor;
    private final Preamble preamble;
    private boolean joined;
    private long behindSinceNanos;
    private boolean behind = true;
    private volatile long sentBytes;
    private volatile long skippedUnits;
    private volatile boolean dropped;

    Viewer(Channel channel, Preamble preamble) {
        this.channel = channel;
        this.preamble = preamble;
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
     */
    void resume(long pts, long dts) {
        ByteBuf before = preamble.before(pts, dts, joined);
        joined = true;
        behind = false;
        if (before.isReadable()) {
            count(before.readableBytes());
            channel.unsafe().write(before, channel.voidPromise());
        } else {
            before.release();
        }
    }

    /** Bytes that wait for the socket. */
    long backlogBytes() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes();
    }

    /**
     * Writes a run of slab bytes; borrows the slab.
     *
     * @return false when the connection broke
     */
    boolean write(ByteBuf slab, int from, int to) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (waiting == null) {
            return false;
        }
        count(to - from);
        int at = from;
        if (descriptor != null && waiting.totalPendingWriteBytes() == 0) {
            try {
                at += descriptor.writeAddress(slab.memoryAddress(), from, to);
            } catch (IOException gone) {
                return false;
            }
        }
        if (at < to) {
            channel.unsafe().write(slab.retainedSlice(at, to - at), channel.voidPromise());
        }
        return true;
    }

    /** Hands what waits to the socket. */
    void flush() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        if (waiting != null && waiting.totalPendingWriteBytes() > 0) {
            channel.unsafe().flush();
        }
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
    private void count(int bytes) {
        sentBytes += bytes;
    }
}
