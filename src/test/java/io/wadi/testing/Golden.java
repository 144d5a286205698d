package io.wadi.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Text that is committed under {@code src/test/resources} and reviewed when it changes. {@code mvn
 * test -Dgolden.update=true} writes it anew.
 */
public final class Golden {
    private static final Path RESOURCES = Path.of("src", "test", "resources");

    private Golden() {}

    /** Compares with the committed text. */
    public static void assertGolden(String path, String actual) throws IOException {
        Path file = RESOURCES.resolve(path);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertThat(actual).as(file.toString()).isEqualTo(Files.readString(file));
    }
}
