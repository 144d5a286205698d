package io.wadi.rtmp;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.wadi.event.EventBus;

import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * {@code rtmp:}: takes publishers on a shared listener, or on listeners of its endpoints' own. It
 * owns the event loops and the listeners; those outlive the routes that use them.
 */
@Component("rtmp")
public class RtmpComponent extends DefaultComponent {
    private static final Duration SHUTDOWN = Duration.ofSeconds(2);

    @Metadata(
            defaultValue = "true",
            description = "Whether to open the shared listener when the component starts.")
    private boolean enabled = true;

    @Metadata(defaultValue = "0.0.0.0", description = "Address of the shared listener.")
    private String listenHost = "0.0.0.0";

    @Metadata(
            defaultValue = "1935",
            description = "Port of the shared listener; 0 takes a free one.")
    private int port = RtmpAddress.DEFAULT_PORT;

    @Metadata(label = "advanced", description = "Event loop threads; 0 is one for each processor.")
    private int workers;

    @Metadata(
            defaultValue = "30000",
            javaType = "java.time.Duration",
            description = "A publisher that sends nothing for so long is disconnected.")
    private long idleTimeout = 30_000;

    @Metadata(
            label = "advanced",
            defaultValue = "5000",
            javaType = "java.time.Duration",
            description =
                    "How long a publisher stays connected when its route stops, for the route to"
                            + " start again.")
    private long gracePeriod = 5_000;

    @Metadata(
            defaultValue = "0",
            javaType = "java.time.Duration",
            description =
                    "How long media of a publisher may wait before it is read, 0 to 500 ms: fewer"
                            + " and larger reads cost less. 0 reads at once. May be changed at any"
                            + " time.")
    private long receiveLatency;

    @Metadata(
            label = "security",
            defaultValue = "4096",
            description = "Open connections that one address may have on a listener.")
    private int maxConnectionsPerAddress = 4096;

    @Metadata(
            label = "advanced",
            description =
                    "Is told when publishers come and go. By default they become"
                            + " publisher.connected and publisher.gone events.")
    private PublishListener publishListener;

    private Duration handshakeDeadline = RtmpLimits.HANDSHAKE;
    private Duration publishDeadline = RtmpLimits.PUBLISH;

    private record Shared(RtmpListener listener, int users) {}

    /** Listeners of endpoints by host and port as given; guarded by this. */
    private final Map<InetSocketAddress, Shared> listeners = new HashMap<>();

    /** For all listeners; its event loops change when the component starts again. */
    private volatile ReadPace pace = new ReadPace(System::nanoTime);

    private EventLoopGroup acceptor;
    private EventLoopGroup loops;
    private RtmpListener shared;

    /** What a peer has for its handshake, and from there until it publishes or plays. */
    void setDeadlines(Duration handshake, Duration publish) {
        handshakeDeadline = handshake;
        publishDeadline = publish;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        RtmpEndpoint endpoint = new RtmpEndpoint(uri, this, RtmpAddress.parse(remaining));
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        boolean epoll = Epoll.isAvailable();
        acceptor = group(epoll, 1, "rtmp-accept");
        int threads = workers > 0 ? workers : Runtime.getRuntime().availableProcessors();
        loops = group(epoll, threads, "rtmp");
        pace = new ReadPace(System::nanoTime);
        pace.setPeriod(Duration.ofMillis(receiveLatency));
        if (enabled) {
            try {
                shared = open(new InetSocketAddress(listenHost, port));
            } catch (IOException e) {
                shutDownLoops();
                throw e;
            }
        }
    }

    private static EventLoopGroup group(boolean epoll, int threads, String name) {
        DefaultThreadFactory factory = new DefaultThreadFactory(name, true);
        return epoll
                ? new EpollEventLoopGroup(threads, factory)
                : new NioEventLoopGroup(threads, factory);
    }

    @Override
    protected void doStop() throws Exception {
        if (shared != null) {
            shared.close();
            shared = null;
        }
        synchronized (this) {
            listeners.values().forEach(entry -> entry.listener().close());
            listeners.clear();
        }
        shutDownLoops();
        super.doStop();
    }

    private void shutDownLoops() {
        for (EventLoopGroup group : new EventLoopGroup[] {acceptor, loops}) {
            group.shutdownGracefully(0, SHUTDOWN.toMillis(), TimeUnit.MILLISECONDS)
                    .awaitUninterruptibly();
        }
    }

    /** The shared listener on its way to another address; it listens on both. */
    public interface Move {
        /** Gives the old address up; publishers and players stay connected. */
        void commit();

