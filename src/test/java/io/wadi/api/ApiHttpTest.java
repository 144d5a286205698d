package io.wadi.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.wadi.testing.TestHttp;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;

/** What is answered where there is nothing. */
class ApiHttpTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile boolean started;
    private HttpServer server;

    @BeforeEach
    void open() throws Exception {
        Router router = Router.router(vertx);
        ApiHttp.install(router, () -> started);
        router.get("/here").handler(context -> context.end("yes"));
        server = TestHttp.serve(vertx, router);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + path);
        return client.send(
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void whatIsNotThereYetIsToBeAskedForAgain() throws Exception {
        HttpResponse<String> early = send("GET", "/demo/index.m3u8");
        assertThat(early.statusCode()).isEqualTo(503);
        assertThat(early.headers().firstValue("retry-after")).hasValue("1");
        assertThat(early.body()).contains("STARTING", "/readyz");
        assertThat(send("GET", "/here").body()).isEqualTo("yes");
        started = true;
        assertThat(send("GET", "/demo/index.m3u8").statusCode()).isEqualTo(404);
    }

    @Test
    void aPathWithOtherMethodsSaysWhich() throws Exception {
        started = true;
        HttpResponse<String> answer = send("POST", "/here");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).hasValue("GET");
    }
}
