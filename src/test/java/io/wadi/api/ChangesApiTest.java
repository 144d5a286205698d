package io.wadi.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans, conditions and revisions of streams, over real HTTP. */
class ChangesApiTest {
    private static final String BODY =
            "{\"name\":\"Demo\",\"inputs\":[{\"url\":\"publish://\"}],"
                    + "\"protocols\":{\"hls\":true,\"dash\":true}}";

    private static final RuntimeView WATCHED =
            new RuntimeView() {
                @Override
                public Optional<StreamRuntime> of(String code) {
                    return Optional.empty();
                }

                @Override
                public Map<String, Long> viewers(String code) {
                    return Map.of("hls", 3L, "dash", 2L, "flv", 0L);
                }
            };

    @TempDir Path folder;
    private ApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ApiServer(folder, WATCHED);
        send("PUT", "/streams/demo", BODY);
        send("POST", "/streams/demo/start", "");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers)
            throws Exception {
        return server.send(method, path, body, headers);
    }

    private static JsonNode data(HttpResponse<String> answer) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
        return ApiServer.json(answer).path("data");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static String code(HttpResponse<String> answer) throws Exception {
        return ApiServer.json(answer).at("/error/code").asText();
    }

    @Test
    void saysWhatWouldHappenAndThenDoesThat() throws Exception {
        String change =
                "{\"name\":\"Other\",\"packaging\":{\"segment\":\"4s\"},"
                        + "\"protocols\":{\"hls\":true,\"mpegts\":true}}";
        var hls = server.context.getRoute("demo/hls");

        JsonNode plan = data(send("POST", "/streams/demo/plan", change));

        assertThat(texts(plan.path("start"))).containsExactly("demo/http-ts");
        assertThat(texts(plan.path("stop"))).containsExactly("demo/dash");
        assertThat(texts(plan.path("restart"))).containsExactly("demo/hls");
        assertThat(texts(plan.path("unchanged"))).containsExactly("demo/in/0");
        assertThat(texts(plan.path("in_place"))).containsExactly("name");
        assertThat(plan.path("viewers").toString()).isEqualTo("{\"dash\":2,\"hls\":3}");
        assertThat(server.context.getRoute("demo/hls")).isSameAs(hls);
        assertThat(data(send("GET", "/streams/demo", "")).path("name").asText()).isEqualTo("Demo");

        JsonNode done = ApiServer.json(send("PUT", "/streams/demo", change));

        assertThat(done.path("plan")).isEqualTo(plan);
        assertThat(done.at("/data/name").asText()).isEqualTo("Other");
        assertThat(server.context.getRoute("demo/hls")).isNotSameAs(hls);
    }

    @Test
    void plansOfWhatDoesNotRunOrCannotBe() throws Exception {
        assertThat(texts(data(send("POST", "/streams/new/plan", BODY)).path("start"))).isEmpty();
        assertThat(send("GET", "/streams/new", "").statusCode()).isEqualTo(404);
        var wrong = send("POST", "/streams/demo/plan", "{\"inputs\":7}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(code(wrong)).isEqualTo("INVALID_BODY");

        JsonNode off = data(send("POST", "/streams/demo/plan", "{\"disabled\":true}"));

        assertThat(texts(off.path("stop")))
                .containsExactlyInAnyOrder("demo/hls", "demo/dash", "demo/in/0");
        assertThat(texts(data(send("POST", "/streams/demo/plan?mode=replace", "{}")).path("stop")))
                .hasSize(3);
    }

    @Test
    void keepsToConditions() throws Exception {
        var got = send("GET", "/streams/demo", "");
        String etag = got.headers().firstValue("ETag").orElseThrow();
        var known = send("GET", "/streams/demo", "", "If-None-Match", "\"x\", W/" + etag);
        assertThat(known.statusCode()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(known.headers().firstValue("ETag")).contains(etag);

        var first = send("PUT", "/streams/demo", "{\"name\":\"A\"}", "If-Match", etag);
        assertThat(first.statusCode()).isEqualTo(200);
        var late = send("PUT", "/streams/demo", "{\"name\":\"B\"}", "If-Match", etag);
        assertThat(late.statusCode()).isEqualTo(412);
        assertThat(code(late)).isEqualTo("PRECONDITION_FAILED");
        assertThat(send("DELETE", "/streams/demo", "", "If-Match", etag).statusCode())
                .isEqualTo(412);
        assertThat(send("POST", "/streams/demo/plan", "{}", "If-Match", etag).statusCode())
                .isEqualTo(412);
        assertThat(send("PUT", "/streams/demo", BODY, "If-None-Match", "*").statusCode())
                .isEqualTo(412);
        assertThat(send("PUT", "/streams/none", BODY, "If-Match", "*").statusCode()).isEqualTo(412);
        assertThat(data(send("GET", "/streams/demo", "")).path("name").asText()).isEqualTo("A");

        String now = first.headers().firstValue("ETag").orElseThrow();
        assertThat(now).isNotEqualTo(etag);
        assertThat(send("DELETE", "/streams/demo", "", "If-Match", now).statusCode())
                .isEqualTo(204);
    }

    @Test
    void keepsRevisionsOfEveryDoor() throws Exception {
        send("PUT", "/streams/demo", "{\"name\":\"Two\"}");
        send("POST", "/streams/demo/stop", "");
        Path file = server.streams.resolve("demo.yaml");
        Files.writeString(file, Files.readString(file).replace("Two", "Three"));
        await().until(() -> revisions("demo").size() == 3);

        assertThat(revisions("demo").toString())
                .contains("\"revision\":3")
                .contains("\"author\":\"file\"");
        assertThat(data(send("GET", "/streams/demo/revisions/1", "")).at("/document/name").asText())
                .isEqualTo("Demo");
        assertThat(send("GET", "/streams/demo/revisions/9", "").statusCode()).isEqualTo(404);
        assertThat(send("GET", "/streams/demo/revisions/x", "").statusCode()).isEqualTo(404);

        var back = send("POST", "/streams/demo/revisions/1/rollback", "");

        assertThat(data(back).path("name").asText()).isEqualTo("Demo");
        assertThat(ApiServer.json(back).has("plan")).isTrue();
        assertThat(file).content().contains("name: Demo");
        assertThat(revisions("demo").get(0).path("author").asText()).isEqualTo("rollback");
        assertThat(revisions("demo").get(0).path("current").asBoolean()).isTrue();
    }

    @Test
    void bringsADeletedStreamBackAfterARestart() throws Exception {
        send("DELETE", "/streams/demo", "");
        assertThat(revisions("demo").get(0).path("deleted").asBoolean()).isTrue();
        assertThat(code(send("POST", "/streams/demo/revisions/2/rollback", "")))
                .isEqualTo("INVALID_REVISION");
        server.close();
        Files.delete(folder.resolve("api.yaml"));
        server = new ApiServer(folder, RuntimeView.NONE);

        assertThat(send("POST", "/streams/demo/revisions/1/rollback", "").statusCode())
                .isEqualTo(201);

        assertThat(data(send("GET", "/streams/demo", "")).path("name").asText()).isEqualTo("Demo");
        assertThat(revisions("demo")).hasSize(3);
        assertThat(send("GET", "/streams/never/revisions", "").statusCode()).isEqualTo(404);
    }

    private JsonNode revisions(String code) throws Exception {
        return data(send("GET", "/streams/" + code + "/revisions", ""));
    }
}
