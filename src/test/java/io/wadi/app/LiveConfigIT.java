package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.rtmp.RtmpComponent;
import io.wadi.stream.SpecJson;
import io.wadi.testing.Tools;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The configuration of a running server, through its HTTP port. */
@Timeout(60)
class LiveConfigIT {
    @TempDir private Path folder;
    private ConfigurableApplicationContext server;
    private Path file;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("config.yaml");
        Files.createDirectories(folder.resolve("streams"));
        Files.writeString(
                file,
                """
                # Ours.
                wadi:
                  http: { host: 127.0.0.1, port: 0 }
                  listeners.rtmp: { listen-host: 127.0.0.1, port: 0 }
                  data.dir: %1$s/data
                  routes.dir: %1$s/routes
                  streams.dir: %1$s/streams
                """
                        .formatted(folder));
        server = Wadi.start("--wadi.config.file=" + file);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int port() {
        return server.getBean(HttpListener.class).getPort();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                            .method(method, BodyPublishers.ofString(body))
                            .header("Content-Type", "application/json")
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private JsonNode post(String body) throws Exception {
        var answer = send("POST", "/config", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return SpecJson.mapper().readTree(answer.body()).path("data");
    }

    @Test
    void showsWhatIsSetAndTheDefaults() throws Exception {
        JsonNode all =
                SpecJson.mapper().readTree(send("GET", "/api/v1/config", "").body()).path("data");

        assertThat(all.at("/ports/http_addr").asText()).isEqualTo("127.0.0.1:" + port());
        assertThat(all.at("/ports/rtmp_port").asInt()).isPositive();
        assertThat(all.at("/ports/srt_port").isNull()).isTrue();
        assertThat(all.at("/global_config/server/http_addr").asText()).isEqualTo("127.0.0.1:0");
        assertThat(all.at("/global_config/publisher/hls/live_segment_sec").asInt()).isEqualTo(2);
        assertThat(all.at("/global_config/hooks").isNull()).isTrue();
        JsonNode defaults =
                SpecJson.mapper().readTree(send("GET", "/config/defaults", "").body()).path("data");
        assertThat(defaults.at("/server/http_addr").asText()).isEqualTo(":8080");
        assertThat(defaults.at("/manager/input_packet_timeout_sec").asInt()).isEqualTo(30);
        assertThat(defaults.at("/listeners/rtmp/port").asInt()).isEqualTo(1935);
    }

    @Test
    void takesIntoForceWhatItCanAndSaysWhatMustWait() throws Exception {
        Logger logger = LoggerFactory.getLogger("io.wadi.test.live");
        JsonNode done =
                post(
                        """
                        {"log": {"level": "debug", "format": null},
                         "publisher": {"hls": {"live_segment_sec": 4}},
                         "manager": {"input_packet_timeout_sec": 12},
                         "transcoder": {"max_workers": 9, "max_restarts": 2},
                         "metrics": {"path": "/numbers"}, "hooks": null}
                        """);

        assertThat(logger.isDebugEnabled()).isTrue();
        assertThat(done.path("applied").toString())
                .contains("wadi.log.level", "live-segment-sec", "input-packet-timeout")
                .contains("max-workers", "max-restarts")
                .doesNotContain("format", "metrics");
        assertThat(done.path("restart_required").toString()).isEqualTo("[\"wadi.metrics.path\"]");
        assertThat(done.has("notes")).as("nothing runs").isFalse();
        FfmpegComponent ffmpeg =
                server.getBean(CamelContext.class).getComponent("ffmpeg", FfmpegComponent.class);
        assertThat(ffmpeg.getMaxWorkers()).isEqualTo(9);
        assertThat(ffmpeg.getMaxRestarts()).isEqualTo(2);
        assertThat(done.at("/global_config/transcoder/max_workers").asInt()).isEqualTo(9);
        CamelContext context = server.getBean(CamelContext.class);
        await().until(
                        () ->
                                context.getRoute("demo/hls") == null
                                        || context.getEndpoints().stream()
                                                .anyMatch(
                                                        e ->
                                                                e.getEndpointUri()
                                                                        .contains(
                                                                                "segmentDuration=4s")));
        assertThat(Files.readString(file))
                .startsWith("# Ours.\n")
                .contains("level: debug", "max-workers: 9", "127.0.0.1");
        post("{\"log\":{\"level\":\"info\"}}");
        assertThat(logger.isDebugEnabled()).isFalse();
        server.close();
        server = Wadi.start("--wadi.config.file=" + file);
        JsonNode again = SpecJson.mapper().readTree(send("GET", "/config", "").body());
        assertThat(again.at("/data/global_config/publisher/hls/live_segment_sec").asInt())
                .isEqualTo(4);
    }

    @Test
    void connectionsProgramAndPaceChangeWithoutARestart() throws Exception {
        JsonNode done =
                post(
                        """
                        {"server": {"header_timeout": "200ms", "trusted_proxies": "127.0.0.1"},
                         "publisher": {"send_latency": "10ms"},
                         "listeners": {"rtmp": {"receive_latency": "40ms"}},
                         "transcoder": {"ffmpeg_path": ""}}
                        """);
        assertThat(done.path("restart_required").isEmpty()).as(done.toString()).isTrue();
        assertThat(done.path("applied").toString())
                .contains("header-timeout", "trusted-proxies", "send-latency", "receive-latency");
        CamelContext context = server.getBean(CamelContext.class);
        assertThat(context.getComponent("rtmp", RtmpComponent.class).getReceiveLatency())
                .isEqualTo(40);
        assertThat(context.getEndpoints())
                .extracting(Endpoint::getEndpointUri)
                .filteredOn(uri -> uri.contains("sendLatency"))
                .allMatch(uri -> uri.contains("sendLatency=10ms"));
        HttpListener http = server.getBean(HttpListener.class);
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), http.getPort())) {
            silent.setSoTimeout(5000);
            silent.getOutputStream().write("GET / HT".getBytes(StandardCharsets.US_ASCII));
            long nanos = System.nanoTime();
            assertThat(silent.getInputStream().readAllBytes()).isNotNull();
            assertThat(System.nanoTime() - nanos).isLessThan(4_000_000_000L);
        }
        HttpResponse<String> refused =
                send("POST", "/config", "{\"transcoder\":{\"ffmpeg_path\":\"/no/ffmpeg\"}}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("FFMPEG_UNUSABLE");
    }

