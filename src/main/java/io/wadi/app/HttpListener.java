package io.wadi.app;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.wadi.api.ApiHttp;
import io.wadi.http.MediaHttp;

import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The one HTTP port: Camel's platform-http and everything else that is mounted on its router.
 * Camel's own server takes all connections on one event loop; this one listens with every event
 * loop, and port 0 is the same free port for all of them.
 */
final class HttpListener extends VertxPlatformHttpServer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private final String key;
    private final int eventLoops;
    private volatile Duration headerTimeout;
    private final List<HttpSocket> retired = new ArrayList<>();
    private volatile ListenAddress address;
    private volatile HttpSocket current;
    private volatile MediaHttp media;

    /**
     * @param key the configuration key to name when the port cannot be had
     * @param headerTimeout in which the head of a request must come to its end
     */
    HttpListener(
            String key,
            ListenAddress address,
            Vertx vertx,
            int eventLoops,
            Duration headerTimeout) {
        super(configuration(address));
        this.address = address;
        this.key = key;
        this.eventLoops = eventLoops;
        this.headerTimeout = headerTimeout;
        setVertx(vertx);
    }

    private static VertxPlatformHttpServerConfiguration configuration(ListenAddress address) {
        var configuration = new VertxPlatformHttpServerConfiguration();
        configuration.setBindHost(address.host());
        configuration.setBindPort(address.port());
        configuration.setMaxBodySize((long) ApiHttp.MAX_BODY_BYTES);
        configuration.getBodyHandler().setHandleFileUploads(false);
        return configuration;
    }

    /** The router that everything on this port is mounted on; there from the start on. */
    VertxPlatformHttpRouter router() {
        return VertxPlatformHttpRouter.lookup(
                getCamelContext(),
                VertxPlatformHttpRouter.getRouterNameFromPort(getConfigurationPort()));
    }

    /** Asked before the router; set before this starts. */
    void answerFirst(MediaHttp media) {
        this.media = media;
    }

    private Handler<HttpServerRequest> requests() {
        return media.before(router());
    }

    @Override
    public HttpServer getServer() {
        HttpSocket socket = current;
        return socket == null ? null : socket.server();
    }

    @Override
    public int getPort() {
        HttpServer server = getServer();
        return server == null ? getConfigurationPort() : server.actualPort();
    }

    /** Where it was told to listen; the port may be 0. */
    ListenAddress address() {
        return address;
    }

    boolean isListening() {
        return current != null;
    }

    @Override
    protected void startServer() {
        current = open(address);
    }

    /** For connections made from now on. */
    void setHeaderTimeout(Duration headerTimeout) {
        this.headerTimeout = headerTimeout;
    }

    private HttpSocket open(ListenAddress at) {
        HttpSocket opened =
                HttpSocket.open(key, getVertx(), at, eventLoops, () -> headerTimeout, requests());
        LOG.info("http: listening on {}:{}", at.host(), opened.server().actualPort());
        return opened;
    }

    /**
     * Listens on another address in the place of this one.
     *
     * @throws ConfigException when it cannot be had
     */
    synchronized Move move(ListenAddress to) {
        retired.removeIf(HttpSocket::isClosed);
        for (HttpSocket before : retired) {
            if (before.port() == to.port() && to.port() != 0) {
                throw new ConfigException(
                        key, to.port(), "a port that no connection is left on from before");
            }
        }
        HttpSocket opened = open(to);
        return new Move() {
            @Override
            public void commit() {
                synchronized (HttpListener.this) {
                    HttpSocket before = current;
                    current = opened;
                    address = to;
                    retired.add(before);
                    before.retire();
                }
            }

            @Override
            public void undo() {
                opened.close();
            }
        };
    }

    /** Closing the Vert.x instance closes the servers with their connections. */
    @Override
    protected void stopServer() {
        current = null;
    }
}
