package io.wadi.testing;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;

import java.util.concurrent.TimeUnit;

/** A router that is served on a free port of the loopback. */
public final class TestHttp {
    private TestHttp() {}

    /** Ends with its Vert.x. */
    public static HttpServer serve(Vertx vertx, Router router) throws Exception {
        return vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }
}
