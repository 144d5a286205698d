package io.wadi.ts;

import io.wadi.codec.CodecId;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What stream_type and the ES_info descriptors say of an elementary stream (ISO/IEC 13818-1 §2.6,
 * ETSI EN 300 468 §6.2 and Annex D), both ways.
 */
final class Descriptors {
    static final int REGISTRATION = 0x05;
    static final int LANGUAGE = 0x0A;
    static final int DVB_AC3 = 0x6A;
    static final int DVB_EAC3 = 0x7A;
    static final int DVB_EXTENSION = 0x7F;

    /** Opus in TS: the extension descriptor that carries channel_config_code. */
    static final int EXTENSION_OPUS = 0x80;

    static final int TYPE_PRIVATE_PES = 0x06;

    private Descriptors() {}

    static Optional<CodecId> codec(int streamType, byte[] bytes, int from, int to) {
        return switch (streamType) {
            case 0x1B -> Optional.of(CodecId.H264);
            case 0x24 -> Optional.of(CodecId.H265);
            case 0x0F -> Optional.of(CodecId.AAC);
            case 0x03, 0x04 -> Optional.of(CodecId.MP3);
            case 0x81 -> Optional.of(CodecId.AC3);
            case 0x84, 0x87 -> Optional.of(CodecId.EAC3);
            case TYPE_PRIVATE_PES -> privateCodec(bytes, from, to);
            default -> Optional.empty();
        };
    }

    private static Optional<CodecId> privateCodec(byte[] bytes, int from, int to) {
        int at = from;
        while (to - at >= 2) {
            int tag = bytes[at] & 0xFF;
            int length = Math.min(bytes[at + 1] & 0xFF, to - at - 2);
            Optional<CodecId> codec =
                    switch (tag) {
                        case DVB_AC3 -> Optional.of(CodecId.AC3);
                        case DVB_EAC3 -> Optional.of(CodecId.EAC3);
                        case REGISTRATION -> registered(ascii(bytes, at + 2, Math.min(4, length)));
                        default -> Optional.empty();
                    };
            if (codec.isPresent()) {
                return codec;
            }
            at += 2 + length;
        }
        return Optional.empty();
    }

    private static Optional<CodecId> registered(String formatIdentifier) {
        return switch (formatIdentifier) {
            case "Opus" -> Optional.of(CodecId.OPUS);
            case "AV01" -> Optional.of(CodecId.AV1);
            case "VP09" -> Optional.of(CodecId.VP9);
            case "HEVC" -> Optional.of(CodecId.H265);
            case "AC-3" -> Optional.of(CodecId.AC3);
            case "EAC3" -> Optional.of(CodecId.EAC3);
            case "fLaC" -> Optional.of(CodecId.FLAC);
            default -> Optional.empty();
        };
    }

    /** The first language, "" when none is declared or it is not three letters. */
    static String language(byte[] bytes, int from, int to) {
        int at = from;
        while (to - at >= 2) {
            int length = Math.min(bytes[at + 1] & 0xFF, to - at - 2);
            if ((bytes[at] & 0xFF) == LANGUAGE && length >= 3) {
                String language = ascii(bytes, at + 2, 3);
                return isLanguage(language) ? language : "";
            }
            at += 2 + length;
        }
        return "";
    }

    static boolean isLanguage(String language) {
        return language.length() == 3
                && language.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
    }

    static int streamType(CodecId codec) {
        return switch (codec) {
            case H264 -> 0x1B;
            case H265 -> 0x24;
            case AAC -> 0x0F;
            case MP3 -> 0x03;
            case AC3 -> 0x81;
            case EAC3 -> 0x87;
            case AV1, VP9, OPUS, FLAC -> TYPE_PRIVATE_PES;
        };
    }

    /** The descriptors that our multiplexer writes, as hex. */
    static String hex(CodecId codec, int channels, String language) {
        StringBuilder hex = new StringBuilder();
        switch (codec) {
            case H265 -> registration(hex, "HEVC");
            case AC3 -> registration(hex, "AC-3");
            case EAC3 -> registration(hex, "EAC3");
            case AV1 -> registration(hex, "AV01");
            case VP9 -> registration(hex, "VP09");
            case FLAC -> registration(hex, "fLaC");
            case OPUS -> {
                registration(hex, "Opus");
                append(hex, DVB_EXTENSION, EXTENSION_OPUS, channels);
            }
            case H264, AAC, MP3 -> {}
        }
        if (!language.isEmpty()) {
            // ISO_639_language_code(24) audio_type(8): 0 is undefined
            append(hex, LANGUAGE, language.charAt(0), language.charAt(1), language.charAt(2), 0);
        }
        return hex.toString();
    }

    private static void registration(StringBuilder hex, String id) {
        append(hex, REGISTRATION, id.charAt(0), id.charAt(1), id.charAt(2), id.charAt(3));
    }

    private static void append(StringBuilder hex, int tag, int... body) {
        var format = HexFormat.of();
        format.toHexDigits(hex, (byte) tag);
        format.toHexDigits(hex, (byte) body.length);
        for (int value : body) {
            format.toHexDigits(hex, (byte) value);
        }
    }

    private static String ascii(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }
}
