package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A setting that cannot be: one line that names it, what was got and what would be right. */
class ConfigErrorsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    wadi.http.port=abc                       | wadi.http.port: got "abc" | a whole number
                    wadi.http.port=70000                     | wadi.http.port: got "70000" | from 1 to 65535
                    wadi.http.host=a b                       | wadi.http.host: got "a b" | a host name
                    wadi.listeners.rtmp.port=-1              | wadi.listeners.rtmp.port: got "-1" | 0 for any free one
                    wadi.listeners.rtmp.enabled=maybe        | wadi.listeners.rtmp.enabled: got "maybe" | true or false
                    wadi.manager.input-packet-timeout=soon   | wadi.manager.input-packet-timeout: got "soon" | a duration such as 30s
                    wadi.manager.input-packet-timeout=1ms    | wadi.manager.input-packet-timeout: got | at least 100ms
                    wadi.log.level=loud                      | wadi.log.level: got "loud" | trace, debug, info
                    wadi.storage.driver=paper                | wadi.storage.driver: got "paper" | one of: yaml
                    wadi.publisher.hls.live-window=2         | wadi.publisher.hls.live-window: got "2" | from 3
                    wadi.transcoder.max-workers=0            | wadi.transcoder.max-workers: got "0" | from 1
                    wadi.metrics.addr=9091                   | wadi.metrics.addr: got "9091" | :9091
                    wadi.metrics.path=metrics                | wadi.metrics.path: got "metrics" | /metrics
                    wadi.http.prot=1                         | wadi.http.prot: no such setting | did you mean wadi.http.port
                    wadi.htpt.port=1                         | wadi.htpt.port: no such setting | did you mean wadi.http.port
                    wadi.data.dir=/proc/version/data         | wadi.data.dir: cannot write to "/proc/version/data" | this user may write
                    """)
    void saysWhichKeyAndWhatWouldBeRight(String argument, String start, String hint) {
        String line = failureOf("--" + argument);

        assertThat(line).startsWith(start).contains(hint).doesNotContain("\n");
    }

    @Test
    void namesThePortThatIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String line =
                    failureOf(
                            "--wadi.http.host=127.0.0.1",
                            "--wadi.http.port=" + taken.getLocalPort());

            assertThat(line)
                    .startsWith(
                            "wadi.http.port: cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .contains("expected a free port");
        }
    }

    @Test
    void exitsWithOneLineOnStderr(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("config.yaml"),
                """
                wadi:
                  http:
                    port: 0
                  listeners:
                    rtpm:
                      port: 0
                """);

        Outcome outcome = run(folder);

        assertThat(outcome.exit).isEqualTo(1);
        assertThat(outcome.stderr.lines())
                .singleElement()
                .asString()
                .contains("wadi.listeners.rtpm.port", "config.yaml", "wadi.listeners.rtmp.port");
        assertThat(outcome.stdout).isEmpty();
    }

    @Test
    void saysWhereTheFileIsNoYaml(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("config.yaml"), "wadi:\n  http: [1, 2\n");

        Outcome outcome = run(folder);

        assertThat(outcome.exit).isEqualTo(1);
        assertThat(outcome.stderr.lines())
                .singleElement()
                .asString()
                .contains("config.yaml", "line 3");
    }

    private static String failureOf(String... arguments) {
        Throwable failure = catchThrowable(() -> Wadi.start(arguments).close());
        assertThat(failure).as("the server started").isNotNull();
        return StartupFailure.describe(failure).orElseThrow(() -> new AssertionError(failure));
    }

    private record Outcome(int exit, String stdout, String stderr) {}

    private static Outcome run(Path folder) throws IOException, InterruptedException {
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Wadi.class.getName()));
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the process ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