        /** Gives the new address up. */
        void undo();
    }

    /**
     * Listens on another address in the place of the shared listener's.
     *
     * @throws IOException when it cannot be had
     */
    public Move move(String toHost, int toPort) throws IOException {
        RtmpListener listener = shared;
        if (listener == null) {
            throw new IllegalStateException("rtmp: the shared listener is not open");
        }
        Channel bound =
                listener.bind(acceptor, loops, transport(), new InetSocketAddress(toHost, toPort));
        return new Move() {
            @Override
            public void commit() {
                listener.moveTo(bound);
                synchronized (RtmpComponent.this) {
                    listenHost = toHost;
                    port = toPort;
                }
            }

            @Override
            public void undo() {
                bound.close().awaitUninterruptibly();
            }
        };
    }

    private Class<? extends ServerChannel> transport() {
        return loops instanceof EpollEventLoopGroup
                ? EpollServerSocketChannel.class
                : NioServerSocketChannel.class;
    }

    private RtmpListener open(InetSocketAddress address) throws IOException {
        RtmpLimits limits =
                new RtmpLimits(
                        handshakeDeadline,
                        publishDeadline,
                        Duration.ofMillis(idleTimeout),
                        Duration.ofMillis(gracePeriod),
                        maxConnectionsPerAddress);
        PublishListener told =
                publishListener != null
                        ? publishListener
                        : new PublishEvents(EventBus.of(getCamelContext()));
        RtmpListener listener = new RtmpListener(limits, pace, told);
        listener.open(acceptor, loops, transport(), address);
        return listener;
    }

    /** The listener of an address, opened when it is not there; paid back with {@link #release}. */
    synchronized RtmpListener acquire(RtmpAddress address) throws IOException {
        if (address.isShared() || isSharedAddress(address)) {
            if (shared == null) {
                throw new IllegalStateException(
                        "rtmp: the shared listener is off (component option enabled=false)");
            }
            return shared;
        }
        Shared entry = listeners.get(address.socketAddress());
        RtmpListener listener = entry == null ? open(address.socketAddress()) : entry.listener();
        listeners.put(
                address.socketAddress(),
                new Shared(listener, entry == null ? 1 : entry.users() + 1));
        return listener;
    }

    private boolean isSharedAddress(RtmpAddress address) {
        return shared != null
                && port != 0
                && address.port() == port
                && address.socketAddress().equals(new InetSocketAddress(listenHost, port));
    }

    synchronized void release(RtmpAddress address) {
        Shared entry = address.isShared() ? null : listeners.get(address.socketAddress());
        if (entry == null) {
            return;
        }
        if (entry.users() > 1) {
            listeners.put(address.socketAddress(), new Shared(entry.listener(), entry.users() - 1));
        } else {
            listeners.remove(address.socketAddress());
            entry.listener().close();
        }
    }

    /** Where the shared listener listens; its port is the real one when the option was 0. */
    public InetSocketAddress boundAddress() {
        if (shared == null) {
            throw new IllegalStateException("rtmp: the shared listener is not open");
        }
        return shared.boundAddress();
    }

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public String getListenHost() {
        return listenHost;
    }

    public void setListenHost(String listenHost) {
        this.listenHost = listenHost;
    }

    public int getPort() {
        return port;
    }

    public void setPort(int port) {
        this.port = port;
    }

    public int getWorkers() {
        return workers;
    }

    public void setWorkers(int workers) {
        this.workers = workers;
    }

    public long getIdleTimeout() {
        return idleTimeout;
    }

    public void setIdleTimeout(long idleTimeout) {
        this.idleTimeout = idleTimeout;
    }

    public long getGracePeriod() {
        return gracePeriod;
    }

    public void setGracePeriod(long gracePeriod) {
        this.gracePeriod = gracePeriod;
    }

    public long getReceiveLatency() {
        return receiveLatency;
    }

    /** For publishers that are connected too, from their next read on. */
    public void setReceiveLatency(long receiveLatency) {
        pace.setPeriod(Duration.ofMillis(receiveLatency));
        this.receiveLatency = receiveLatency;
    }

    public int getMaxConnectionsPerAddress() {
        return maxConnectionsPerAddress;
    }

    public void setMaxConnectionsPerAddress(int maxConnectionsPerAddress) {
        this.maxConnectionsPerAddress = maxConnectionsPerAddress;
    }

    public PublishListener getPublishListener() {
        return publishListener;
    }

    public void setPublishListener(PublishListener publishListener) {
        this.publishListener = publishListener;
    }
}
