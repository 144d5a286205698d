package io.wadi.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The YAML files of a folder, by polling: sees editors' renames, ConfigMap symlink swaps and mounts
 * that send no notice. A file is read when it is another one, or has another size or time of
 * writing. A change counts once two polls in a row see the same bytes, so that a half-written file
 * is not taken. Hidden files are passed over. Not thread safe.
 */
public final class FolderScan {
    private static final Set<String> SUFFIXES = Set.of(".yaml", ".yml");

    /** More files than any installation has streams; beyond it something else lives there. */
    private static final int MAX_FILES = 20_000;

    /** Codes have at most 128 characters, so at most 64 parts. */
    private static final int MAX_DEPTH = 65;

    /** File systems that keep the time of a write keep it at least to two seconds (FAT). */
    private static final Duration COARSEST_TIMES = Duration.ofSeconds(2);

    private final Path folder;
    private final int depth;
    private final SortedMap<String, byte[]> settled = new TreeMap<>();
    private final Map<String, Optional<byte[]>> pending = new TreeMap<>();
    private Map<String, Reading> readings = Map.of();
    private boolean first = true;

    /** What a file held, and how it looked before it was read. */
    private static final class Reading {
        private final BasicFileAttributes was;
        private final boolean mayHide;
        private final byte[] content;

        private Reading(BasicFileAttributes was, byte[] content, Instant at) {
            this.was = was;
            this.content = content;
            this.mayHide = was.lastModifiedTime().toInstant().plus(COARSEST_TIMES).isAfter(at);
        }

        /** Null when there is no file any more. */
        static Reading of(Path file, BasicFileAttributes is) throws IOException {
            Instant now = Instant.now();
            try (InputStream in = Files.newInputStream(file)) {
                return new Reading(is, in.readNBytes(SpecJson.MAX_BYTES + 1), now);
            } catch (NoSuchFileException e) {
                return null; // replaced meanwhile: the next poll sees it
            }
        }

        /**
         * Whether it need not be read again: nothing about it has changed, and it was written so
         * long before it was read that a later write would show in its time.
         */
        boolean stillHolds(BasicFileAttributes is) {
            return !mayHide
                    && Objects.equals(was.fileKey(), is.fileKey())
                    && was.size() == is.size()
                    && was.lastModifiedTime().equals(is.lastModifiedTime());
        }
    }

    private FolderScan(Path folder, int depth) {
        this.folder = folder;
        this.depth = depth;
    }

    /** The files directly in a folder. */
    public static FolderScan flat(Path folder) {
        return new FolderScan(folder, 1);
    }

    /** The files in a folder and its sub-folders. */
    public static FolderScan deep(Path folder) {
        return new FolderScan(folder, MAX_DEPTH);
    }

    /**
     * Reads the folder.
     *
     * @return file names relative to the folder, with '/', and their settled content, at most one
     *     byte longer than a document may be
     * @throws IOException when the folder cannot be read; what was settled stays
     */
    public SortedMap<String, byte[]> poll() throws IOException {
        SortedMap<String, byte[]> now = read();
        if (first) {
            settled.putAll(now);
            first = false;
            return settled;
        }
        now.forEach((name, content) -> see(name, Optional.of(content)));
        for (String name : List.copyOf(settled.keySet())) {
            if (!now.containsKey(name)) {
                see(name, Optional.empty());
            }
        }
        pending.keySet().removeIf(name -> !now.containsKey(name) && !settled.containsKey(name));
        return settled;
    }

    /** Takes content that we wrote ourselves, without waiting for a second poll. */
    public void accept(String name, byte[] content) {
        settled.put(name, content);
        pending.remove(name);
    }

    /** Takes a file away that we deleted ourselves. */
    public void forget(String name) {
        settled.remove(name);
        pending.remove(name);
    }

    /** Sees a file's content, or that it is gone. */
    private void see(String name, Optional<byte[]> content) {
        byte[] known = settled.get(name);
        if (content.isPresent() && known != null && Arrays.equals(known, content.get())) {
            pending.remove(name);
            return;
        }
        Optional<byte[]> before = pending.put(name, content);
        if (before == null || !same(before, content)) {
            return;
        }
        pending.remove(name);
        content.ifPresentOrElse(bytes -> settled.put(name, bytes), () -> settled.remove(name));
    }

    private static boolean same(Optional<byte[]> a, Optional<byte[]> b) {
        return a.isPresent() == b.isPresent()
                && (a.isEmpty() || Arrays.equals(a.get(), b.orElseThrow()));
    }

    private SortedMap<String, byte[]> read() throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        Map<String, Reading> now = new HashMap<>();
        for (Map.Entry<Path, BasicFileAttributes> found : documents().entrySet()) {
            Path file = found.getKey();
            String name = name(file);
            Reading last = readings.get(name);
            if (last == null || !last.stillHolds(found.getValue())) {
                last = Reading.of(file, found.getValue());
            }
            if (last != null) {
                now.put(name, last);
                files.put(name, last.content);
            }
        }
        readings = now;
        return files;
    }

    /** The YAML files that are there, in order of their names. */
    private Map<Path, BasicFileAttributes> documents() throws IOException {
        Map<Path, BasicFileAttributes> found = new LinkedHashMap<>();
        Files.walkFileTree(
                folder,
                Set.of(),
                depth,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path part, BasicFileAttributes is) {
                        return isHidden(part) && !part.equals(folder)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes is)
                            throws IOException {
                        if (!isHidden(file) && SUFFIXES.stream().anyMatch(last(file)::endsWith)) {
                            add(file, is.isSymbolicLink() ? target(file) : is);
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    private void add(Path file, BasicFileAttributes is) throws IOException {
                        if (is != null && is.isRegularFile()) {
                            found.put(file, is);
                        }
                        if (found.size() > MAX_FILES) {
                            throw new IOException(
                                    folder + " has more than " + MAX_FILES + " YAML files");
                        }
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e)
                            throws IOException {
                        if (e instanceof NoSuchFileException && !file.equals(folder)) {
                            return FileVisitResult.CONTINUE; // went between listing and looking
                        }
                        throw e;
                    }
                });
        return found;
    }

    /** What a link leads to: another file with every swap of a ConfigMap. Null when nothing. */
    private static BasicFileAttributes target(Path link) throws IOException {
        try {
            return Files.readAttributes(link, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static boolean isHidden(Path file) {
        return last(file).startsWith(".");
    }

    private static String last(Path file) {
        return file.getFileName().toString();
    }

    private String name(Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
