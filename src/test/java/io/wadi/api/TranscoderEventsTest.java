package io.wadi.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.wadi.stream.SpecJson;
import io.wadi.testing.TestHttp;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

class TranscoderEventsTest {
    private final Set<String> streams = ConcurrentHashMap.newKeySet();
    private final AtomicLong frames = new AtomicLong();
    private volatile String problem = "";
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private final TranscoderEvents events = new TranscoderEvents(this::runtime, streams::contains);
    private HttpServer server;

    @BeforeEach
    void open() throws Exception {
        Router router = Router.router(vertx);
        ApiHttp.install(router, () -> true);
        events.install(router);
        server = TestHttp.serve(vertx, router);
    }

    @AfterEach
    void close() throws Exception {
        events.close();
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Optional<StreamRuntime> runtime(String code) {
        StreamRuntime.ProfileState rung =
                new StreamRuntime.ProfileState(
                        0,
                        "track_1",
                        "active",
                        "",
                        "libx264",
                        Optional.empty(),
                        4711,
                        0,
                        25,
                        1.01,
                        frames.get(),
                        2600,
                        300,
                        0,
                        1.5,
                        90_000_000,
                        Collections.nCopies(8, new StreamRuntime.Failure(problem, Instant.EPOCH)));
        StreamRuntime none = StreamRuntime.UNKNOWN;
        return Optional.of(
                new StreamRuntime(
                        0,
                        Optional.empty(),
                        false,
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        new StreamRuntime.TranscoderState(List.of(rung)),
                        none.publisher(),
                        none.media(),
                        0));
    }

    private HttpRequest request(String code) {
        String path = "http://127.0.0.1:" + server.actualPort() + "/streams/" + code;
        return HttpRequest.newBuilder(URI.create(path + "/transcoder/events"))
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    private HttpResponse<InputStream> follow(String code) throws Exception {
        return client.send(request(code), HttpResponse.BodyHandlers.ofInputStream());
    }

    private static BufferedReader lines(HttpResponse<InputStream> answer) {
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    /** The next event of that name: its data. */
    private static JsonNode next(BufferedReader lines, String event) throws Exception {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.equals("event: " + event)) {
                String data = lines.readLine();
                assertThat(data).startsWith("data: ");
                return SpecJson.mapper().readTree(data.substring("data: ".length()));
            }
        }
        throw new AssertionError("no " + event);
    }

    @Test
    void tellsTheStateAtOnceAndThenWhatChanges() throws Exception {
        streams.add("tv/news");
        frames.set(7);
        HttpResponse<InputStream> answer = follow("tv%2Fnews");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        try (BufferedReader lines = lines(answer)) {
            JsonNode first = next(lines, "progress");
            assertThat(first.path("code").asText()).isEqualTo("tv/news");
            JsonNode rung = first.path("profiles").path(0);
            assertThat(rung.path("track").asText()).isEqualTo("track_1");
            assertThat(rung.path("frames").asLong()).isEqualTo(7);
            assertThat(rung.path("bitrate_kbps").asLong()).isEqualTo(2600);
            assertThat(rung.path("speed").asDouble()).isEqualTo(1.01);
            frames.set(8);
            assertThat(next(lines, "progress").at("/profiles/0/frames").asLong()).isEqualTo(8);
            streams.remove("tv/news");
            assertThat(next(lines, "end").isEmpty()).isTrue();
            assertThat(lines.readLine()).isEmpty();
            assertThat(lines.readLine()).isNull();
        }
        await().until(() -> events.clientCount() == 0);
    }

    @Test
    void forgetsAClientThatLeaves() throws Exception {
        streams.add("demo");
        try (BufferedReader lines = lines(follow("demo"))) {
            next(lines, "progress");
            assertThat(events.clientCount()).isEqualTo(1);
        }
        await().until(() -> events.clientCount() == 0);
    }

    @Test
    void refusesWhatIsNoStream() throws Exception {
        HttpResponse<String> answer =
                client.send(request("none"), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("\"NOT_FOUND\"").contains("none");
    }

    @Test
    void refusesMoreClientsThanItCanServe() throws Exception {
        streams.add("demo");
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < TranscoderEvents.MAX_CLIENTS; i++) {
                sockets.add(ask("demo"));
            }
            await().until(() -> events.clientCount() == TranscoderEvents.MAX_CLIENTS);
            HttpResponse<String> answer =
                    client.send(request("demo"), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("TOO_MANY_CLIENTS");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        await().until(() -> events.clientCount() == 0);
    }

    @Test
    void aClientThatDoesNotReadCostsNoOther() throws Exception {
        streams.add("demo");
        problem = "x".repeat(1 << 19); // eight of them are more than sockets hold
        try (Socket _ = ask("demo");
                BufferedReader lines = lines(follow("demo"))) {
            await().until(() -> events.clientCount() == 2);
            for (int i = 1; i <= 3; i++) {
                frames.set(i);
                long expected = i;
                JsonNode event = next(lines, "progress");
                while (event.at("/profiles/0/frames").asLong() < expected) {
                    event = next(lines, "progress");
                }
            }
        }
    }

    private Socket ask(String code) throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        socket.getOutputStream()
                .write(
                        ("GET /streams/" + code + "/transcoder/events HTTP/1.1\r\nHost: x\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
