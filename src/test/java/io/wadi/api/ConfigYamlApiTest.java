package io.wadi.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.stream.SpecJson;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.file.Path;

/** Settings and streams as one document, over real HTTP. */
class ConfigYamlApiTest {
    @TempDir Path folder;
    private ApiServer server;

    @BeforeEach
    void start() throws Exception {
        server = new ApiServer(folder, RuntimeView.NONE);
        server.send("PUT", "/streams/one", "{\"name\": \"One\", \"protocols\": {\"hls\": true}}");
        server.send("POST", "/streams/one/start", "");
        server.send("PUT", "/streams/tv/two", "{\"tags\": [\"a\"]}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> put(String yaml) throws Exception {
        return server.send("PUT", "/config/yaml", yaml);
    }

    private JsonNode done(String yaml) throws Exception {
        HttpResponse<String> answer = put(yaml);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return SpecJson.mapper().readTree(answer.body()).path("data").path("streams");
    }

    private String get() throws Exception {
        HttpResponse<String> answer = server.send("GET", "/config/yaml", "");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/yaml");
        return answer.body();
    }

    @Test
    void whatWasReadCanBeWrittenBackAndChangesNothing() throws Exception {
        String all = get();
        assertThat(all).contains("code: one", "code: tv/two", "hooks: []", "vod: []");

        JsonNode done = done(all);

        assertThat(done.path("saved")).isEmpty();
        assertThat(done.path("deleted")).isEmpty();
        assertThat(get()).isEqualTo(all);
        assertThat(server.context.getRoute("one/hls")).isNotNull();
    }

    @Test
    void listOfStreamsIsMadeTrue() throws Exception {
        String all = get();
        JsonNode done =
                done(
                        """
                        streams:
                          - code: tv/two
                            tags: [b]
                          - code: three
                            protocols: {dash: true}
                        """);
        assertThat(done.path("saved").toString()).isEqualTo("[\"tv/two\",\"three\"]");
        assertThat(done.path("deleted").toString()).isEqualTo("[\"one\"]");
        assertThat(server.send("GET", "/streams/one", "").statusCode()).isEqualTo(404);
        assertThat(server.context.getRoute("three/dash")).as("runs as a file does").isNotNull();
        assertThat(done(all).path("deleted").toString()).isEqualTo("[\"three\"]");
        assertThat(server.context.getRoute("one/hls")).isNotNull();
        assertThat(done("hooks: []\n").isMissingNode()).as("no streams, no change").isTrue();
        assertThat(get()).contains("code: one");
    }

    @Test
    void whatIsWrongIsToldAndNothingIsDone() throws Exception {
        String all = get();
        assertThat(put(" \n").body()).contains("EMPTY_BODY");
        assertThat(put("streams: [\n").body()).contains("INVALID_YAML").contains("line ");
        assertThat(put("- a\n").statusCode()).isEqualTo(400);
        HttpResponse<String> wrong =
                put(
                        """
                        streams:
                          - code: good
                          - code: bad
                            inptus: []
                          - code: good
                          - name: none
                          - code: ../x
                        hooks: [{id: a}]
                        policy: {}
                        """);
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body())
                .contains("VALIDATION_FAILED")
                .contains("streams[1].inptus", "streams[2].code", "streams[3].code")
                .contains("streams[4]", "\"hooks\"", "\"policy\"");
        assertThat(put("streams: {}\n").statusCode()).isEqualTo(422);
        assertThat(put("global_config: 7\n").statusCode()).isEqualTo(422);
        assertThat(get()).isEqualTo(all);
    }

    private static JsonNode error(HttpResponse<String> answer, int status) throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return ApiServer.json(answer).path("error");
    }

    /** YAML of this many bytes that changes nothing: comments only, behind what {@link #get} is. */
    private String padded(int bytes) throws Exception {
        StringBuilder all = new StringBuilder(get());
        String line = "# " + "x".repeat(1021) + "\n";
        while (all.length() + line.length() <= bytes - 2) {
            all.append(line);
        }
        int left = bytes - all.length() - 2;
        return all.append('#').repeat("x", left).append('\n').toString();
    }

    @Test
    void takesFourMebibytesAndNotOneByteMore() throws Exception {
        String before = get();
        String most = padded(ApiHttp.MAX_WHOLE_BYTES);
        assertThat(most).hasSize(4 << 20);
        assertThat(done(most).path("saved")).isEmpty();

        for (String path : new String[] {"/config/yaml", "/api/v1/config/yaml"}) {
            HttpResponse<String> more = server.send("PUT", path, most + "\n");
            JsonNode error = error(more, 400);
            assertThat(error.path("code").asText()).isEqualTo("BODY_TOO_LARGE");
            assertThat(error.path("message").asText()).contains("4194304");
        }
        HttpResponse<String> elsewhere =
                server.send("PUT", "/streams/one", " ".repeat(ApiHttp.MAX_BODY_BYTES + 1));
        assertThat(error(elsewhere, 413).path("message").asText()).contains("1048576");
        assertThat(get()).isEqualTo(before);
    }

    @Test
    void aLargeBodyMayHoldManyStreamsAndIsCheckedWhole() throws Exception {
        StringBuilder many = new StringBuilder("streams:\n");
        for (int i = 0; many.length() < 3 << 20; i++) {
            many.append("- code: s%05d\n  description: %s\n".formatted(i, "d".repeat(2000)));
        }
        many.append("- code: bad\n  inptus: []\n");
        JsonNode error = error(put(many.toString()), 422);
        assertThat(error.path("code").asText()).isEqualTo("VALIDATION_FAILED");
        assertThat(error.path("fields")).hasSize(1);
        JsonNode field = error.path("fields").path(0);
        assertThat(field.path("path").asText()).startsWith("streams[").endsWith("].inptus");
        assertThat(field.path("message").asText()).contains("unknown");
    }

    @Test
    void everyErrorHasItsCode() throws Exception {
        for (String empty : new String[] {"", " ", "\n\t \n"}) {
            assertThat(error(put(empty), 400).path("code").asText()).isEqualTo("EMPTY_BODY");
        }
        for (String bad :
                new String[] {
                    "streams: [",
                    "a: 1\na: 2",
                    "- a",
                    "7",
                    "a: &x 1\nb: *x",
                    "a: !!java.net.URL x",
                    "a: 1\n---\nb: 2",
                    "a: " + "[".repeat(100) + "]".repeat(100),
                    "# no keys",
                    "a:\n" + "- 1\n".repeat(500_000),
                }) {
            JsonNode error = error(put(bad), 400);
            assertThat(error.path("code").asText())
                    .as(bad.substring(0, Math.min(40, bad.length())))
                    .isEqualTo("INVALID_YAML");
            assertThat(error.path("message").asText()).contains("line ");
        }
        JsonNode fields = error(put("streams:\n- code: a b\nvod: [1]\n"), 422).path("fields");
        assertThat(fields.findValuesAsText("path")).contains("streams[0].code", "vod");
        assertThat(fields)
                .allSatisfy(field -> assertThat(field.path("message").asText()).isNotEmpty());
        StringBuilder hundred = new StringBuilder("streams:\n");
        for (int i = 0; i < 100; i++) {
            hundred.append("- code: s").append(i).append("\n  nmae: x\n");
        }
        assertThat(error(put(hundred.toString()), 422).path("fields")).hasSize(50);
    }
}
