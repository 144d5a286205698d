package io.wadi.segment;

import io.wadi.testing.Tools;

import java.nio.file.Files;
import java.nio.file.Path;

/** Transport streams made by FFmpeg. */
public final class TsSample {
    private TsSample() {}

    /** 320x180 H.264 with B-frames and AAC, 25 pictures a second. */
    public static byte[] video(Path folder, int seconds, int gop) throws Exception {
        return make(
                folder,
                "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440 -t "
                        + seconds
                        + " -c:v libx264 -preset ultrafast -bf 2 -x264-params scenecut=0:keyint="
                        + gop
                        + ":min-keyint="
                        + gop
                        + " -c:a aac -ac 2");
    }

    public static byte[] audio(Path folder, int seconds) throws Exception {
        return make(folder, "-f lavfi -i sine=frequency=440 -t " + seconds + " -c:a aac -ac 2");
    }

    private static byte[] make(Path folder, String arguments) throws Exception {
        Path file = Files.createTempFile(folder, "sample", ".ts");
        Tools.make(file, (arguments + " -f mpegts").split(" ", -1));
        return Files.readAllBytes(file);
    }
}
