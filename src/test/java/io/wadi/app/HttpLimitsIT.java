package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Bad input on the HTTP port costs the one connection, or the one request. */
@Timeout(30)
class HttpLimitsIT {
    private static final int MEBIBYTE = 1 << 20;

    @TempDir private static Path folder;
    private static ConfigurableApplicationContext server;
    private static int port;

    @BeforeAll
    static void start() {
        List<String> settings = RunningServer.settings(folder, 0, 0);
        settings.addAll(
                List.of("--wadi.http.header-timeout=300ms", "--wadi.listeners.rtmp.enabled=false"));
        server = Wadi.start(settings.toArray(String[]::new));
        port = server.getBean(HttpListener.class).getPort();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Sends, and reads until the server closes. */
    private static String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            try {
                out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            } catch (SocketException e) {
                // The server has its answer out and does not read on.
            }
            return readAll(socket);
        }
    }

    private static String readAll(Socket socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                answer.append((char) b);
            }
        } catch (SocketException e) {
            // Closed with bytes of ours unread: a reset.
        }
        return answer.toString();
    }

    private static void assertServes() throws Exception {
        var answer =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create("http://127.0.0.1:" + port + "/healthz"))
                                        .build(),
                                BodyHandlers.ofString());
        assertThat(answer.body()).isEqualTo("ok");
    }

    @Test
    void closesAClientThatDripsItsHead() throws Exception {
        try (Socket slow = connect();
                Socket other = connect()) {
            OutputStream out = slow.getOutputStream();
            out.write("GET /healthz HTTP/1.1\r\nX: ".getBytes(StandardCharsets.ISO_8859_1));
            assertServes();

            assertThat(readAll(slow)).isEmpty();
            other.getOutputStream()
                    .write(
                            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.ISO_8859_1));
            assertThat(readAll(other)).startsWith("HTTP/1.1 200").endsWith("ok");
        }
    }

    @Test
    void refusesAHeadThatIsTooLarge() throws Exception {
        String large = "X: " + "x".repeat(20_000) + "\r\n";

        assertThat(exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n" + large + "\r\n"))
                .startsWith("HTTP/1.1 431");
        assertServes();
    }

    @Test
    void refusesARequestLineThatIsTooLong() throws Exception {
        assertThat(exchange("GET /" + "x".repeat(8000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains(" 414 ");
        assertServes();
    }

    @Test
    void refusesABodyThatSaysThatItIsTooLarge() throws Exception {
        String answer =
                exchange(
                        "PUT /streams/big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                + "Content-Type: application/json\r\nContent-Length: "
                                + (MEBIBYTE + 1)
                                + "\r\n\r\n{");

        assertThat(answer).startsWith("HTTP/1.1 413").contains("\"BODY_TOO_LARGE\"");
        assertServes();
    }

    @Test
    void refusesABodyThatGrowsTooLarge() throws Exception {
        StringBuilder request =
                new StringBuilder(
                        "PUT /streams/big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                + "Content-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n");
        String chunk = "10000\r\n" + " ".repeat(0x10000) + "\r\n";
        request.repeat(chunk, 17);

        String answer = exchange(request.toString());

        assertThat(answer).startsWith("HTTP/1.1 413").contains("\"BODY_TOO_LARGE\"");
        assertServes();
    }

    @Test
    void answersWhatIsNoHttp() throws Exception {
        assertThat(exchange("\u0000\u0001 what\r\n\r\n")).contains(" 400 ");
        assertServes();
    }
}
