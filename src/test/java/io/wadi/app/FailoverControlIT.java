package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Cold inputs, an operator's choice, and the end of all inputs, through the API. */
@RequiresTool("ffmpeg")
class FailoverControlIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String FAST =
            "\"failover\": {\"failback_after\": \"500ms\", \"switch_cooldown\": \"500ms\"},";

    @TempDir private Path folder;
    private LiveServer server;

    @BeforeEach
    void start() {
        server = new LiveServer(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void twoPictures() throws Exception {
        server.create(
                "tv",
                "{\"inputs\": [{\"url\": \"ffmpeg:testsrc?size=320x180&rate=25&gop=1\"},"
                        + " {\"url\": \"ffmpeg:testsrc?size=192x108&rate=25&gop=1\"}],"
                        + FAST
                        + "\"input_packet_timeout\": \"2s\","
                        + " \"protocols\": {\"mpegts\": true}}");
        await().atMost(PATIENCE).until(() -> server.status("tv", 0).equals("active"));
    }

    private static List<ProcessHandle> children(String size) {
        return ProcessHandle.current()
                .children()
                .filter(
                        child ->
                                child.info()
                                        .arguments()
                                        .map(all -> String.join(" ", all).contains(size))
                                        .orElse(false))
                .toList();
    }

    private boolean runs(String route) throws Exception {
        return server.runtime("tv").path("routes").has(route);
    }

    @Test
    void coldInputRunsOnlyWhileItIsNeeded() throws Exception {
        twoPictures();
        assertThat(runs("tv/in/1")).isFalse();
        assertThat(children("size=192x108")).isEmpty();
        children("size=320x180").forEach(ProcessHandle::destroyForcibly);
        await().atMost(PATIENCE).until(() -> server.active("tv") == 1);
        assertThat(server.runtime("tv").path("switches").get(0).path("reason").asText())
                .isIn("error", "recovery");
        await().atMost(PATIENCE).until(() -> server.active("tv") == 0 && !runs("tv/in/1"));
        await().atMost(PATIENCE).until(() -> children("size=192x108").isEmpty());
        assertThat(server.events)
                .extracting("type")
                .contains("input.connected", "input.failed", "input.failover");
    }

    @Test
    void operatorChoosesAnInputAndGivesTheChoiceBack() throws Exception {
        twoPictures();
        var chosen = server.send("POST", "/streams/tv/inputs/switch", "{\"priority\": 1}");
        assertThat(chosen.body()).isEqualTo("{\"data\":{\"status\":\"switched\"}}");
        assertThat(server.active("tv")).isEqualTo(1);
        assertThat(server.runtime("tv").path("override_input_priority").asInt()).isEqualTo(1);
        assertThat(server.runtime("tv").path("switches").get(0).path("reason").asText())
                .isEqualTo("manual");
        assertThat(server.send("POST", "/streams/tv/inputs/switch", "{\"priority\": 7}"))
                .matches(answer -> answer.statusCode() == 400)
                .matches(answer -> answer.body().contains("SWITCH_FAILED"));
        assertThat(server.send("POST", "/streams/tv/inputs/switch", "{\"priority\": \"one\"}"))
                .matches(answer -> answer.body().contains("INVALID_BODY"));
        assertThat(server.send("POST", "/streams/none/inputs/switch", "{\"priority\": 0}"))
                .matches(answer -> answer.statusCode() == 404);
        assertThat(server.active("tv")).isEqualTo(1);
        server.send("POST", "/streams/tv/inputs/switch", "{\"priority\": null}");
        await().atMost(PATIENCE).until(() -> server.active("tv") == 0);
        assertThat(server.runtime("tv").has("override_input_priority")).isFalse();
    }

    @Test
    void streamWithoutAnyInputIsDegradedAndRecoversByItself() throws Exception {
        server.create(
                "tv",
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/a\"},"
                        + " {\"url\": \"rtmp://0.0.0.0/live/b\"}],"
                        + FAST
                        + " \"protocols\": {\"mpegts\": true}}");
        Process publisher = server.publish(server.rtmpPort(), "a");
        await().atMost(PATIENCE).until(() -> server.status("tv", 0).equals("active"));
        assertThat(server.send("POST", "/streams/tv/inputs/switch", "{\"priority\": 1}").body())
                .contains("SWITCH_FAILED")
                .contains("nothing has come yet");
        publisher.destroyForcibly();
        await().atMost(PATIENCE).until(() -> server.runtime("tv").path("exhausted").asBoolean());
        assertThat(server.stream("tv").path("status").asText()).isEqualTo("degraded");
        assertThat(server.status("tv", 0)).isEqualTo("failed");
        assertThat(server.runtime("tv").path("inputs").get(0).path("errors").size()).isOne();
        server.publish(server.rtmpPort(), "b");
        await().atMost(PATIENCE).until(() -> server.active("tv") == 1);
        assertThat(server.runtime("tv").path("exhausted").asBoolean()).isFalse();
        assertThat(server.stream("tv").path("status").asText()).isEqualTo("active");
        assertThat(server.runtime("tv").path("switches").get(0).path("reason").asText())
                .isEqualTo("recovery");
        assertThat(server.events)
                .filteredOn(event -> event.type().equals("input.degraded"))
                .anyMatch(e -> "all_inputs_exhausted".equals(e.payload().get("reason")));
    }
}
