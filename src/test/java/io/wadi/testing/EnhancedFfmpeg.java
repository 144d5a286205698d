package io.wadi.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * FFmpeg 7.1, the first that publishes and plays H.265 and AV1 by enhanced RTMP is 6.1. It comes as
 * a library for tests, with the program beside its shared objects. It has no x264 or x265: it is
 * for copying and decoding.
 */
public final class EnhancedFfmpeg {
    private static final String IN_THE_JAR = "/org/bytedeco/ffmpeg/linux-x86_64/";
    private static final Path FOLDER = Path.of("target", "bin", "ffmpeg-7.1");
    private static final List<String> FILES =
            List.of(
                    "libavutil.so.59",
                    "libavcodec.so.61",
                    "libavformat.so.61",
                    "libavfilter.so.10",
                    "libavdevice.so.61",
                    "libswscale.so.8",
                    "libswresample.so.5",
                    "libdrm.so.2",
                    "libva.so",
                    "libva-drm.so",
                    "ffmpeg");

    private EnhancedFfmpeg() {}

    /** The start of a command line. */
    public static synchronized List<String> command(String... arguments) throws IOException {
        Files.createDirectories(FOLDER);
        for (String name : FILES) {
            Path file = FOLDER.resolve(name);
            if (!Files.exists(file)) {
                Path part = Files.createTempFile(FOLDER, name, ".part");
                try (InputStream in = EnhancedFfmpeg.class.getResourceAsStream(IN_THE_JAR + name)) {
                    Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
                }
                part.toFile().setExecutable(true);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        Path folder = FOLDER.toAbsolutePath();
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "env",
                                "LD_LIBRARY_PATH=" + folder,
                                folder.resolve("ffmpeg").toString(),
                                "-nostdin",
                                "-v",
                                "error"));
        command.addAll(List.of(arguments));
        return command;
    }
}
