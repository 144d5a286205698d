package io.wadi.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The REST contract over real HTTP, with the API's routes as they ship. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamsApiTest {
    private static final String INPUT = "\"inputs\":[{\"url\":\"rtmp://0.0.0.0:1935/live/demo\"}]";

    private Path folder;
    private ApiServer server;
    private DefaultCamelContext context;
    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        server = new ApiServer(folder, RuntimeView.NONE);
        context = server.context;
        port = server.port;
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return server.send(method, path, body);
    }

    private HttpRequest.Builder request(String method, String path, String body) {
        return server.request(method, path, body);
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return ApiServer.json(response);
    }

    @Test
    void lifeOfAStream() throws Exception {
        var created =
                send(
                        "PUT",
                        "/streams/demo",
                        "{\"name\":\"Demo\","
                                + INPUT
                                + ",\"protocols\":{\"hls\":true,\"dash\":true}}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        JsonNode data = json(created).path("data");
        assertThat(data.path("status").asText()).isEqualTo("idle");
        assertThat(data.path("created_at").asText()).endsWith("Z");
        assertThat(context.getRoute("demo/hls")).isNull();
        assertThat(folder.resolve("streams/demo.yaml")).content().contains("status: idle");

        var started = send("POST", "/streams/demo/start", "");
        assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
        assertThat(started.body()).isEqualTo("{\"data\":{\"status\":\"started\"}}");
        assertThat(context.getRoute("demo/hls")).isNotNull();
        var same = context.getRoute("demo/hls");

        var updated = send("PUT", "/streams/demo", "{\"protocols\":{\"hls\":true},\"name\":null}");
        assertThat(updated.statusCode()).isEqualTo(200);
        data = json(updated).path("data");
        assertThat(data.path("name").asText()).isEmpty();
        assertThat(data.path("inputs")).hasSize(1);
        assertThat(data.path("status").asText()).isEqualTo("active");
        assertThat(context.getRoute("demo/hls")).isSameAs(same);
        assertThat(context.getRoute("demo/dash")).isNull();

        assertThat(send("POST", "/streams/demo", "{\"protocols\":{\"dash\":true}}").statusCode())
                .isEqualTo(200);
        assertThat(context.getRoute("demo/dash")).isNotNull();
        assertThat(context.getRoute("demo/hls")).isSameAs(same);

        JsonNode status = json(send("GET", "/streams/demo/status", "")).path("data");
        assertThat(status.path("pipeline_active").asBoolean()).isTrue();
        assertThat(status.path("stream").path("code").asText()).isEqualTo("demo");
        assertThat(status.path("runtime").path("routes").has("demo/hls")).isTrue();
        JsonNode active = json(send("GET", "/streams?status=active", ""));
        assertThat(active.path("data").findValuesAsText("code")).contains("demo");

        // what GET gives may be sent back
        String got = json(send("GET", "/streams/demo", "")).path("data").toString();
        assertThat(send("PUT", "/streams/demo?mode=replace", got).statusCode()).isEqualTo(200);
        assertThat(context.getRoute("demo/hls")).isSameAs(same);

        assertThat(send("POST", "/api/v1/streams/demo/stop", "").body())
                .isEqualTo("{\"data\":{\"status\":\"stopped\"}}");
        assertThat(context.getRoute("demo/hls")).isNull();
        assertThat(send("PUT", "/streams/demo", "{\"disabled\":true}").statusCode()).isEqualTo(200);
        assertThat(json(send("POST", "/streams/demo/start", "")).at("/error/code").asText())
                .isEqualTo("STREAM_DISABLED");
        assertThat(send("DELETE", "/streams/demo", "").statusCode()).isEqualTo(204);
        assertThat(send("DELETE", "/streams/demo", "").statusCode()).isEqualTo(204);
        assertThat(send("GET", "/streams/demo", "").statusCode()).isEqualTo(404);
        assertThat(folder.resolve("streams/demo.yaml")).doesNotExist();
    }

    @Test
    void codesWithSlashes() throws Exception {
        assertThat(send("PUT", "/streams/tv%2Fone", "{" + INPUT + "}").statusCode()).isEqualTo(201);
        assertThat(folder.resolve("streams/tv/one.yaml")).exists();
        assertThat(json(send("GET", "/streams/tv/one", "")).at("/data/code").asText())
                .isEqualTo("tv/one");
        assertThat(send("POST", "/streams/tv/one/start", "").statusCode()).isEqualTo(200);
        assertThat(context.getRoute("tv/one/in/0")).isNotNull();
        assertThat(send("DELETE", "/api/v1/streams/tv/one", "").statusCode()).isEqualTo(204);
        assertThat(context.getRoute("tv/one/in/0")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT | /streams/x | {'inputs':[{'url':'udp://h:1','priority':3}]} | 400 |"
                        + " INVALID_INPUT_PRIORITY",
                "PUT | /streams/x | {'inputs':[{'url':'udp://h:1'},{'url':'udp://h:1'}]} | 400 |"
                        + " DUPLICATE_INPUT",
                "PUT | /streams/x | {'transcoder':{'mode':'x'}} | 400 | INVALID_TRANSCODER_MODE",
                "PUT | /streams/x | {'watermark':{'type':'x'}} | 400 | INVALID_WATERMARK",
                "PUT | /streams/x | {'nam':1} | 400 | INVALID_BODY",
                "PUT | /streams/x | {'name':1} | 400 | INVALID_BODY",
                "PUT | /streams/x | {'name':'a','name':'b'} | 400 | INVALID_BODY",
                "PUT | /streams/x | [] | 400 | INVALID_BODY",
                "PUT | /streams/x | {'a | 400 | INVALID_BODY",
                "PUT | /streams/x | '' | 400 | INVALID_BODY",
                "PUT | /streams/a.b | {} | 400 | INVALID_CODE",
                "PUT | /streams/streams | {} | 400 | INVALID_CODE",
                "PUT | /streams/..%2Fx | {} | 400 | INVALID_CODE",
                "PUT | /streams/x?mode=odd | {} | 400 | INVALID_QUERY",
                "GET | /streams?status=odd | '' | 400 | INVALID_QUERY",
                "GET | /streams/none | '' | 404 | NOT_FOUND",
                "GET | /streams/none/status | '' | 404 | NOT_FOUND",
                "POST | /streams/none/start | '' | 404 | NOT_FOUND",
                "POST | /streams/none/stop | '' | 404 | NOT_FOUND",
                "GET | /nothing/here | '' | 404 | NOT_FOUND",
                "PATCH | /streams/x | {} | 405 | METHOD_NOT_ALLOWED",
            })
    void errors(String method, String path, String body, int status, String code) throws Exception {
        var response = send(method, path, body.replace('\'', '"'));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        JsonNode error = json(response).path("error");
        assertThat(error.path("code").asText()).isEqualTo(code);
        assertThat(error.path("message").asText()).isNotEmpty();
        if (status == 405) {
            assertThat(response.headers().firstValue("Allow")).isPresent();
        }
        assertThat(folder.resolve("streams/x.yaml")).doesNotExist();
    }

    @Test
    void hostileBodies() throws Exception {
        for (String body :
                List.of(
                        "[".repeat(500_000),
                        "{\"a\":".repeat(100_000),
                        "{\"name\":" + "9".repeat(100_000) + "}",
                        "{\"disabled\":1e400}",
                        "{\"tags\":[" + "\"x\",".repeat(50_000) + "\"x\"]}")) {
            var response = send("PUT", "/streams/hostile", body);
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(json(response).at("/error/code").asText()).isEqualTo("INVALID_BODY");
            assertThat(response.body()).hasSizeLessThan(4000);
        }
        var binary =
                client.send(
                        request("PUT", "/streams/hostile", "x")
                                .method(
                                        "PUT",
                                        BodyPublishers.ofByteArray(
                                                new byte[] {'{', (byte) 0xff, '}'}))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(json(binary).at("/error/code").asText()).isEqualTo("INVALID_BODY");
        var large = send("PUT", "/streams/hostile", " ".repeat(ApiHttp.MAX_BODY_BYTES + 1));
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(json(large).at("/error/code").asText()).isEqualTo("BODY_TOO_LARGE");
    }

    @Test
    void requestIdsComeBack() throws Exception {
        var given =
                client.send(
                        request("GET", "/streams", "").header("X-Request-ID", "abc-1").build(),
                        BodyHandlers.ofString());
        assertThat(given.headers().allValues("X-Request-ID")).containsExactly("abc-1");
        assertThat(send("GET", "/streams", "").headers().firstValue("X-Request-ID").orElseThrow())
                .hasSize(36);
    }

    @Test
    void formTypeOfCurlIsReadAsJson() throws Exception {
        var response =
                client.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/streams/curl"))
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .PUT(
                                        BodyPublishers.ofString(
                                                "{\"name\":\"c\"}", StandardCharsets.UTF_8))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        send("DELETE", "/streams/curl", "");
    }

    @Test
    void queryAndHeadersCannotReplaceThePath() throws Exception {
        send("PUT", "/streams/real", "{}");
        var response =
                client.send(
                        request("GET", "/streams/real?code=other", "")
                                .header("code", "third")
                                .build(),
                        BodyHandlers.ofString());
        assertThat(json(response).at("/data/code").asText()).isEqualTo("real");
        send("DELETE", "/streams/real", "");
    }

    @Test
    void documentDescribesEveryRoute() throws Exception {
        JsonNode document = json(send("GET", "/swagger/doc.json", ""));
        assertThat(document.path("openapi").asText()).startsWith("3.");
        int described = 0;
        for (var route : context.getRoutes()) {
            // rest://put:/streams:/{code}?...
            var parts =
                    java.util.regex.Pattern.compile("rest:/*([a-z]+):/?([^:?]*)(?::([^?]*))?.*")
                            .matcher(
                                    java.net.URLDecoder.decode(
                                            route.getEndpoint().getEndpointUri(),
                                            StandardCharsets.UTF_8));
            if (!parts.matches() || parts.group(2).equals("swagger")) {
                continue;
            }
            String path = "/" + parts.group(2) + (parts.group(3) == null ? "" : parts.group(3));
            JsonNode operation = document.path("paths").path(path).path(parts.group(1));
            assertThat(operation.path("summary").asText()).as(route.getId() + path).isNotEmpty();
            described++;
        }
        assertThat(described).isEqualTo(23);
    }
}
