package io.wadi.ffmpeg;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds FFmpeg: the configured program, else {@code ffmpeg} on the PATH, else the static build that
 * comes in the jar, which is put into a folder once. Looked for on first use; safe for many threads
 * and many servers that share the folder.
 */
public final class FfmpegBinary {
    private static final Logger LOG = LoggerFactory.getLogger(FfmpegBinary.class);
    private static final String PROGRAM = "ffmpeg";

    /** FFmpeg 4.4 for Linux on x86-64 with libx264, of jave-nativebin-linux64 3.5.0. */
    private static final String BUNDLED = "ws/schild/jave/nativebin/ffmpeg-amd64";

    private static final String BUNDLED_SHA256 =
            "3ea58083710f63bf920b16c7d5d24ae081e7d731f57a656fed11af0410d4eb48";
    private static final long BUNDLED_BYTES = 77_173_696;

    private String configured;
    private final Path folder;
    private final String searchPath;
    private Path found;
    private FfmpegBuild build;

    /**
     * @param configured a path or a program's name; empty to look for one
     * @param folder where the program of the jar is put
     */
    public FfmpegBinary(String configured, Path folder) {
        this(configured, folder, Optional.ofNullable(System.getenv("PATH")).orElse(""));
    }

    FfmpegBinary(String configured, Path folder, String searchPath) {
        this.configured = configured;
        this.folder = folder;
        this.searchPath = searchPath;
    }

    /** Looks for another program from now on. */
    synchronized void use(String other) {
        configured = other;
        found = null;
        build = null;
    }

    /**
     * The program to run.
     *
     * @throws IOException saying what was looked for and what would help
     */
    public synchronized Path find() throws IOException {
        if (found == null) {
            found = look();
            LOG.info("FFmpeg is {}", found);
        }
        return found;
    }

    /**
     * What the program can do; asked once.
     *
     * @throws IOException when there is no program or it is no FFmpeg
     */
    public synchronized FfmpegBuild build() throws IOException {
        if (build == null) {
            build = FfmpegProber.probe(find());
        }
        return build;
    }

    private Path look() throws IOException {
        if (!configured.isEmpty()) {
            Path path = Path.of(configured);
            boolean isPath = path.getNameCount() > 1 || path.isAbsolute();
            Optional<Path> program = isPath ? executable(path) : onPath(configured);
            return program.orElseThrow(
                    () ->
                            new IOException(
                                    "no program at the configured FFmpeg path \""
                                            + configured
                                            + "\", expected an executable FFmpeg"));
        }
        Optional<Path> installed = onPath(PROGRAM);
        return installed.isPresent() ? installed.get() : bundled();
    }

    private static Optional<Path> executable(Path path) {
        return Files.isRegularFile(path) && Files.isExecutable(path)
                ? Optional.of(path.toAbsolutePath())
                : Optional.empty();
    }

    private Optional<Path> onPath(String name) {
        for (String entry : searchPath.split(File.pathSeparator, -1)) {
            if (!entry.isEmpty()) {
                Optional<Path> program = executable(Path.of(entry, name));
                if (program.isPresent()) {
                    return program;
                }
            }
        }
        return Optional.empty();
    }

    private Path bundled() throws IOException {
        String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        if (!system.toLowerCase(Locale.ROOT).equals("linux on amd64")) {
            throw new IOException(
                    "no FFmpeg on the PATH, and the one that comes with Wadi does not run on "
                            + system
                            + ": install FFmpeg, or name one by wadi.transcoder.ffmpeg-path");
        }
        Path program = folder.resolve(PROGRAM + "-" + BUNDLED_SHA256.substring(0, 12));
        if (executable(program).isPresent() && Files.size(program) == BUNDLED_BYTES) {
            return program.toAbsolutePath();
        }
        Files.createDirectories(folder);
        Path unfinished = Files.createTempFile(folder, PROGRAM + "-", ".part");
        try {
            unpack(unfinished);
            // In one step, so that nobody ever runs half a program.
            Files.move(
                    unfinished,
                    program,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(unfinished);
        }
        return program.toAbsolutePath();
    }

    private static void unpack(Path to) throws IOException {
        MessageDigest sha256 = sha256();
        try (InputStream in = FfmpegBinary.class.getClassLoader().getResourceAsStream(BUNDLED)) {
            if (in == null) {
                throw new IOException(
                        "no FFmpeg on the PATH, and this build of Wadi comes without one: install"
                                + " FFmpeg, or name one by wadi.transcoder.ffmpeg-path");
            }
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(to), sha256)) {
                in.transferTo(out);
            }
        }
        String digest = HexFormat.of().formatHex(sha256.digest());
        if (!digest.equals(BUNDLED_SHA256)) {
            throw new IOException(
                    "the FFmpeg in the jar is damaged: SHA-256 is "
                            + digest
                            + ", expected "
                            + BUNDLED_SHA256);
        }
        if (!to.toFile().setExecutable(true, false)) {
            throw new IOException(to + " cannot be made executable");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
