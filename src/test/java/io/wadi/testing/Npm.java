package io.wadi.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Players that come from npm, as they do not come as libraries for Java. */
public final class Npm {
    private Npm() {}

    /**
     * A file of a package, fetched once. Without npm or a network the test is skipped; on CI it
     * fails.
     *
     * @param name with its major version, such as {@code dashjs@5}
     */
    public static String file(String name, String path) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of("target", "npm", name));
        Path script = folder.resolve("package").resolve(path);
        if (!Files.exists(script)) {
            boolean fetched =
                    isDone(folder, "npm", "pack", name, "--silent")
                            && isDone(folder, "sh", "-c", "tar xzf *.tgz");
            if (Tools.isCi()) {
                assertThat(fetched).as("%s from npm", name).isTrue();
            }
            Assumptions.assumeTrue(fetched, "install npm, with a network, to run this test");
        }
        return Files.readString(script);
    }

    private static boolean isDone(Path folder, String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(2, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
