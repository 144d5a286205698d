package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Another's opinion of a transport stream. */
final class Ffprobe {
    private Ffprobe() {}

    /** The packets of a file as "stream,pts,dts,size,flags"; fails when ffprobe complains. */
    static List<String> packets(Path file) throws IOException, InterruptedException {
        return run(
                file, "-show_entries", "packet=stream_index,pts,dts,size,flags", "-of", "csv=p=0");
    }

    static List<String> run(Path file, String... options) throws IOException, InterruptedException {
        Path ffprobe = find();
        List<String> command = new ArrayList<>(List.of(ffprobe.toString(), "-v", "error"));
        command.addAll(List.of(options));
        command.add(file.toString());
        Path errors = Files.createTempFile("ffprobe", ".err");
        try {
            Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(errors)).isEmpty();
            return out.lines()
                    .filter(line -> !line.isBlank())
                    .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                    .toList();
        } finally {
            Files.delete(errors);
        }
    }

    private static Path find() {
        for (String folder : Pattern.compile(":").splitAsStream(System.getenv("PATH")).toList()) {
            Path candidate = Path.of(folder, "ffprobe");
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        Assumptions.abort("install ffmpeg to run this test: there is no ffprobe on the PATH");
        throw new IllegalStateException();
    }
}
