package io.wadi.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;

import org.apache.camel.CamelContext;

import java.util.concurrent.TimeUnit;

/** The media routes of a Camel context on a port of their own. */
public final class MediaServer implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    public MediaServer(CamelContext context) throws Exception {
        this(MediaRoutes.of(context), TrustedProxies.NONE);
    }

    MediaServer(MediaRoutes routes, TrustedProxies proxies) throws Exception {
        Router router = Router.router(vertx);
        new MediaHttp(routes, proxies).mount(router);
        server =
                vertx.createHttpServer(
                                MediaHttp.limit(new HttpServerOptions()).setHost("localhost"))
                        .requestHandler(router)
                        .listen(0)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS);
    }

    public int port() {
        return server.actualPort();
    }

    public String url(String path) {
        return "http://localhost:" + port() + path;
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }
}
