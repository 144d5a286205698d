package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.testing.Tools;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The whole server in a process of its own, which can be killed and started again. */
final class ServerProcess extends RunningServer {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private final int httpPort;
    private final int rtmpPort;
    private Process process;
    private int starts;

    /**
     * @param folder where the server keeps what it keeps, over its restarts
     */
    ServerProcess(Path folder) throws IOException {
        this.folder = folder;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        // Both at a time, so that they differ. Players must find the server where it was.
        try (ServerSocket http = new ServerSocket(0, 1, loopback);
                ServerSocket rtmp = new ServerSocket(0, 1, loopback)) {
            httpPort = http.getLocalPort();
            rtmpPort = rtmp.getLocalPort();
        }
        start();
    }

    /** Starts it, and returns when it is ready. */
    void start() throws IOException {
        List<String> command = settings(folder, httpPort, rtmpPort);
        command.addAll(
                0,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Wadi.class.getName()));
        process = Tools.start(folder.resolve("server-" + ++starts + ".log"), command);
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> assertThat(text("readyz")).isEqualTo("ok"));
    }

    /** SIGKILL: nothing is flushed, saved or told. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    int httpPort() {
        return httpPort;
    }

    @Override
    int rtmpPort() {
        return rtmpPort;
    }

    @Override
    public void close() {
        super.close();
        process.destroyForcibly();
    }
}
