package io.wadi.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.wadi.codec.MalformedException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.SocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One accepted connection: handshake, chunks, acknowledgements, deadlines, when it is read. */
final class RtmpHandler extends ChannelInboundHandlerAdapter
        implements Session.Wire, ReadTicks.Reader {
    private static final Logger LOG = LoggerFactory.getLogger(RtmpHandler.class);

    private static final int HANDSHAKE_BYTES = 1 + 2 * ServerHandshake.PACKET_SIZE;
    private static final int MIN_WINDOW = 1024;

    /** Answers to a player whose socket is full: more than it can have asked for in earnest. */
    private static final int MAX_UNREAD_ANSWERS = 64 * 1024;

    /** What the connection is there for, and with it what it is disconnected for. */
    private enum Activity {
        NEGOTIATING,
        PUBLISHING,
        PLAYING
    }

    private final Session session;
    private final RtmpLimits limits;
    private final ReadPace pace;
    private final ServerHandshake handshake = new ServerHandshake(new SecureRandom());
    private ChannelHandlerContext context;
    private ChunkReader chunks;
    private ByteBuf greeting;
    private int greetingBytes;
    private boolean greeted;
    private ByteBuf out;
    private long bytesIn;
    private long acknowledgedIn;
    private int peerWindow = Session.WINDOW;
    private long deadlineNanos;
    private long lastReadNanos;
    private long bytesOut;
    private int unreadBytes;
    private Activity activity = Activity.NEGOTIATING;
    private Future<?> timer;
    private boolean closing;

    /** The last read filled its buffer: there may be more. */
    private boolean filled;

    /** The next tick will read. */
    private boolean awaitsTick;

    RtmpHandler(Session.Host host, RtmpLimits limits, ReadPace pace) {
        this.session = new Session(this, host);
        this.limits = limits;
        this.pace = pace;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        chunks = new ChunkReader(ctx.alloc(), this::onMessage);
        greeting = ctx.alloc().heapBuffer(HANDSHAKE_BYTES, HANDSHAKE_BYTES);
        deadlineNanos = System.nanoTime() + limits.handshake().toNanos();
        watch(limits.handshake());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        session.close("the connection ended");
        chunks.close();
        releaseGreeting();
        if (out != null) {
            out.release();
            out = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        session.close("the connection ended");
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        filled = !in.isWritable();
        try {
            if (!closing) {
                read(in);
            }
        } catch (MalformedException e) {
            LOG.warn("rtmp: {} is disconnected: {}", peer(), e.getMessage());
            session.fail(e.getMessage());
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) throws MalformedException {
        lastReadNanos = System.nanoTime();
        session.arrived(lastReadNanos);
        bytesIn += in.readableBytes();
        if (!greeted) {
            greet(in);
        }
        if (greeted) {
            chunks.read(in);
            acknowledge();
        }
        become(activityNow());
    }

    private Activity activityNow() {
        if (session.isPublishing()) {
            return Activity.PUBLISHING;
        }
        return session.isPlaying() ? Activity.PLAYING : Activity.NEGOTIATING;
    }

    private void become(Activity next) {
        if (next == activity || closing) {
            return;
        }
        activity = next;
        timer.cancel(false);
        switch (next) {
            case NEGOTIATING -> {
                deadlineNanos = System.nanoTime() + limits.publish().toNanos();
                watch(limits.publish());
            }
            case PUBLISHING -> watch(limits.idle());
            case PLAYING -> {
                // Players need not say anything; the fan-out notices those that do not read.
            }
        }
    }

    private void greet(ByteBuf in) throws MalformedException {
        int bytes = Math.min(in.readableBytes(), HANDSHAKE_BYTES - greetingBytes);
        greeting.writeBytes(in, bytes);
        greetingBytes += bytes;
        greeted = handshake.read(greeting, out());
        if (greeted) {
            releaseGreeting();
            deadlineNanos = System.nanoTime() + limits.publish().toNanos();
        }
        flush();
    }

    private void releaseGreeting() {
        if (greeting != null) {
            greeting.release();
            greeting = null;
        }
    }

    private void onMessage(int type, int streamId, int timestampMs, ByteBuf payload)
            throws MalformedException {
        switch (type) {
            case MessageType.ACKNOWLEDGEMENT -> {
                if (payload.readableBytes() >= 4) {
                    session.acknowledged(payload.readInt(), bytesOut);
                }
            }
            case MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE -> {
                if (payload.readableBytes() >= 4) {
                    peerWindow = Math.max(MIN_WINDOW, payload.readInt());
                }
            }
            case MessageType.SET_PEER_BANDWIDTH -> {
                // Answered with the window that it asks us to keep to (§5.4.5).
                if (payload.readableBytes() >= 4) {
                    session.messages().windowAcknowledgementSize(payload.readInt(), out());
                }
            }
            default -> session.onMessage(type, streamId, timestampMs, payload);
        }
    }

    /** At half the window, so that a peer that waits for it never has to (§5.4.3). */
    private void acknowledge() {
        if (bytesIn - acknowledgedIn >= peerWindow / 2) {
            acknowledgedIn = bytesIn;
            session.messages().acknowledgement(bytesIn, out());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        flush();
        readOn();
    }

    /**
     * Media waits in the socket for the next tick. Everything else is read when it comes: the
     * handshake, commands until the first media, players, and whatever follows the end of a
     * publisher. A connection that ends is noticed at the tick at the latest.
     */
    private void readOn() {
        ChannelConfig config = context.channel().config();
        boolean waits = pace.isOn() && session.takesMedia() && !filled;
        if (config.isAutoRead() == waits) {
            config.setAutoRead(!waits);
        }
        if (waits && !awaitsTick) {
            awaitsTick = true;
            pace.of(context.executor()).await(this);
        }
    }

    @Override
    public void onTick() {
        awaitsTick = false;
        // All that has come in one turn, so that viewers get it in one write.
        context.channel().config().setAutoRead(true);
    }

    /** One timer a connection, set again when it fires: reading costs nothing. */
    private void watch(Duration delay) {
        timer =
                context.executor()
                        .schedule(this::checkDeadline, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void checkDeadline() {
        // A publisher may have begun, or ended, without a word of its own.
        if (closing || activity != activityNow()) {
            become(activityNow());
            return;
        }
        long now = System.nanoTime();
        if (activity == Activity.PUBLISHING) {
            deadlineNanos = lastReadNanos + limits.idle().toNanos();
        }
        if (now - deadlineNanos >= 0) {
            expired();
        } else {
            watch(Duration.ofNanos(deadlineNanos - now));
        }
    }

    private void expired() {
        if (session.isPublishing()) {
            session.refuse(
                    StatusCode.PUBLISH_IDLE,
                    "nothing came from the publisher for " + limits.idle().toSeconds() + " s");
        } else {
            LOG.warn(
                    "rtmp: {} is disconnected: {}",
                    peer(),
                    greeted
                            ? "connected, but publishes and plays nothing"
                            : "handshake not finished");
            close("timed out");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            close("the connection broke: " + cause.getMessage());
        } else {
            LOG.error("rtmp: {} is disconnected", peer(), cause);
            close("an error of this server");
        }
    }

    @Override
    public ByteBuf out() {
        if (out == null) {
            out = context.alloc().directBuffer(1024);
        }
        return out;
    }

    @Override
    public void flush() {
        ByteBuf written = out;
        out = null;
        if (written == null) {
            return;
        }
        if (!written.isReadable()) {
            written.release();
            return;
        }
        int bytes = written.readableBytes();
        bytesOut += bytes;
        context.writeAndFlush(written);
        unreadBytes = context.channel().isWritable() ? 0 : unreadBytes + bytes;
        // A player's socket may be full of media.
        int limit = session.isPlaying() ? MAX_UNREAD_ANSWERS : 0;
        if (!closing && context.channel().isActive() && unreadBytes > limit) {
            LOG.warn("rtmp: {} is disconnected: it reads no answers", peer());
            close("the peer reads no answers");
        }
    }

    @Override
    public void close(String reason) {
        if (closing) {
            return;
        }
        closing = true;
        session.close(reason);
        ByteBuf last = out;
        out = null;
        if (last == null) {
            context.close();
        } else {
            context.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void execute(Runnable task) {
        context.executor().execute(task);
    }

    @Override
    public void schedule(Runnable task, Duration delay) {
        context.executor().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public Channel channel() {
        return context.channel();
    }

    @Override
    public String peer() {
        SocketAddress remote = context.channel().remoteAddress();
        String text = String.valueOf(remote);
        return text.startsWith("/") ? text.substring(1) : text;
    }
}
