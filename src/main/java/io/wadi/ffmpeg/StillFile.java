package io.wadi.ffmpeg;

import io.wadi.disk.AtomicFile;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The newest still picture of a stream as a file, for programs that look at a folder: always a
 * whole picture, since it is written beside and then renamed. Used by one thread.
 */
final class StillFile {
    private static final Logger LOG = LoggerFactory.getLogger(StillFile.class);

    private final Path file;
    private boolean failing;

    StillFile(Path folder, String stream) {
        // A code has no dots, so no two streams have the same file.
        this.file = folder.resolve(stream.replace('/', '.') + ".jpg");
    }

    /**
     * The folder of a document.
     *
     * @param base what a relative path is below
     * @throws IllegalArgumentException when it is no path, or nothing could be written there
     */
    static Path folder(Path base, String named) {
        Path folder;
        try {
            folder = base.resolve(named).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "thumbnail.output_dir is \"" + named + "\", expected a path", e);
        }
        Path there = folder;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new IllegalArgumentException(
                    "thumbnail.output_dir is \""
                            + named
                            + "\", expected a folder that the server may write: "
                            + there
                            + " is none");
        }
        return folder;
    }

    Path path() {
        return file;
    }

    /** A picture that cannot be written is told once, and the next is tried again. */
    void put(byte[] jpeg) {
        try {
            Files.createDirectories(file.getParent());
            AtomicFile.publish(file, jpeg); // a web server is another user
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                LOG.warn("{} cannot be written: {}", file, e.toString());
            }
            failing = true;
        }
    }
}
