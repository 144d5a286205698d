package io.wadi.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** dash.js, from npm as it does not come as a library for Java. */
public final class DashJs {
    private static final Path FOLDER = Path.of("target", "dashjs");

    private DashJs() {}

    /** The script. Skips the test where it cannot be had; on CI that is a failure. */
    public static synchronized String script() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        Path script = FOLDER.resolve("package/dist/legacy/umd/dash.all.min.js");
        if (!Files.exists(script)) {
            boolean fetched =
                    isDone("npm", "pack", "dashjs@5", "--silent")
                            && isDone("sh", "-c", "tar xzf dashjs-*.tgz");
            if (Tools.isCi()) {
                assertThat(fetched).as("dash.js from npm").isTrue();
            }
            Assumptions.assumeTrue(fetched, "install npm, with a network, to run this test");
        }
        return Files.readString(script);
    }

    private static boolean isDone(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(FOLDER.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(2, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
