package io.wadi.ts;

import io.wadi.codec.CodecId;

import java.util.Optional;

/**
 * One elementary stream of a program, as its PMT declares it (ISO/IEC 13818-1 §2.4.4.8).
 *
 * @param pid packet identifier, 0x0010 to 0x1FFE
 * @param streamType stream_type, 0x06 for private PES data
 * @param codec what the stream type and the descriptors say it is; empty for what Wadi only carries
 *     (teletext, SCTE-35, KLV, ...)
 * @param language ISO 639-2 code, "" when not declared
 * @param descriptors the ES_info descriptors, byte for byte, as lower-case hex ("" when there are
 *     none)
 */
public record TsTrack(
        int pid, int streamType, Optional<CodecId> codec, String language, String descriptors) {
    /** Where our multiplexer's programs have their PMT. */
    public static final int PMT_PID = 0x1000;

    /** The PID of our multiplexer's first video track; further ones count up. */
    public static final int VIDEO_PID = 0x100;

    /** The PID of our multiplexer's first audio track; further ones count up. */
    public static final int AUDIO_PID = 0x101;

    private static final int STEREO = 2;

    /**
     * The track as our multiplexer declares it.
     *
     * @param language ISO 639-2 code, "" when not known; "und" is written as it is
     */
    public static TsTrack of(int pid, CodecId codec, String language) {
        return of(pid, codec, STEREO, language);
    }

    /**
     * The same for Opus, whose descriptor says the number of channels.
     *
     * @param channels 1 to 8
     */
    public static TsTrack opus(int pid, int channels, String language) {
        if (channels < 1 || channels > 8) {
            throw new IllegalArgumentException(
                    "Opus in TS carries 1 to 8 channels, not " + channels);
        }
        return of(pid, CodecId.OPUS, channels, language);
    }

    private static TsTrack of(int pid, CodecId codec, int channels, String language) {
        String declared = Descriptors.isLanguage(language) ? language : "";
        return new TsTrack(
                pid,
                Descriptors.streamType(codec),
                Optional.of(codec),
                declared,
                Descriptors.hex(codec, channels, declared));
    }

    /** Whether it is a video track, of a codec known here or only by its stream_type. */
    public boolean isVideo() {
        if (codec.isPresent()) {
            return codec.get().isVideo();
        }
        return switch (streamType) {
            // MPEG-1, MPEG-2, MPEG-4 part 2, SVC, MVC, JPEG 2000, VVC, AVS
            case 0x01, 0x02, 0x10, 0x1F, 0x20, 0x21, 0x33, 0x42 -> true;
            default -> false;
        };
    }

    /** Whether it is an audio track, of a codec known here or only by its stream_type. */
    public boolean isAudio() {
        if (codec.isPresent()) {
            return !codec.get().isVideo();
        }
        return switch (streamType) {
            // AAC in LATM, MPEG-4 audio without framing, DTS, DTS-HD
            case 0x11, 0x1C, 0x82, 0x85 -> true;
            default -> false;
        };
    }

    /** Whether the PID carries sections instead of PES packets: private, DSM-CC, SCTE-35. */
    boolean carriesSections() {
        return switch (streamType) {
            case 0x05, 0x0A, 0x0B, 0x0C, 0x0D, 0x86 -> true;
            default -> false;
        };
    }
}
