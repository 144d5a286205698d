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
}
