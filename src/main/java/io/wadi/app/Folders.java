package io.wadi.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folders that the configuration names. */
final class Folders {
    private Folders() {}

    /** Makes the folder when it is not there, and tries that it can be written. */
    static void requireWritable(String key, Path dir) {
        try {
            Files.createDirectories(dir);
            Files.delete(Files.createTempFile(dir, ".wadi-", ".probe"));
        } catch (IOException e) {
            throw new ConfigException(
                    key,
                    "cannot write to \""
                            + dir.toAbsolutePath().normalize()
                            + "\" ("
                            + e.getClass().getSimpleName()
                            + "), expected a folder that this user may write");
        }
    }

    static boolean isWritable(Path dir) {
        return Files.isDirectory(dir) && Files.isWritable(dir);
    }
}
