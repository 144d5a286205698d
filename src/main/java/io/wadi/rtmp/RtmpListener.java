package io.wadi.rtmp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.GlobalEventExecutor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One listening address and the names that are registered on it. Outlives the routes that register
 * them: a publisher stays connected while its route is built anew.
 */
final class RtmpListener implements Session.Host {
    private static final Logger LOG = LoggerFactory.getLogger(RtmpListener.class);

    private static final int BACKLOG = 1024;

    private final RtmpLimits limits;
    private final ReadPace pace;
    private final PublishListener events;
    private final Map<String, PublishInput> inputs = new ConcurrentHashMap<>();
    private final Map<String, PlayOutput> outputs = new ConcurrentHashMap<>();
    private final Map<InetAddress, Integer> connections = new ConcurrentHashMap<>();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    /** Publishers without a consumer, by path; guarded by this. */
    private final Map<String, Session> held = new HashMap<>();

    private volatile Channel server;

    RtmpListener(RtmpLimits limits, ReadPace pace, PublishListener events) {
        this.limits = limits;
        this.pace = pace;
        this.events = events;
    }

    /** Listens. Throws an IOException that names the address when that is not to be had. */
    void open(
            EventLoopGroup acceptor,
            EventLoopGroup workers,
            Class<? extends ServerChannel> transport,
            InetSocketAddress address)
            throws IOException {
        server = bind(acceptor, workers, transport, address);
    }

    /** Gives the address up for another one, from {@link #bind}; connections stay. */
    void moveTo(Channel bound) {
        Channel before = server;
        server = bound;
        before.close().awaitUninterruptibly();
    }

    /** Listens on an address too. Connections are this listener's, whichever they came in by. */
    Channel bind(
            EventLoopGroup acceptor,
            EventLoopGroup workers,
            Class<? extends ServerChannel> transport,
            InetSocketAddress address)
            throws IOException {
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(acceptor, workers)
                        .channel(transport)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(ChannelOption.SO_KEEPALIVE, true)
                        .childHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        accept(channel);
                                    }
                                });
        var bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "rtmp: cannot listen on "
                            + address.getHostString()
                            + ":"
                            + address.getPort()
                            + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        Channel opened = bound.channel();
        InetSocketAddress at = (InetSocketAddress) opened.localAddress();
        LOG.info("rtmp: listening on {}", NetUtil.toSocketAddressString(at));
        return opened;
    }

    InetSocketAddress boundAddress() {
        return (InetSocketAddress) server.localAddress();
    }

    private void accept(Channel channel) {
        InetAddress address = ((InetSocketAddress) channel.remoteAddress()).getAddress();
        if (connections.merge(address, 1, Integer::sum) > limits.connectionsPerAddress()) {
            LOG.warn(
                    "rtmp: {} is refused: it has {} connections already",
                    address.getHostAddress(),
                    limits.connectionsPerAddress());
            gone(address);
            channel.close();
            return;
        }
        channel.closeFuture().addListener(_ -> gone(address));
        channels.add(channel);
        channel.pipeline().addLast(new RtmpHandler(this, limits, pace));
    }

    private void gone(InetAddress address) {
        connections.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
    }

    /** Takes publishers of the input's name from now on, one that is held before all. */
    synchronized void register(PublishInput input) {
        PublishInput other = inputs.putIfAbsent(input.path(), input);
        if (other != null) {
            throw new IllegalArgumentException(
                    "rtmp: " + input.path() + " is consumed by another route already");
        }
        Session session = held.remove(input.path());
        if (session != null) {
            session.execute(() -> session.resume(input));
        }
    }

    synchronized void unregister(PublishInput input) {
        inputs.remove(input.path(), input);
    }

    /** Serves players of the output's path from now on. */
    void register(PlayOutput output) {
        if (outputs.putIfAbsent(output.path(), output) != null) {
            throw new IllegalArgumentException(
                    "rtmp: " + output.path() + " is served by another route already");
        }
    }

    void unregister(PlayOutput output) {
        outputs.remove(output.path(), output);
    }

    @Override
    public Optional<PlayOutput> findOutput(PublishTarget target) {
        return Optional.ofNullable(outputs.get(target.path()));
    }

    @Override
    public Session.Lookup find(PublishTarget target) {
        PublishInput named = inputs.get(target.path());
        if (named != null && named.allows(target)) {
            return new Session.Lookup(named, "", "");
        }
        PublishInput keyed = null;
        for (PublishInput input : inputs.values()) {
            if (input.isKeyOf(target)) {
                keyed = input;
            }
        }
        if (keyed != null) {
            return new Session.Lookup(keyed, "", "");
        }
        return named != null
                ? new Session.Lookup(
                        null, StatusCode.PUBLISH_DENIED, "the stream key is missing or wrong")
                : new Session.Lookup(
                        null,
                        StatusCode.PUBLISH_BAD_NAME,
                        "no stream takes a publisher under this app and name");
    }

    @Override
    public void publishing(Session session, String path) {
        LOG.info("rtmp: {} publishes {}", session.peer(), path);
        events.publishing(path, session.peer());
    }

    @Override
    public void refused(Session session, PublishTarget target, String reason) {
        LOG.warn("rtmp: {} may not publish to app {}: {}", session.peer(), target.app(), reason);
    }

    @Override
    public void hold(Session session, String path) {
        synchronized (this) {
            PublishInput input = inputs.get(path);
            if (input != null) {
                session.resume(input);
                return;
            }
            held.put(path, session);
        }
        session.schedule(() -> letGo(session, path), limits.grace());
    }

    private void letGo(Session session, String path) {
        boolean waiting;
        synchronized (this) {
            waiting = held.remove(path, session);
        }
        if (waiting) {
            session.refuse(StatusCode.UNPUBLISH_SUCCESS, "the stream is not accepted any more");
        }
    }

    @Override
    public void ended(Session session, String path, String reason) {
        synchronized (this) {
            held.remove(path, session);
        }
        LOG.info("rtmp: {} published {} until {}", session.peer(), path, reason);
        events.ended(path, session.peer(), reason);
    }

    /** Stops listening and closes every connection. */
    void close() {
        server.close().awaitUninterruptibly();
        channels.close().awaitUninterruptibly();
    }
}
