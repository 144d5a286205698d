package io.wadi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.http.MediaResponse.CachePolicy;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Requests as bytes on a socket, since no HTTP client would send most of them. */
class MediaHttpTest {
    private static final int SLICE = 64 * 1024;
    private static final int SLICES = 64;

    private final MediaRoutes routes = new MediaRoutes();
    private final AtomicReference<String> address = new AtomicReference<>();
    private MediaServer server;
    private ByteBuf large;

    @BeforeEach
    void start() throws Exception {
        CompositeByteBuf composite = PooledByteBufAllocator.DEFAULT.compositeDirectBuffer(SLICES);
        for (int i = 0; i < SLICES; i++) {
            composite.addComponent(
                    true,
                    PooledByteBufAllocator.DEFAULT
                            .directBuffer(SLICE, SLICE)
                            .writeZero(SLICE)
                            .setByte(0, i));
        }
        large = composite;
        server = new MediaServer(routes, TrustedProxies.of(List.of("127.0.0.0/8", "::1")));
        routes.mount("demo", this::serve);
        routes.mount("a/b", (_, response) -> text(response, "inner"));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        assertThat(large.refCnt()).as("references on the segment").isEqualTo(1);
        large.release();
    }

    private boolean serve(MediaRequest request, MediaResponse response) {
        address.set(request.remoteAddress());
        return switch (request.path()) {
            case "index.m3u8" -> {
                response.send(
                        "application/vnd.apple.mpegurl",
                        CachePolicy.PLAYLIST,
                        "tag",
                        copy("0123456789"));
                yield true;
            }
            case "large" -> {
                response.send("video/mp2t", CachePolicy.SEGMENT, "l", large.retainedDuplicate());
                yield true;
            }
            case "gone" -> {
                response.notFound("it is \"gone\"");
                yield true;
            }
            default -> false;
        };
    }

    private static boolean text(MediaResponse response, String text) {
        response.send("text/plain", CachePolicy.SEGMENT, "", copy(text));
        return true;
    }

    private static ByteBuf copy(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return PooledByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
    }

    private String ask(String request) throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            (request + "Connection: close\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private String get(String path, String... headers) throws IOException {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: x\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return ask(request.toString());
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void answersWithTheWholeBody() throws IOException {
        assertThat(get("/demo/index.m3u8"))
                .startsWith("HTTP/1.1 200 OK")
                .containsIgnoringCase("content-length: 10\r\n")
                .containsIgnoringCase("cache-control: no-cache\r\n")
                .containsIgnoringCase("pragma: no-cache\r\n")
                .containsIgnoringCase("etag: \"tag\"\r\n")
                .containsIgnoringCase("accept-ranges: bytes\r\n")
                .containsIgnoringCase("access-control-allow-origin: *\r\n")
                .endsWith("\r\n\r\n0123456789");
    }

    @Test
    void answersHeadWithTheHeadersOfGet() throws IOException {
        String response = ask("HEAD /demo/large HTTP/1.1\r\nHost: x\r\n");
        assertThat(response)
                .startsWith("HTTP/1.1 200 OK")
                .containsIgnoringCase("content-length: " + SLICE * SLICES + "\r\n");
        assertThat(body(response)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-3 | 206 | bytes 0-3/10 | 0123",
                "bytes=8- | 206 | bytes 8-9/10 | 89",
                "bytes=-3 | 206 | bytes 7-9/10 | 789",
                "bytes=-30 | 206 | bytes 0-9/10 | 0123456789",
                "bytes=2-999999999999 | 206 | bytes 2-9/10 | 23456789",
                "bytes=10- | 416 | bytes */10 | ",
                "bytes=-0 | 416 | bytes */10 | ",
                "bytes=5-2 | 200 | | 0123456789",
                "bytes=0-1,4-5 | 200 | | 0123456789",
                "lines=0-1 | 200 | | 0123456789",
                "bytes=99999999999999999999- | 200 | | 0123456789",
            })
    void answersRanges(String range, int status, String contentRange, String expected)
            throws IOException {
        String response = get("/demo/index.m3u8", "Range: " + range);
        assertThat(response).startsWith("HTTP/1.1 " + status + " ");
        assertThat(body(response)).isEqualTo(expected == null ? "" : expected);
        if (contentRange == null) {
            assertThat(response).doesNotContainIgnoringCase("\r\ncontent-range:");
        } else {
            assertThat(response).containsIgnoringCase("content-range: " + contentRange + "\r\n");
        }
    }

    @Test
    void answersARangeOnlyOfTheBodyThatWasMeant() throws IOException {
        assertThat(get("/demo/index.m3u8", "Range: bytes=0-1", "If-Range: \"tag\""))
                .startsWith("HTTP/1.1 206");
        assertThat(get("/demo/index.m3u8", "Range: bytes=0-1", "If-Range: \"old\""))
                .startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"tag\" | 304",
                "W/\"tag\" | 304",
                "\"x\", \"tag\" | 304",
                "* | 304",
                "\"x\" | 200"
            })
    void answersConditions(String condition, int status) throws IOException {
        String response = get("/demo/index.m3u8", "If-None-Match: " + condition);
        assertThat(response).startsWith("HTTP/1.1 " + status + " ");
        assertThat(body(response)).hasSize(status == 304 ? 0 : 10);
    }

