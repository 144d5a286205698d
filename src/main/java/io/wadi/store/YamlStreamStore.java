package io.wadi.store;

import io.wadi.disk.AtomicFile;
import io.wadi.stream.FileProblem;
import io.wadi.stream.FolderScan;
import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.SpecYaml;
import io.wadi.stream.StreamCode;
import io.wadi.stream.StreamSpec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One file per stream, {@code <folder>/<code>.yaml}. A broken file is reported and its stream stays
 * as it was; a deleted file is a deleted stream. Files are written to a temporary name, forced to
 * disk and renamed, so that a reader sees the old or the new document and never half of one.
 */
public final class YamlStreamStore implements StreamStore {
    private static final String SUFFIX = ".yaml";

    private final Path folder;
    private final FolderScan scan;

    /** Files as they were last read, by name. */
    private final Map<String, byte[]> files = new HashMap<>();

    private final SortedMap<String, FileProblem> problems = new TreeMap<>();
    private final SortedMap<String, StreamSpec> streams = new TreeMap<>();
    private Optional<FileProblem> folderProblem = Optional.empty();
    private long version;
    private boolean read;

    /**
     * @param folder made when it does not exist
     * @throws IOException when it cannot be made; the message names the folder
     */
    public YamlStreamStore(Path folder) throws IOException {
        this.folder = folder;
        this.scan = FolderScan.deep(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new IOException("Cannot make the streams folder " + folder + ": " + e, e);
        }
    }

    /** Puts the demo stream into the folder, for who starts with nothing. */
    public void addDemo() throws IOException {
        try (InputStream demo =
                YamlStreamStore.class.getResourceAsStream("/routes/streams/demo.yaml")) {
            AtomicFile.write(folder.resolve("demo" + SUFFIX), demo.readAllBytes());
        }
    }

    @Override
    public synchronized Optional<StreamSpec> find(String code) {
        readOnce();
        return Optional.ofNullable(streams.get(code));
    }

    @Override
    public synchronized List<StreamSpec> list() {
        readOnce();
        return List.copyOf(streams.values());
    }

    @Override
    public synchronized Snapshot snapshot() {
        read();
        List<FileProblem> all = new ArrayList<>(folderProblem.stream().toList());
        all.addAll(problems.values());
        return new Snapshot(version, new TreeMap<>(streams), all);
    }

    @Override
    public synchronized void save(StreamSpec spec) throws StoreException {
        readOnce();
        String name = spec.code() + SUFFIX;
        Path file = folder.resolve(name);
        try {
            byte[] content =
                    (heading(file) + SpecYaml.write(spec)).getBytes(StandardCharsets.UTF_8);
            Files.createDirectories(file.getParent());
            AtomicFile.write(file, content);
            scan.accept(name, content);
            files.put(name, content);
            problems.remove(name);
            streams.put(spec.code(), spec);
            version++;
        } catch (IOException e) {
            throw new StoreException("Cannot write " + file + ": " + e, e);
        }
    }

    @Override
    public synchronized boolean delete(String code) throws StoreException {
        readOnce();
        if (StreamCode.problemOf(code).isPresent()) {
            return false;
        }
        Path file = folder.resolve(code + SUFFIX);
        try {
            boolean was = Files.deleteIfExists(file);
            removeEmptyParents(file.getParent());
            scan.forget(code + SUFFIX);
            files.remove(code + SUFFIX);
            problems.remove(code + SUFFIX);
            was |= streams.remove(code) != null;
            version++;
            return was;
        } catch (IOException e) {
            throw new StoreException("Cannot delete " + file + ": " + e, e);
        }
    }

    private void removeEmptyParents(Path parent) throws IOException {
        for (Path at = parent; !at.equals(folder); at = at.getParent()) {
            try {
                Files.deleteIfExists(at);
            } catch (DirectoryNotEmptyException e) {
                return; // other streams live there
            }
        }
    }

    private void readOnce() {
        if (!read) {
            read();
        }
    }

    private void read() {
        read = true;
        SortedMap<String, byte[]> now;
        try {
            now = scan.poll();
            setFolderProblem(Optional.empty());
        } catch (IOException e) {
            // a folder that went away is not the wish to delete every stream
            setFolderProblem(
                    Optional.of(new FileProblem(folder.toString(), 0, 0, "", "cannot read: " + e)));
            return;
        }
        for (String name : List.copyOf(files.keySet())) {
            if (!now.containsKey(name)) {
                files.remove(name);
                problems.remove(name);
                streams.remove(code(name));
                version++;
            }
        }
        now.forEach(
                (name, content) -> {
                    if (!Arrays.equals(files.get(name), content)) {
                        files.put(name, content);
                        problems.remove(name);
                        load(name, content).ifPresent(problem -> problems.put(name, problem));
                        version++;
                    }
                });
    }

    private void setFolderProblem(Optional<FileProblem> problem) {
        if (!problem.equals(folderProblem)) {
            folderProblem = problem;
            version++;
        }
    }

    private Optional<FileProblem> load(String name, byte[] content) {
        String shown = folder.resolve(name).toString();
        String code = code(name);
        var wrongName = StreamCode.problemOf(code);
        if (wrongName.isPresent() || !name.endsWith(SUFFIX)) {
            String message =
                    wrongName
                            .map(problem -> "the file's name is the stream's " + problem.message())
                            .orElse("expected a name that ends with " + SUFFIX);
            return Optional.of(new FileProblem(shown, 0, 0, "code", message));
        }
        try {
            streams.put(code, SpecYaml.read(code, content));
            return Optional.empty();
        } catch (InvalidSpecException e) {
            return Optional.of(
                    new FileProblem(shown, e.line(), e.column(), e.first().path(), e.getMessage()));
        }
    }

    private static String code(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** The comment that a file starts with stays when the document is written anew. */
    private static String heading(Path file) throws IOException {
        try {
            String heading =
                    Files.readString(file)
                            .lines()
                            .takeWhile(line -> line.startsWith("#") || line.isBlank())
                            .collect(Collectors.joining("\n"));
            return heading.isBlank() ? "" : heading + "\n";
        } catch (NoSuchFileException | java.nio.charset.CharacterCodingException e) {
            return "";
        }
    }
}
