package io.wadi.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The YAML files of a folder, by polling what they contain: sees editors' renames, ConfigMap
 * symlink swaps and mounts that send no notice. A change counts once two polls in a row see the
 * same bytes, so that a half-written file is not read. Hidden files are passed over. Not thread
 * safe.
 */
public final class FolderScan {
    /** More files than any installation has streams; beyond it something else lives there. */
    private static final int MAX_FILES = 20_000;

    /** Codes have at most 128 characters, so at most 64 parts. */
    private static final int MAX_DEPTH = 65;

    private final Path folder;
    private final int depth;
    private final SortedMap<String, byte[]> settled = new TreeMap<>();
    private final Map<String, Optional<byte[]>> pending = new TreeMap<>();
    private boolean first = true;

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
        List<Path> found;
        try (Stream<Path> walk = Files.walk(folder, depth, new FileVisitOption[0])) {
            found = walk.filter(this::isDocument).limit(MAX_FILES + 1L).toList();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
        if (found.size() > MAX_FILES) {
            throw new IOException(folder + " has more than " + MAX_FILES + " YAML files");
        }
        for (Path file : found) {
            content(file).ifPresent(bytes -> files.put(name(file), bytes));
        }
        return files;
    }

    private static Optional<byte[]> content(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(in.readNBytes(SpecJson.MAX_BYTES + 1));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // replaced between listing and reading: the next poll sees it
        }
    }

    private boolean isDocument(Path file) {
        String last = file.getFileName().toString();
        for (Path part : folder.relativize(file)) {
            if (part.toString().startsWith(".")) {
                return false;
            }
        }
        return SUFFIXES.stream().anyMatch(last::endsWith) && Files.isRegularFile(file);
    }

    private static final Set<String> SUFFIXES = Set.of(".yaml", ".yml");

    private String name(Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
