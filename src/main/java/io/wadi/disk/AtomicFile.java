package io.wadi.disk;

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
 * name beside it, renamed. {@link #write} and {@link #publish} do all of it; {@link #prepare} is
 * for content that is looked at before it takes the place of what is there.
 *
 * <ol>
 *   <li>{@link #prepare}
 *   <li>{@link #prepared}, any number of times
 *   <li>{@link #commit}, or not
 *   <li>{@link #close}
 * </ol>
 */
public final class AtomicFile implements AutoCloseable {
    /** Documents hold keys and passwords: not for everybody on the machine. */
    private static final Set<PosixFilePermission> PRIVATE =
            PosixFilePermissions.fromString("rw-r-----");

    private static final Set<PosixFilePermission> PUBLIC =
            PosixFilePermissions.fromString("rw-r--r--");

    private final Path file;
    private final Path temporary;
    private final boolean durable;

    private AtomicFile(Path file, byte[] content, boolean durable, Set<PosixFilePermission> fresh)
            throws IOException {
        this.file = file;
        this.durable = durable;
        this.temporary = Files.createTempFile(file.getParent(), ".", ".tmp");
        try {
            put(temporary, content, durable);
            permissions(file, temporary, fresh);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    /** Writes a file, forced to disk, in the place of what is there. */
    public static void write(Path file, byte[] content) throws IOException {
        try (AtomicFile fresh = prepare(file, content)) {
            fresh.commit();
        }
    }

    /**
     * Writes a file that programs of other users read, and that is soon made anew: what the disk
     * has not yet when the power fails is lost.
     */
    public static void publish(Path file, byte[] content) throws IOException {
        try (AtomicFile fresh = new AtomicFile(file, content, false, PUBLIC)) {
            fresh.commit();
        }
    }

    /** Writes what is to be a file, forced to disk, beside it. */
    public static AtomicFile prepare(Path file, byte[] content) throws IOException {
        return new AtomicFile(file, content, true, PRIVATE);
    }

    /** Where the content is until it is committed. */
    public Path prepared() {
        return temporary;
    }

    /** Takes the place of what is there. */
    public void commit() throws IOException {
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        }
        if (durable) {
            force(file.getParent());
        }
    }

    /** Leaves nothing behind of what was not committed. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(temporary);
    }

    private static void put(Path temporary, byte[] content, boolean durable) throws IOException {
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            if (durable) {
                channel.force(true);
            }
        }
    }

    /** As the file had them, so that who could read or edit it still can. */
    private static void permissions(Path file, Path temporary, Set<PosixFilePermission> fresh)
            throws IOException {
        if (Files.getFileAttributeView(temporary, PosixFileAttributeView.class) != null) {
            boolean known = Files.exists(file);
            Files.setPosixFilePermissions(
                    temporary, known ? Files.getPosixFilePermissions(file) : fresh);
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
