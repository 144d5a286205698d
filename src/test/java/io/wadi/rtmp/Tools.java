package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that publish to us and judge what comes out. */
final class Tools {
    private static final long TIMEOUT_S = 90;

    private Tools() {}

    /** Skips the test where a program is missing. */
    static void require(String program, String howToInstall) {
        boolean found =
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(found, program + " is not installed: " + howToInstall);
    }

    static Process start(Path log, String... command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)).as("program ends").isTrue();
        return process.exitValue();
    }

    /** Runs to the end and returns all that was printed; the exit code must be 0. */
    static String run(Path folder, String... command) throws Exception {
        Path log = Files.createTempFile(folder, "run", ".log");
        int code = exitCode(start(log, command));
        String output = Files.readString(log);
        assertThat(code).as("%s\n%s", String.join(" ", command), output).isZero();
        return output;
    }

    static String ffmpeg(Path folder, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-y"));
        command.addAll(List.of(arguments));
        return run(folder, command.toArray(String[]::new));
    }

    /** What decoding the whole file complains of; "" when nothing. */
    static String decodeErrors(Path folder, Path file) throws Exception {
        return ffmpeg(folder, "-xerror", "-i", file.toString(), "-map", "0", "-f", "null", "-");
    }

    /** Lines of {@code ffprobe -show_entries} in CSV without the section names. */
    static List<String> probe(Path folder, Path file, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ffprobe", "-v", "error", "-of", "csv=p=0"));
        command.addAll(List.of(arguments));
        command.add(file.toString());
        return run(folder, command.toArray(String[]::new))
                .lines()
                .filter(l -> !l.isBlank())
                .toList();
    }
}
