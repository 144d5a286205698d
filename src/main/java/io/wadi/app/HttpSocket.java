package io.wadi.app;

import io.netty.channel.Channel;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.wadi.http.HeadDeadline;
import io.wadi.http.MediaHttp;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One address that HTTP is served on, by every event loop. It can be given up while its connections
 * go on: Vert.x would close them with it, so the listening socket alone is closed, and the rest
 * when the last connection has gone.
 */
final class HttpSocket {
    private final Vertx vertx;
    private final ListenAddress address;
    private final CopyOnWriteArrayList<HttpServer> servers = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private String deployment = "";
    private volatile Channel listening;
    private volatile boolean retired;
    private volatile boolean closed;

    private HttpSocket(Vertx vertx, ListenAddress address) {
        this.vertx = vertx;
        this.address = address;
    }

    /**
     * Listens.
     *
     * @param key the configuration key to name when the address cannot be had
     */
    static HttpSocket open(
            String key,
            Vertx vertx,
            ListenAddress address,
            int eventLoops,
            Supplier<Duration> headerTimeout,
            Handler<HttpServerRequest> requests) {
        HttpSocket socket = new HttpSocket(vertx, address);
        try {
            DeploymentOptions options = new DeploymentOptions().setInstances(eventLoops);
            // On a thread of nobody's: deployed by a request it would go with that one's socket.
            socket.deployment =
                    CompletableFuture.supplyAsync(
                                    () ->
                                            vertx.deployVerticle(
                                                    () ->
                                                            socket
                                                            .new Listening(headerTimeout, requests),
                                                    options),
                                    task -> Thread.ofVirtual().name("http-listen").start(task))
                            .thenCompose(Future::toCompletionStage)
                            .join();
        } catch (CompletionException e) {
            throw new ConfigException(
                    key,
                    "cannot listen on "
                            + address.host()
                            + ":"
                            + address.port()
                            + " ("
                            + e.getCause().getMessage()
                            + "), expected a free port; 0 picks one");
        }
        return socket;
    }

    HttpServer server() {
        return servers.getFirst();
    }

    int port() {
        return server().actualPort();
    }

    boolean isClosed() {
        return closed;
    }

    /** Takes no connections any more; those that are there go on. */
    void retire() {
        retired = true;
        if (listening != null) {
            listening.close();
        }
        closeWhenUnused();
    }

    private void closeWhenUnused() {
        if (retired && connections.get() == 0) {
            close();
        }
    }

    void close() {
        vertx.undeploy(deployment).onComplete(_ -> closed = true);
    }

    /** Its parent is the listening socket, which all instances share. */
    private void opened(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            Channel channel = base.channel();
            listening = channel.parent();
            connections.incrementAndGet();
            channel.closeFuture()
                    .addListener(
                            _ -> {
                                connections.decrementAndGet();
                                closeWhenUnused();
                            });
            if (retired) {
                listening.close();
            }
        }
    }

    /** One event loop's share of the port. */
    private final class Listening extends AbstractVerticle {
        private final Supplier<Duration> headerTimeout;
        private final Handler<HttpServerRequest> requests;

        Listening(Supplier<Duration> headerTimeout, Handler<HttpServerRequest> requests) {
            this.headerTimeout = headerTimeout;
            this.requests = requests;
        }

        @Override
        public void start(Promise<Void> started) {
            HttpServerOptions options =
                    MediaHttp.limit(new HttpServerOptions())
                            .setHandle100ContinueAutomatically(true)
                            .setHttp2ClearTextEnabled(false);
            // Vert.x shares a negative port among the instances of one deployment.
            int port = address.port() == 0 ? -1 : address.port();
            vertx.createHttpServer(options)
                    .requestHandler(requests)
                    .connectionHandler(
                            made -> {
                                opened(made);
                                HeadDeadline.guard(made, headerTimeout.get());
                            })
                    .listen(port, address.host())
                    .onSuccess(servers::add)
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
