package io.wadi.ffmpeg;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Notes about the processes that run, one file each, so that what a killed server left behind is
 * found at the next start. A child ends by itself when the server dies, because its sockets close;
 * only one that hangs or is stopped does not see that. A process is killed only if it is the very
 * one that was noted (number and time of start), has our private folder among its arguments, and
 * the server that noted it is gone.
 */
final class Children {
    private static final Logger LOG = LoggerFactory.getLogger(Children.class);

    private static final String SUFFIX = ".child";

    private final Path folder;

    Children(Path folder) {
        this.folder = folder;
    }

    /** A note, taken away when the process has ended. */
    @FunctionalInterface
    interface Note extends AutoCloseable {
        @Override
        void close();
    }

    /** Notes a process that was just started. */
    Note note(Process process, Path marker) {
        Path file = folder.resolve(process.pid() + SUFFIX);
        try {
            Files.createDirectories(folder);
            Files.write(
                    file,
                    List.of(
                            identity(ProcessHandle.current()),
                            identity(process.toHandle()),
                            marker.toString()));
        } catch (IOException e) {
            LOG.warn("{} cannot be written: leftovers would not be found ({})", file, e.toString());
        }
        return () -> delete(file);
    }

    private static String identity(ProcessHandle process) {
        return process.pid()
                + " "
                + process.info().startInstant().map(Instant::toString).orElse("?");
    }

    /** Ends what a server that was killed has left behind. */
    void sweep() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> file.toString().endsWith(SUFFIX)).forEach(Children::sweep);
        } catch (IOException e) {
            LOG.warn("{} cannot be read: leftovers are not looked for", folder, e);
        }
    }

    private static void sweep(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() != 3) {
                delete(file); // the server was killed while it wrote
                return;
            }
            if (alive(lines.get(0)).isPresent()) {
                return; // of another server, which runs
            }
            Optional<ProcessHandle> child = alive(lines.get(1));
            if (child.isPresent() && isMarked(child.get(), lines.get(2))) {
                LOG.warn("Ending FFmpeg {}, which a killed server left behind", child.get().pid());
                child.get().destroyForcibly();
            }
            deleteSockets(Path.of(lines.get(2)));
            delete(file);
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} is no note of a process", file, e);
        }
    }

    private static Optional<ProcessHandle> alive(String identity) {
        long pid = Long.parseLong(identity.substring(0, identity.indexOf(' ')));
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> identity(process).equals(identity));
    }

    private static boolean isMarked(ProcessHandle process, String marker) {
        return process.info()
                .arguments()
                .map(arguments -> Stream.of(arguments).anyMatch(a -> a.contains(marker)))
                .orElse(false);
    }

    /** The folder of a process, which holds sockets only: any other is left alone. */
    private static void deleteSockets(Path folder) throws IOException {
        if (!folder.getFileName().toString().startsWith(EncodingProcess.FOLDER)
                || !Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path socket : files.filter(f -> !Files.isRegularFile(f)).toList()) {
                Files.delete(socket);
            }
        }
        Files.delete(folder);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} cannot be deleted", file, e);
        }
    }
}