    @Test
    void answersPreflight() throws IOException {
        assertThat(
                        ask(
                                "OPTIONS /demo/index.m3u8 HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\n"
                                        + "Access-Control-Request-Method: GET\r\n"))
                .startsWith("HTTP/1.1 204")
                .containsIgnoringCase("access-control-allow-methods: GET, HEAD, OPTIONS\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/demo/../demo/index.m3u8",
                "/demo/%2e%2e/demo/index.m3u8",
                "/demo/./index.m3u8",
                "/demo//index.m3u8",
                "/demo/a%2findex.m3u8",
                "/demo/a%5cindex.m3u8",
                "/demo/a\\index.m3u8",
                "/demo/index.m3u8%00",
                "/demo/%0aindex.m3u8",
                "/demo/%ff%fe",
                "/demo/%c0%ae%c0%ae/x",
                "/demo/%",
                "/demo/%4",
                "/demo/%zz",
                "//demo/index.m3u8",
            })
    void refusesHostilePaths(String path) throws IOException {
        assertThat(get(path))
                .startsWith("HTTP/1.1 400")
                .contains("{\"error\":{\"code\":\"INVALID_PATH\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/demo",
                "/demo/",
                "/demo/other",
                "/demo/%252e%252e/index.m3u8",
                "/other/index.m3u8",
                "/Demo/index.m3u8",
                "/a/index.m3u8",
                "/etc/passwd",
            })
    void passesOnWhatNobodyServes(String path) throws IOException {
        assertThat(get(path)).startsWith("HTTP/1.1 404").doesNotContain("INVALID_PATH");
    }

    @Test
    void refusesOverlongRequests() throws IOException {
        assertThat(get("/demo/" + "a".repeat(2000))).startsWith("HTTP/1.1 400");
        assertThat(get("/demo/" + "a".repeat(5000))).contains(" 414 ");
        assertThat(get("/demo/index.m3u8", "X: " + "a".repeat(20_000))).contains(" 431 ");
    }

    @Test
    void decodesOnceAndFindsCodesWithSlashes() throws IOException {
        assertThat(get("/%64emo/index%2Em3u8")).startsWith("HTTP/1.1 200");
        assertThat(body(get("/a/b/c/d"))).isEqualTo("inner");
    }

    @Test
    void answersNotFoundInTheEnvelope() throws IOException {
        assertThat(get("/demo/gone"))
                .startsWith("HTTP/1.1 404")
                .endsWith(
                        "{\"error\":{\"code\":\"NOT_FOUND\",\"message\":\"it is \\\"gone\\\"\"}}");
    }

    @Test
    void believesOnlyTrustedProxies() throws IOException {
        get("/demo/index.m3u8", "X-Forwarded-For: 6.6.6.6, 203.0.113.7, 127.0.0.9");
        assertThat(address.get()).isEqualTo("203.0.113.7");
        get("/demo/index.m3u8", "X-Forwarded-For: 203.0.113.7, nonsense");
        assertThat(address.get()).doesNotContain("203");
        assertThat(TrustedProxies.NONE.clientOf("198.51.100.1", "203.0.113.7"))
                .isEqualTo("198.51.100.1");
    }

    @Test
    void sendsALargeBodyWhole() throws IOException {
        String body = body(get("/demo/large"));
        assertThat(body).hasSize(SLICE * SLICES);
        for (int i = 0; i < SLICES; i++) {
            assertThat(body.charAt(i * SLICE)).isEqualTo((char) i);
        }
    }

    @Test
    void releasesTheBodyOfAClientThatLeaves() throws IOException {
        try (Socket socket = new Socket("localhost", server.port())) {
            socket.getOutputStream()
                    .write(
                            "GET /demo/large HTTP/1.1\r\nHost: x\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            assertThat(large.refCnt()).isEqualTo(2);
        }
        Awaitility.await().until(() -> large.refCnt() == 1);
    }
}
