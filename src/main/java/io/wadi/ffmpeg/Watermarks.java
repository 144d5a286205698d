package io.wadi.ffmpeg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.disk.AtomicFile;
import io.wadi.http.ContentTag;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Pictures that watermarks name by {@code asset_id}: files {@code <id>.<ending>} in one folder,
 * with {@code <id>.json} beside them for what the file itself does not say. A file that an operator
 * put there counts as well. What is stored under an id never changes; all methods may block.
 */
public final class Watermarks {
    /** Logos have some hundred KiB. */
    public static final int MAX_BYTES = 8 << 20;

    /** What a folder may come to hold; 8 GiB at the very most. */
    static final int MAX_ASSETS = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(Watermarks.class);

    private static final int MAX_NAME = 128;
    private static final int MAX_SLUG = 40;

    /** Of the content, in an id that is made. */
    private static final int DIGITS = 12;

    private static final int MAX_NOTE_BYTES = 16 * 1024;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * One picture.
     *
     * @param name for people
     * @param fileName what it was called where it came from
     */
    public record Asset(
            String id,
            String name,
            String fileName,
            String contentType,
            long sizeBytes,
            int width,
            int height,
            Instant uploadedAt) {}

    /** What cannot be stored, and why. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        /** What is wrong with it. */
        public enum Reason {
            NO_PICTURE,
            OTHER_PICTURE_HAS_THE_ID,
            TOO_MANY
        }

        private final Reason reason;

        RefusedException(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }

