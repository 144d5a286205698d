package io.wadi.app;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.wadi.api.ApiHttp;
import io.wadi.http.HeadDeadline;
import io.wadi.http.MediaHttp;

import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The one HTTP port: Camel's platform-http and everything else that is mounted on its router.
 * Camel's own server takes all connections on one event loop; this one listens with every event
 * loop, and port 0 is the same free port for all of them.
 */
final class HttpListener extends VertxPlatformHttpServer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    private final String key;
    private final int eventLoops;
    private final Duration headerTimeout;
    private final CopyOnWriteArrayList<HttpServer> servers = new CopyOnWriteArrayList<>();

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

    @Override
    public HttpServer getServer() {
        return servers.isEmpty() ? null : servers.getFirst();
    }

    @Override
    public int getPort() {
        HttpServer server = getServer();
        return server == null ? getConfigurationPort() : server.actualPort();
    }

    boolean isListening() {
        return !servers.isEmpty();
    }

    @Override
    protected void startServer() {
        VertxPlatformHttpRouter router = router();
        try {
            getVertx()
                    .deployVerticle(
                            () -> new Listening(router),
                            new DeploymentOptions().setInstances(eventLoops))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new ConfigException(
                    key,
                    "cannot listen on "
                            + getHost()
                            + ":"
                            + getConfigurationPort()
                            + " ("
                            + e.getCause().getMessage()
                            + "), expected a free port; 0 picks one");
        }
        LOG.info("http: listening on {}:{}", getHost(), getPort());
    }

    /** Closing the Vert.x instance closes the servers with their connections. */
    @Override
    protected void stopServer() {
        servers.clear();
    }

    /** One event loop's share of the port. */
    private final class Listening extends AbstractVerticle {
        private final VertxPlatformHttpRouter router;

        Listening(VertxPlatformHttpRouter router) {
            this.router = router;
        }

        @Override
        public void start(Promise<Void> started) {
            HttpServerOptions options =
                    MediaHttp.limit(new HttpServerOptions())
                            .setHandle100ContinueAutomatically(true)
                            .setHttp2ClearTextEnabled(false);
            // Vert.x shares a negative port among the instances of one deployment.
            int port = getConfigurationPort() == 0 ? -1 : getConfigurationPort();
            vertx.createHttpServer(options)
                    .requestHandler(router)
                    .connectionHandler(made -> HeadDeadline.guard(made, headerTimeout))
                    .listen(port, getHost())
                    .onSuccess(servers::add)
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
