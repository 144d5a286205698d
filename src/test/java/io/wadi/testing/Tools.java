package io.wadi.testing;

import io.wadi.ffmpeg.FfmpegBinary;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Programs that tests run. */
public final class Tools {
    private Tools() {}

    /** Whether a missing tool is a failure. */
    static boolean isCi() {
        return "true".equals(System.getenv("WADI_CI"));
    }

    /** A program on the PATH. */
    public static Optional<Path> onPath(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** FFmpeg: the one on the PATH, or else the one that comes with Wadi. */
    public static String ffmpeg() {
        try {
            return new FfmpegBinary("", Path.of("target", "bin")).find().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The Debian package that a program is in. */
    static String debianPackage(String tool) {
        return tool.equals("ffprobe") ? "ffmpeg" : tool;
    }
}
