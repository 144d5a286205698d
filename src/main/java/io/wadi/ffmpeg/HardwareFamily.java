package io.wadi.ffmpeg;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where pictures are decoded, scaled and encoded. */
public enum HardwareFamily {
    SOFTWARE("none", ""),
    NVENC("nvenc", "_nvenc"),
    VAAPI("vaapi", "_vaapi"),
    QSV("qsv", "_qsv"),
    VIDEOTOOLBOX("videotoolbox", "_videotoolbox");

    private final String word;
    private final String suffix;

    HardwareFamily(String word, String suffix) {
        this.word = word;
        this.suffix = suffix;
    }

    /** As documents and the API spell it. */
    public String word() {
        return word;
    }

    static Optional<HardwareFamily> of(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        for (HardwareFamily family : values()) {
            if (family.word.equals(lower)) {
                return Optional.of(family);
            }
        }
        return lower.isEmpty() ? Optional.of(SOFTWARE) : Optional.empty();
    }

    /** The family that an encoder of FFmpeg belongs to, by its name. */
    static HardwareFamily ofEncoder(String encoder) {
        for (HardwareFamily family : values()) {
            if (!family.suffix.isEmpty() && encoder.endsWith(family.suffix)) {
                return family;
            }
        }
        return SOFTWARE;
    }

    /** Encoders of a codec, the preferred first; none when this hardware has none at all. */
    List<String> encoders(VideoCodec codec) {
        return switch (this) {
            case SOFTWARE ->
                    switch (codec) {
                        case H264 -> List.of("libx264", "libopenh264");
                        case H265 -> List.of("libx265");
                        case AV1 -> List.of("libsvtav1", "libaom-av1");
                        case VP9 -> List.of("libvpx-vp9");
                    };
            case NVENC -> codec == VideoCodec.VP9 ? List.of() : List.of(prefix(codec) + suffix);
            case VAAPI, QSV -> List.of(prefix(codec) + suffix);
            case VIDEOTOOLBOX ->
                    codec == VideoCodec.H264 || codec == VideoCodec.H265
                            ? List.of(prefix(codec) + suffix)
                            : List.of();
        };
    }

    private static String prefix(VideoCodec codec) {
        return codec == VideoCodec.H265 ? "hevc" : codec.name().toLowerCase(Locale.ROOT);
    }
}
