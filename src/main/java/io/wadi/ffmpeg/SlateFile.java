package io.wadi.ffmpeg;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A film or a picture in the folder of slates. FFmpeg is told what it is by its name and may open
 * this one file only, so that none that lists others (a playlist, a script) is ever followed.
 */
record SlateFile(Path path, Kind kind) {
    /** What there may be, with FFmpeg's names for it. */
    enum Kind {
        PICTURE("image2", "png, jpg, jpeg, webp, bmp"),
        MP4("mov", "mp4, mov, m4v"),
        MATROSKA("matroska", "mkv, webm"),
        TS("mpegts", "ts, m2ts"),
        FLV("flv", "flv");

        private final String demuxer;
        private final String endings;

        Kind(String demuxer, String endings) {
            this.demuxer = demuxer;
            this.endings = endings;
        }
    }

    /**
     * The file of a name.
     *
     * @param folder that it must be in, links followed
     * @param name relative to the folder
     * @throws IOException saying what is wrong with it
     */
    static SlateFile of(Path folder, String name) throws IOException {
        Kind kind = kind(name);
        Path path;
        try {
            path = folder.resolve(name).toRealPath();
        } catch (InvalidPathException | IOException notThere) {
            throw new IOException("no file " + name + " in the folder " + folder, notThere);
        }
        if (!path.startsWith(folder.toRealPath())) {
            throw new IOException(name + " leads out of the folder " + folder);
        }
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new IOException(name + " is no file that this user may read");
        }
        return new SlateFile(path, kind);
    }

    private static Kind kind(String name) throws IOException {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        for (Kind kind : Kind.values()) {
            if (List.of(kind.endings.split(", ")).contains(ending)) {
                return kind;
            }
        }
        throw new IOException(
                name
                        + " ends with none of "
                        + Arrays.stream(Kind.values())
                                .map(kind -> kind.endings)
                                .collect(Collectors.joining(", ")));
    }

    /** FFmpeg's arguments that open it. */
    List<String> input() {
        List<String> pattern =
                kind == Kind.PICTURE ? List.of("-pattern_type", "none") : List.<String>of();
        return Stream.of(
                        List.of("-protocol_whitelist", "file", "-f", kind.demuxer),
                        pattern,
                        List.of("-i", "file:" + path))
                .flatMap(List::stream)
                .toList();
    }
}
