package io.wadi.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ffmpeg.FfmpegBinary;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Programs that tests run. */
public final class Tools {
    private static final long LIMIT_SECONDS = 120;

    private Tools() {}

    /** Whether a missing tool is a failure. */
    public static boolean isCi() {
        return "true".equals(System.getenv("WADI_CI"));
    }

    /** A program on the PATH. */
    public static Optional<Path> onPath(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** FFmpeg: the one on the PATH, or else the one that comes with Wadi. */
    public static String ffmpeg() {
        try {
            return new FfmpegBinary("", Path.of("target", "bin")).find().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The Debian package that a program is in. */
    static String debianPackage(String tool) {
        return switch (tool) {
            case "ffprobe" -> "ffmpeg";
            case "nginx" -> "libnginx-mod-rtmp";
            default -> tool;
        };
    }

    /** A port of the loopback interface that is free now, for a program that must be told one. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts a program that writes all it prints to a file and reads nothing. */
    public static Process start(Path log, List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
    }

    /** The same. */
    public static Process start(Path log, String... command) throws IOException {
        return start(log, List.of(command));
    }

    /** Waits for the end of a program. */
    public static int exitCode(Process process) throws InterruptedException {
        boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended).as("%s ends in time", process.info().commandLine()).isTrue();
        return process.exitValue();
    }

    /** Runs a program to its end and returns all that it printed; it must succeed. */
    public static String run(List<String> command) throws IOException, InterruptedException {
        Path log = Files.createTempFile("wadi", ".log");
        try {
            int code = exitCode(start(log, command));
            String output = Files.readString(log);
            assertThat(code).as("%s\n%s", String.join(" ", command), output).isZero();
            return output;
        } finally {
            Files.delete(log);
        }
    }

    /** The same. */
    public static String run(String... command) throws IOException, InterruptedException {
        return run(List.of(command));
    }

    /** Runs FFmpeg, and returns what it complains of. */
    public static String runFfmpeg(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ffmpeg(), "-nostdin", "-v", "error", "-y"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** Makes a file: {@code arguments} are what stands before its name. */
    public static void make(Path file, String... arguments)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add(file.toString());
        runFfmpeg(all.toArray(String[]::new));
    }

    /** What decoding a whole file complains of; empty when nothing. */
    public static String decode(Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ffmpeg(), "-v", "warning", "-xerror", "-i"));
        command.add(file.toString());
        // As they come: no picture is to be dropped or doubled to make a constant rate.
        command.addAll(List.of("-map", "0", "-fps_mode", "passthrough", "-f", "null", "-"));
        return run(command);
    }

    /**
     * What ffprobe says of a file, a line an entry, as CSV without section names. It must not
     * complain of anything.
     */
    public static List<String> probe(Path file, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ffprobe", "-v", "error"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-of", "csv=p=0", file.toString()));
        return run(command)
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                .toList();
    }

    /** The size of the pictures at the start of a file, as {@code width,height}. */
    public static String pictureSize(Path file) throws IOException, InterruptedException {
        return probe(file, "-select_streams", "v", "-show_entries", "stream=width,height")
                .getFirst();
    }
}
