package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.Rings;

import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;

/** What the server itself answers. */
class FrontIT {
    @TempDir private static Path folder;
    private static ConfigurableApplicationContext server;
    private static String base;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @BeforeAll
    static void start() {
        server = Wadi.start(RunningServer.settings(folder, 0, 0).toArray(String[]::new));
        base = "http://127.0.0.1:" + server.getBean(HttpListener.class).getPort();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void isHealthyAndReady() throws Exception {
        assertThat(get("/healthz").body()).isEqualTo("ok");
        await().atMost(Duration.ofSeconds(10)).until(() -> get("/readyz").statusCode() == 200);
        assertThat(get("/readyz").body()).isEqualTo("ok");
    }

    @Test
    void servesThePageUnderAStrictPolicy() throws Exception {
        HttpResponse<String> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("content-security-policy").orElseThrow())
                .contains("default-src 'none'")
                .doesNotContain("unsafe");
        assertThat(page.body()).doesNotContain("onclick", "<style", "http://", "https://");
        assertThat(get("/webjars/hls.js/hls.min.js").body()).contains("Hls");
    }

    @Test
    void servesAFileOnceToABrowserThatHasIt() throws Exception {
        String etag = get("/page.js").headers().firstValue("etag").orElseThrow();

        assertThat(get("/page.js", "If-None-Match", etag).statusCode()).isEqualTo(304);
    }

    @Test
    void answersWhatIsNotThereWithTheEnvelope() throws Exception {
        for (String path :
                new String[] {"/nothing", "/webjars/hls.js/nothing.js", "/page/page.js"}) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).startsWith("{\"error\":{\"code\":\"NOT_FOUND\"");
        }
    }

    @Test
    void keepsToTheFilesOfTheLibrary() throws Exception {
        for (String path :
                new String[] {
                    "/webjars/hls.js/..%2f..%2fpage.js", "/webjars/hls.js/%2e%2e/hls.min.js",
                    "/webjars/hls.js/../../page/index.html", "/webjars/hls.js/%00"
                }) {
            assertThat(get(path).statusCode()).as(path).isBetween(400, 499);
        }
    }

    @Test
    void countsARing() throws Exception {
        CamelContext context = server.getBean(CamelContext.class);
        Rings rings = Rings.of(context);
        rings.acquire("metered/track_1");
        try {
            HttpResponse<String> metrics = get("/metrics");

            assertThat(metrics.headers().firstValue("content-type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            assertThat(metrics.body())
                    .contains(
                            "wadi_stream_units_total{rendition=\"track_1\",stream_code=\"metered\"} 0.0",
                            "wadi_ring_depth_bytes{rendition=\"track_1\",stream_code=\"metered\"} 0.0",
                            "jvm_memory_used_bytes",
                            "process_uptime_seconds");
        } finally {
            rings.release("metered/track_1");
        }
        assertThat(get("/metrics").body()).doesNotContain("metered");
    }
}
