package io.wadi.segment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Transport streams made by FFmpeg, and FFmpeg as a player. */
public final class TsSample {
    private static final int LIMIT_SECONDS = 30;

    private TsSample() {}

    /** 320x180 H.264 with B-frames and AAC, 25 pictures a second. */
    public static byte[] video(Path folder, int seconds, int gop) throws Exception {
        return make(
                folder,
                "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440 -t "
                        + seconds
                        + " -c:v libx264 -preset ultrafast -bf 2 -x264-params scenecut=0:keyint="
                        + gop
                        + ":min-keyint="
                        + gop
                        + " -c:a aac -ac 2");
    }

    public static byte[] audio(Path folder, int seconds) throws Exception {
        return make(folder, "-f lavfi -i sine=frequency=440 -t " + seconds + " -c:a aac -ac 2");
    }

    private static byte[] make(Path folder, String arguments) throws Exception {
        Path file = Files.createTempFile(folder, "sample", ".ts");
        List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-y"));
        command.addAll(List.of(arguments.split(" ", -1)));
        command.addAll(List.of("-f", "mpegts", file.toString()));
        run(command);
        return Files.readAllBytes(file);
    }

    /** Runs a program to its end and returns what it wrote; fails when it failed. */
    public static String run(List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile("wadi", ".out");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(output.toFile())
                        .start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("not done in time: " + Files.readString(output));
            }
            String text = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new AssertionError(command + " failed: " + text);
            }
            return text;
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