        public Reason reason() {
            return reason;
        }
    }

    /** Whether a file, as FFmpeg's arguments open it, can be decoded. */
    @FunctionalInterface
    interface Trial {
        boolean decodes(List<String> input) throws IOException;
    }

    private final Path folder;
    private final Trial trial;
    private final Clock clock;

    Watermarks(Path folder, Trial trial, Clock clock) {
        this.folder = folder;
        this.trial = trial;
        this.clock = clock;
    }

    /** Where the pictures are. */
    public Path folder() {
        return folder;
    }

    /** Whether a text can be an id: it becomes the name of a file. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** All pictures, the newest first. */
    public synchronized List<Asset> list() throws IOException {
        List<Asset> assets = new ArrayList<>();
        for (String id : ids()) {
            find(id).ifPresent(assets::add);
        }
        assets.sort(Comparator.comparing(Asset::uploadedAt).reversed().thenComparing(Asset::id));
        return assets;
    }

    private List<String> ids() throws IOException {
        TreeSet<String> ids = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(path -> path.getFileName().toString())
                    .filter(name -> name.contains("."))
                    .map(name -> name.substring(0, name.lastIndexOf('.')))
                    .filter(Watermarks::isId)
                    .limit(2L * MAX_ASSETS)
                    .forEach(ids::add);
        } catch (NoSuchFileException noFolderYet) {
            return List.of();
        }
        return List.copyOf(ids);
    }

    /** One picture; empty when there is none, or the file is no picture. */
    public synchronized Optional<Asset> find(String id) throws IOException {
        Optional<Path> file = file(id);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        JsonNode note = note(id);
        long size = Files.size(file.get());
        Instant at = Files.getLastModifiedTime(file.get()).toInstant();
        if (note.path("size_bytes").asLong(-1) == size) {
            return Optional.of(
                    new Asset(
                            id,
                            note.path("name").asText(id),
                            note.path("file_name").asText(),
                            note.path("content_type").asText(),
                            size,
                            note.path("width").asInt(),
                            note.path("height").asInt(),
                            instant(note.path("uploaded_at").asText(), at)));
        }
        String fileName = file.get().getFileName().toString();
        return PictureHeader.of(bytes(file.get()))
                .map(
                        header ->
                                new Asset(
                                        id,
                                        id,
                                        fileName,
                                        header.format().contentType(),
                                        size,
                                        header.width(),
                                        header.height(),
                                        at.truncatedTo(ChronoUnit.MILLIS)));
    }

    private static Instant instant(String text, Instant otherwise) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException edited) {
            return otherwise;
        }
    }

    /** The bytes of a picture. */
    public synchronized Optional<byte[]> read(String id) throws IOException {
        Optional<Path> file = file(id);
        return file.isEmpty() ? Optional.empty() : Optional.of(bytes(file.get()));
    }

    /** The file of a picture, which is in the folder itself and no link to elsewhere. */
    private Optional<Path> file(String id) {
        if (!isId(id)) {
            return Optional.empty();
        }
        for (PictureHeader.Format format : PictureHeader.Format.values()) {
            Path file = folder.resolve(id + "." + format.ending());
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /** At most one byte more than a picture may have, so that a caller sees that it is too long. */
    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES + 1);
        }
    }

    private JsonNode note(String id) {
        Path file = folder.resolve(id + ".json");
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            JsonNode note = MAPPER.readTree(in.readNBytes(MAX_NOTE_BYTES));
            return note == null ? MAPPER.missingNode() : note;
        } catch (IOException noneOrBroken) {
            return MAPPER.missingNode(); // the picture says enough
        }
    }

    /**
     * Stores a picture. The same picture under the same id again is no change.
     *
     * @param id empty for one that is made of the file's name and content
     * @param name for people; empty for the file's
     */
    public synchronized Asset store(String id, String name, String fileName, byte[] picture)
            throws IOException, RefusedException {
        PictureHeader header =
                PictureHeader.of(picture)
                        .filter(_ -> picture.length <= MAX_BYTES)
                        .orElseThrow(() -> noPicture(fileName));
        String plain = plain(fileName);
        String asked =
                id.isEmpty() ? slug(plain) + "-" + ContentTag.of(picture).substring(0, DIGITS) : id;
        if (!isId(asked)) {
            throw new IllegalArgumentException("\"" + asked + "\" is no id");
        }
        Optional<Path> there = file(asked);
        if (there.isPresent()) {
            if (Arrays.equals(bytes(there.get()), picture)) {
                return find(asked).orElseThrow(() -> noPicture(fileName));
            }
            throw new RefusedException(
                    RefusedException.Reason.OTHER_PICTURE_HAS_THE_ID,
                    "there is another picture with the id " + asked + ", expected a new id");
        }
        if (ids().size() >= MAX_ASSETS) {
            throw new RefusedException(
                    RefusedException.Reason.TOO_MANY,
                    "there are " + MAX_ASSETS + " pictures already; delete one first");
        }
        String shown = name.isBlank() ? plain : plain(name);
        Asset asset =
                new Asset(
                        asked,
                        shown,
                        plain,
                        header.format().contentType(),
                        picture.length,
                        header.width(),
                        header.height(),
                        clock.instant().truncatedTo(ChronoUnit.MILLIS));
        write(asset, header.format(), picture);
        return asset;
    }

    private static RefusedException noPicture(String fileName) {
        return new RefusedException(
                RefusedException.Reason.NO_PICTURE,
                "\"" + plain(fileName) + "\" is no picture, expected " + PictureHeader.expected());
    }

    /** The note first: a picture is there from the moment on when its file has its name. */
    private void write(Asset asset, PictureHeader.Format format, byte[] picture)
            throws IOException, RefusedException {
        Files.createDirectories(folder);
        Path file = folder.resolve(asset.id() + "." + format.ending());
        try (AtomicFile fresh = AtomicFile.prepare(file, picture)) {
            if (!trial.decodes(input(fresh.prepared(), format.decoder()))) {
                throw new RefusedException(
                        RefusedException.Reason.NO_PICTURE,
                        "\"" + asset.fileName() + "\" is a picture that FFmpeg cannot decode");
            }
            AtomicFile.write(folder.resolve(asset.id() + ".json"), note(asset));
            fresh.commit();
        }
    }

    private static byte[] note(Asset asset) throws JsonProcessingException {
        ObjectNode note = MAPPER.createObjectNode();
        note.put("id", asset.id()).put("name", asset.name()).put("file_name", asset.fileName());
        note.put("content_type", asset.contentType()).put("size_bytes", asset.sizeBytes());
        note.put("width", asset.width()).put("height", asset.height());
        note.put("uploaded_at", asset.uploadedAt().toString());
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(note);
    }

    /**
     * Deletes a picture; an encoder that has read it goes on.
     *
     * @return whether there was one
     */
    public synchronized boolean delete(String id) throws IOException {
        Optional<Path> file = file(id);
        if (file.isEmpty()) {
            return false;
        }
        Files.deleteIfExists(file.get());
        Files.deleteIfExists(folder.resolve(id + ".json"));
        return true;
    }

    /** The last part of a path of any system, without what a terminal would stumble on. */
    private static String plain(String fileName) {
        String last = fileName.substring(Math.max(fileName.lastIndexOf('/'), -1) + 1);
        last = last.substring(last.lastIndexOf('\\') + 1);
        String plain = last.replaceAll("\\p{Cntrl}", "").strip();
        if (plain.isEmpty()) {
            return "picture";
        }
        return plain.substring(0, Math.min(plain.length(), MAX_NAME));
    }

    private static String slug(String fileName) {
        int dot = fileName.lastIndexOf('.');
        String base = dot > 0 ? fileName.substring(0, dot) : fileName;
        String slug = base.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        slug = slug.replaceAll("^-|-$", "");
        slug = slug.substring(0, Math.min(slug.length(), MAX_SLUG));
        return slug.isEmpty() ? "picture" : slug;
    }

    /**
     * A watermark with its picture looked up: what is encoded shows this one file, which is the
     * picture that it says it is.
     *
     * @throws IOException saying what is wrong with it
     */
    synchronized Watermark ready(Watermark mark) throws IOException {
        if (!mark.isImage()) {
            return mark;
        }
        boolean asset = !mark.assetId().isEmpty();
        String key = asset ? "watermark.asset_id: " : "watermark.image_path: ";
        Path file = asset ? assetFile(mark.assetId()) : namedFile(mark.image());
        byte[] bytes;
        try {
            bytes = bytes(file);
        } catch (IOException e) {
            throw new IOException(key + file + " cannot be read", e);
        }
        Optional<PictureHeader> header = PictureHeader.of(bytes);
        if (header.isEmpty() || bytes.length > MAX_BYTES) {
            throw new IOException(
                    key
                            + file.getFileName()
                            + " is no such picture, expected "
                            + PictureHeader.expected()
                            + " and 8 MiB");
        }
        return mark.showing(file.toAbsolutePath().toString(), header.get().format().decoder());
    }

    private Path assetFile(String id) throws IOException {
        Optional<Path> file = file(id);
        if (file.isEmpty()) {
            throw new IOException(
                    "watermark.asset_id: there is no picture \"" + id + "\" in " + folder);
        }
        return file.get();
    }

    private static Path namedFile(String path) throws IOException {
        try {
            Path file = Path.of(path);
            if (Files.isRegularFile(file)) {
                return file;
            }
        } catch (InvalidPathException e) {
            LOG.debug("a path that this system cannot have", e);
        }
        throw new IOException("watermark.image_path: there is no file " + path);
    }

    /**
     * FFmpeg's arguments that open one picture.
     *
     * @param decoder empty for what the file's name says
     */
    static List<String> input(Path file, String decoder) {
        List<String> input = new ArrayList<>();
        // No pattern: a name with % is a name.
        input.addAll(List.of("-protocol_whitelist", "file", "-f", "image2"));
        input.addAll(List.of("-pattern_type", "none"));
        if (!decoder.isEmpty()) {
            input.addAll(List.of("-c:v", decoder));
        }
        input.addAll(List.of("-i", "file:" + file));
        return input;
    }
}
