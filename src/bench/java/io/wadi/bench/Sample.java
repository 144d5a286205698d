package io.wadi.bench;

import io.wadi.testing.Tools;

/** What the formats are measured with. */
public final class Sample {
    private Sample() {}

    /** Ten seconds of H.264 and AAC at 5 Mbit/s, made by FFmpeg. */
    public static byte[] transportStream() throws Exception {
        Process ffmpeg =
                new ProcessBuilder(
                                (Tools.ffmpeg()
                                                + " -nostdin -v error -f lavfi -i"
                                                + " testsrc2=s=1280x720:r=30:d=10 -f lavfi -i"
                                                + " sine=d=10 -c:v libx264 -preset veryfast -g 60"
                                                + " -b:v 5000k -maxrate 5000k -bufsize 5000k"
                                                + " -x264-params nal-hrd=cbr:force-cfr=1 -c:a aac"
                                                + " -f mpegts -")
                                        .split(" "))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        byte[] bytes = ffmpeg.getInputStream().readAllBytes();
        if (ffmpeg.waitFor() != 0) {
            throw new IllegalStateException("FFmpeg failed");
        }
        return bytes;
    }
}
