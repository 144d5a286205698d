package io.wadi.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Writes a file so that a reader sees the old or the new one and never half of one: to a temporary
 * name beside it, forced to disk, renamed.
 */
public final class AtomicFile {
    /** Documents hold keys and passwords: not for everybody on the machine. */
    private static final Set<PosixFilePermission> NEW_FILE =
            PosixFilePermissions.fromString("rw-r-----");

    private AtomicFile() {}

    /** Writes a file, forced to disk, in the place of what is there. */
    public static void write(Path file, byte[] content) throws IOException {
        Path temporary = Files.createTempFile(file.getParent(), ".", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            permissions(file, temporary);
            move(temporary, file);
            force(file.getParent());
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** As the file had them, so that who could edit it still can. */
    private static void permissions(Path file, Path temporary) throws IOException {
        if (Files.getFileAttributeView(temporary, PosixFileAttributeView.class) != null) {
            boolean known = Files.exists(file);
            Files.setPosixFilePermissions(
                    temporary, known ? Files.getPosixFilePermissions(file) : NEW_FILE);
        }
    }

    /** Forces the rename to disk; a folder cannot be opened everywhere. */
    private static void force(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return; // Windows: the file itself was forced
        }
    }
}
