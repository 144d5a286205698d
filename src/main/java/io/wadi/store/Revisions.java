package io.wadi.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.disk.AtomicFile;
import io.wadi.stream.SpecJson;
import io.wadi.stream.StreamCode;
import io.wadi.stream.StreamSpec;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What each stream's document was before: a file of JSON lines a stream, oldest first. A change of
 * what the server keeps itself (status, times) is none. What cannot be written is told in the log
 * and costs the history, not the edit. Safe for use by many threads.
 */
public final class Revisions {
    /** Enough for a day of trying out; each is a few kilobytes. */
    static final int MAX_REVISIONS = 50;

    /** For documents that are larger than any should be. */
    static final long MAX_BYTES = 4L * 1024 * 1024;

    /** Streams that are gone and still have a history; then the oldest is forgotten. */
    static final int MAX_DELETED = 200;

    private static final Logger LOG = LoggerFactory.getLogger(Revisions.class);
    private static final String SUFFIX = ".jsonl";
    private static final Set<String> KEPT_BY_SERVER = Set.of("status", "created_at", "updated_at");

    private final Path folder;
    private final Clock clock;

    /** The newest document of every stream that was seen; empty when it was deleted. */
    private final Map<String, Optional<ObjectNode>> newest = new HashMap<>();

    /**
     * @param folder made when there is something to keep
     */
    public Revisions(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** The part of a document that counts. */
    static ObjectNode essence(StreamSpec spec) {
        ObjectNode document = SpecJson.tree(spec);
        document.remove(KEPT_BY_SERVER);
        return document;
    }

    /** Takes all documents as they are now: what changed, or is gone, is a revision. */
    synchronized void follow(Map<String, StreamSpec> streams, String author) {
        streams.forEach((code, spec) -> take(code, Optional.of(essence(spec)), author));
        for (String code : List.copyOf(newest.keySet())) {
            if (!streams.containsKey(code)) {
                take(code, Optional.empty(), author);
            }
        }
    }

    /** Takes one document; empty when it was deleted. */
    synchronized void take(String code, Optional<ObjectNode> document, String author) {
        if (document.equals(newest.get(code))) {
            return;
        }
        try {
            List<Revision> all = new ArrayList<>(read(code));
            boolean known = !all.isEmpty() && all.getLast().document().equals(document);
            boolean nothing = all.isEmpty() && document.isEmpty();
            if (!known && !nothing) {
                int number = all.isEmpty() ? 1 : all.getLast().number() + 1;
                Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
                all.add(new Revision(number, now, author, document));
                write(code, all);
            }
            newest.put(code, document);
            if (document.isEmpty()) {
                forgetOldest();
            }
        } catch (IOException e) {
            newest.put(code, document);
            LOG.warn("The history of stream {} was not kept: {}", code, e.toString());
        }
    }

    /** Of streams that were deleted long ago. */
    private void forgetOldest() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        record History(String code, Path file, FileTime changed) {}
        List<History> deleted = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(file -> file.toString().endsWith(SUFFIX)).toList();
        }
        for (Path file : files) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            String code = name.substring(0, name.length() - SUFFIX.length());
            if (newest.getOrDefault(code, Optional.empty()).isEmpty()) {
                deleted.add(new History(code, file, Files.getLastModifiedTime(file)));
            }
        }
        deleted.sort(Comparator.comparing(History::changed).thenComparing(History::code));
        for (History oldest : deleted.subList(0, Math.max(0, deleted.size() - MAX_DELETED))) {
            Files.delete(oldest.file());
            newest.remove(oldest.code());
        }
    }

    /** The revisions that are kept, oldest first; none for an unknown stream. */
    public synchronized List<Revision> of(String code) {
        if (StreamCode.problemOf(code).isPresent()) {
            return List.of();
        }
        try {
            return read(code);
        } catch (IOException e) {
            LOG.warn("The history of stream {} cannot be read: {}", code, e.toString());
            return List.of();
        }
    }

    /** One revision. */
    public Optional<Revision> find(String code, int number) {
        return of(code).stream().filter(revision -> revision.number() == number).findFirst();
    }

    private Path file(String code) {
        return folder.resolve(code + SUFFIX);
    }

    private List<Revision> read(String code) throws IOException {
        List<Revision> all = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file(code), StandardCharsets.UTF_8)) {
                parse(line).ifPresent(all::add);
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (java.nio.charset.CharacterCodingException e) {
            LOG.warn("{} is not UTF-8 and is not read", file(code));
        }
        return all;
    }

    /** A line that somebody broke is left out. */
    private static Optional<Revision> parse(String line) {
        try {
            JsonNode tree = SpecJson.mapper().readTree(line);
            Optional<ObjectNode> document =
                    tree.get("document") instanceof ObjectNode object
                            ? Optional.of(object)
                            : Optional.empty();
            return Optional.of(
                    new Revision(
                            tree.path("revision").intValue(),
                            Instant.parse(tree.path("at").asText()),
                            tree.path("author").asText(),
                            document));
        } catch (JsonProcessingException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private void write(String code, List<Revision> all) throws IOException {
        List<String> lines = new ArrayList<>();
        long bytes = 0;
        for (Revision revision : all.reversed()) {
            String line = line(revision);
            bytes += line.length();
            boolean full = lines.size() == MAX_REVISIONS || bytes > MAX_BYTES;
            if (full && !lines.isEmpty()) {
                break;
            }
            lines.add(line);
        }
        StringBuilder text = new StringBuilder();
        lines.reversed().forEach(line -> text.append(line).append('\n'));
        Path file = file(code);
        Files.createDirectories(file.getParent());
        AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String line(Revision revision) throws IOException {
        ObjectNode tree = SpecJson.mapper().createObjectNode();
        tree.put("revision", revision.number());
        tree.put("at", revision.at().toString());
        tree.put("author", revision.author());
        revision.document()
                .ifPresentOrElse(
                        document -> tree.set("document", document), () -> tree.putNull("document"));
        return SpecJson.mapper().writeValueAsString(tree);
    }
}
