package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A whole server on the loopback interface, used from outside as its users do. */
abstract class RunningServer implements AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();

    abstract int httpPort();

    abstract int rtmpPort();

    /**
     * The settings of a server that a test runs.
     *
     * @param folder where it keeps what it keeps; its {@code streams} are made, so that the demo
     *     stream is not
     */
    static List<String> settings(Path folder, int httpPort, int rtmpPort) {
        Path streams = folder.resolve("streams");
        try {
            Files.createDirectories(streams);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ArrayList<>(
                List.of(
                        "--wadi.http.host=127.0.0.1",
                        "--wadi.http.port=" + httpPort,
                        "--wadi.listeners.rtmp.listen-host=127.0.0.1",
                        "--wadi.listeners.rtmp.port=" + rtmpPort,
                        "--wadi.data.dir=" + folder.resolve("data"),
                        "--wadi.routes.dir=" + folder.resolve("routes"),
                        "--wadi.streams.dir=" + streams,
                        "--wadi.slates.dir=" + folder.resolve("slates"),
                        "--wadi.watermarks.dir=" + folder.resolve("watermarks")));
    }

    /** Where HTTP is: {@code path} starts without a slash. */
    String http(String path) {
        return "http://127.0.0.1:" + httpPort() + "/" + path;
    }

    /** Where RTMP is. */
    String rtmp(String code) {
        return "rtmp://127.0.0.1:" + rtmpPort() + "/live/" + code;
    }

    /** Makes a stream and starts it, as a user does. */
    void stream(String code, String document) throws IOException, InterruptedException {
        HttpRequest put =
                HttpRequest.newBuilder(URI.create(http("streams/" + code)))
                        .PUT(BodyPublishers.ofString(document))
                        .header("Content-Type", "application/json")
                        .build();
        HttpResponse<String> stored = client.send(put, BodyHandlers.ofString());
        assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
        post("streams/" + code + "/start");
    }

    /** Stops a stream, which ends its players. */
    void stop(String code) throws IOException, InterruptedException {
        post("streams/" + code + "/stop");
    }

    private void post(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(http(path)))
                        .POST(BodyPublishers.noBody())
                        .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    /** Whether there is a server, and something at this path. */
    boolean has(String path) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(http(path))).build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    /** The body at a path, which must be there. */
    byte[] get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(http(path))).build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).as(path).isEqualTo(200);
        return response.body();
    }

    /** The text at a path, which must be there. */
    String text(String path) throws IOException, InterruptedException {
        return new String(get(path), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
    }
}