    @Test
    void refusesWholly() throws Exception {
        String before = Files.readString(file);
        for (String body :
                new String[] {
                    "{\"log\":{\"level\":\"loud\"}}",
                    "{\"log\":{\"levl\":\"info\"}}",
                    "{\"log\":7}",
                    "{\"server\":{\"http_addr\":\"8080\"}}",
                    "{\"listeners\":{\"rtmp\":{\"receive_latency\":\"501ms\"}}}",
                    "{\"buffer\":{\"capacity\":0},\"log\":{\"level\":\"debug\"}}",
                    "[]",
                    "{"
                }) {
            var answer = send("POST", "/config", body);
            assertThat(answer.statusCode()).as(body + answer.body()).isEqualTo(400);
            assertThat(answer.body()).contains("\"INVALID_BODY\"");
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int free = Tools.freePort();
            var answer =
                    send(
                            "POST",
                            "/config",
                            "{\"server\":{\"http_addr\":\"127.0.0.1:%d\"},\"listeners\":{\"rtmp\":{\"port\":%d}}}"
                                    .formatted(free, taken.getLocalPort()));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(500);
            assertThat(answer.body()).contains("\"APPLY_FAILED\"");
            await().until(() -> !accepts(free));
        }
        assertThat(Files.readString(file)).isEqualTo(before);
        assertThat(send("GET", "/healthz", "").statusCode()).isEqualTo(200);
    }

    @Test
    void movesHttpWhileClientsStay() throws Exception {
        int before = port();
        int to = Tools.freePort();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), before)) {
            client.setSoTimeout(10_000);
            BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    client.getInputStream(), StandardCharsets.ISO_8859_1));
            assertThat(health(client, reader)).isEqualTo("ok");

            JsonNode done = post("{\"server\":{\"http_addr\":\"127.0.0.1:" + to + "\"}}");

            assertThat(done.at("/ports/http_addr").asText()).isEqualTo("127.0.0.1:" + to);
            assertThat(port()).isEqualTo(to);
            assertThat(send("GET", "/healthz", "").body()).isEqualTo("ok");
            await().until(() -> !accepts(before));
            assertThat(health(client, reader)).as("the old connection").isEqualTo("ok");
        }
        await().until(
                        () ->
                                send(
                                                        "POST",
                                                        "/config",
                                                        "{\"server\":{\"http_addr\":\"127.0.0.1:"
                                                                + before
                                                                + "\"}}")
                                                .statusCode()
                                        == 200);
        assertThat(port()).isEqualTo(before);
        assertThat(send("GET", "/healthz", "").body()).isEqualTo("ok");
    }

    @Test
    void movesRtmpWhileClientsStay() throws Exception {
        RtmpComponent rtmp =
                server.getBean(CamelContext.class).getComponent("rtmp", RtmpComponent.class);
        int before = rtmp.boundAddress().getPort();
        int to = Tools.freePort();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), before)) {
            client.setSoTimeout(10_000);
            client.getOutputStream().write(3); // RTMP version
            await().until(() -> accepts(before));

            JsonNode done = post("{\"listeners\":{\"rtmp\":{\"port\":" + to + "}}}");

            assertThat(done.at("/ports/rtmp_port").asInt()).isEqualTo(to);
            assertThat(accepts(to)).isTrue();
            assertThat(accepts(before)).isFalse();
            // C1; the server answers S0, S1 and S2.
            client.getOutputStream().write(new byte[1536]);
            assertThat(client.getInputStream().read()).isEqualTo(3);
        }
    }

    private static String health(Socket client, BufferedReader reader) throws IOException {
        client.getOutputStream()
                .write(
                        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                                .getBytes(StandardCharsets.ISO_8859_1));
        String line = reader.readLine();
        assertThat(line).contains("200");
        while (!line.isEmpty()) {
            line = reader.readLine();
        }
        char[] body = new char[2];
        assertThat(reader.read(body)).isEqualTo(2);
        return new String(body);
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
