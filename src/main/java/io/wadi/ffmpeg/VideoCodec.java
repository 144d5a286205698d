package io.wadi.ffmpeg;

import java.util.Locale;
import java.util.Optional;

/** What video is encoded to. */
enum VideoCodec {
    H264("h264|avc|x264|openh264"),
    H265("h265|hevc|x265"),
    AV1("av1|aom-av1|svtav1|rav1e"),
    VP9("vp9|vpx-vp9");

    /** Words for it, in documents and in the names of encoders. */
    private final String names;

    VideoCodec(String names) {
        this.names = names;
    }

    /**
     * Whether FFmpeg's MPEG-TS says what it is, and players of MPEG-TS take it. What is not leaves
     * FFmpeg as MP4.
     */
    boolean isForMpegTs() {
        return this == H264 || this == H265;
    }

    /** The codec of a document's name, or of an encoder's: h264, libx264, h264_nvenc. */
    static Optional<VideoCodec> of(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        for (VideoCodec codec : values()) {
            if (lower.matches("(lib)?(" + codec.names + ")(_[a-z0-9]+)?")) {
                return Optional.of(codec);
            }
        }
        return Optional.empty();
    }
}
