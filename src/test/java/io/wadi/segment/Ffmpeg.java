package io.wadi.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs ffmpeg and ffprobe. */
public final class Ffmpeg {
    private static final long LIMIT_SECONDS = 120;

    private Ffmpeg() {}

    /** Skips the test where FFmpeg is not installed; on CI that is a failure. */
    public static void require() {
        boolean found = isOnPath("ffmpeg") && isOnPath("ffprobe");
        if (System.getenv("CI") != null) {
            assertThat(found).as("ffmpeg and ffprobe on the PATH").isTrue();
        }
        Assumptions.assumeTrue(found, "install ffmpeg to run this test");
    }

    static boolean isOnPath(String program) {
        for (String folder : System.getenv("PATH").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** What the command wrote; fails when it failed. */
    public static String run(List<String> command) {
        try {
            Path output = Files.createTempFile("wadi", ".log");
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .redirectInput(Path.of("/dev/null").toFile())
                            .start();
            boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            String text = Files.readString(output, StandardCharsets.UTF_8);
            Files.delete(output);
            assertThat(ended).as("%s ended: %s", command, text).isTrue();
            assertThat(process.exitValue()).as("%s: %s", command, text).isZero();
            return text;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Makes a file from lavfi sources. */
    public static void make(Path to, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-y"));
        command.addAll(List.of(arguments));
        command.add(to.toString());
        run(command);
    }

    /** Decodes everything; returns what ffmpeg complained about, which should be nothing. */
    public static String decode(Path file) {
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "warning", "-i"));
        command.add(file.toString());
        // As they come: no frame is to be dropped or doubled to make a constant rate.
        command.addAll(List.of("-fps_mode", "passthrough", "-f", "null", "-"));
        return run(command);
    }

    /** Entries as CSV without section names. */
    public static List<String> probe(Path file, String... arguments) {
        List<String> command = new ArrayList<>(List.of("ffprobe", "-v", "error"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-of", "csv=p=0", file.toString()));
        return run(command).lines().filter(line -> !line.isBlank()).toList();
    }
}
