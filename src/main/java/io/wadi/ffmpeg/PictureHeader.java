package io.wadi.ffmpeg;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a picture's first bytes say of it, whatever its file is called: PNG (ISO/IEC 15948 §5.2,
 * §11.2.2), JPEG (Rec. ITU-T T.81 annex B), GIF (GIF89a §18) and WebP (RFC 9649 §2).
 */
record PictureHeader(Format format, int width, int height) {
    /** With FFmpeg's decoder, and what the file is called like. */
    enum Format {
        PNG("png", "image/png", "png"),
        JPEG("mjpeg", "image/jpeg", "jpg"),
        GIF("gif", "image/gif", "gif"),
        WEBP("webp", "image/webp", "webp");

        private final String decoder;
        private final String contentType;
        private final String ending;

        Format(String decoder, String contentType, String ending) {
            this.decoder = decoder;
            this.contentType = contentType;
            this.ending = ending;
        }

        String decoder() {
            return decoder;
        }

        String contentType() {
            return contentType;
        }

        String ending() {
            return ending;
        }
    }

    /** A mark as wide as an 8K picture; more is memory for nothing (256 MiB decoded). */
    static final int MAX_SIDE = 8192;

    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};
    private static final int PNG_IHDR_END = 24;
    private static final int GIF_SIZE_END = 10;
    private static final int WEBP_SIZE_END = 30;

    private static final int JPEG_SOI = 0xD8;
    private static final int JPEG_EOI = 0xD9;
    private static final int JPEG_SOS = 0xDA;

    /**
     * Reads the header.
     *
     * @return empty for what is none of these pictures, or has no size in 1 to {@link #MAX_SIDE}
     */
    static Optional<PictureHeader> of(byte[] file) {
        return parse(file)
                .filter(h -> h.width > 0 && h.width <= MAX_SIDE)
                .filter(h -> h.height > 0 && h.height <= MAX_SIDE);
    }

    /** As a message names them. */
    static String expected() {
        return String.join(
                        ", ",
                        Arrays.stream(Format.values())
                                .map(format -> format.name().toUpperCase(Locale.ROOT))
                                .toList())
                + " of at most "
                + MAX_SIDE
                + "x"
                + MAX_SIDE;
    }

    private static Optional<PictureHeader> parse(byte[] file) {
        if (startsWith(file, 0, PNG_SIGNATURE)) {
            return png(file);
        }
        if (file.length > 2 && unsigned(file, 0) == 0xFF && unsigned(file, 1) == JPEG_SOI) {
            return jpeg(file);
        }
        if (isText(file, 0, "GIF87a") || isText(file, 0, "GIF89a")) {
            return file.length < GIF_SIZE_END
                    ? Optional.empty()
                    : header(Format.GIF, little16(file, 6), little16(file, 8));
        }
        if (isText(file, 0, "RIFF") && isText(file, 8, "WEBP") && file.length >= WEBP_SIZE_END) {
            return webp(file);
        }
        return Optional.empty();
    }

    private static Optional<PictureHeader> header(Format format, long width, long height) {
        return Optional.of(
                new PictureHeader(
                        format,
                        (int) Math.min(width, Integer.MAX_VALUE),
                        (int) Math.min(height, Integer.MAX_VALUE)));
    }

    /** Length(4) "IHDR" width(4) height(4) behind the signature. */
    private static Optional<PictureHeader> png(byte[] file) {
        if (file.length < PNG_IHDR_END || !isText(file, 12, "IHDR")) {
            return Optional.empty();
        }
        return header(Format.PNG, big32(file, 16), big32(file, 20));
    }

    /** Segments up to the frame header: FF SOFn length(2) precision(1) height(2) width(2). */
    private static Optional<PictureHeader> jpeg(byte[] file) {
        int at = 2;
        while (at + 9 <= file.length && unsigned(file, at) == 0xFF) {
            int marker = unsigned(file, at + 1);
            if (marker == 0xFF) {
                at++; // fill bytes
                continue;
            }
            if (marker == JPEG_SOS || marker == JPEG_EOI) {
                return Optional.empty();
            }
            if (isFrameHeader(marker)) {
                return header(Format.JPEG, big16(file, at + 7), big16(file, at + 5));
            }
            boolean bare = marker == 0x01 || (marker >= 0xD0 && marker <= JPEG_SOI);
            int length = bare ? 0 : big16(file, at + 2);
            if (!bare && length < 2) {
                return Optional.empty();
            }
            at += 2 + length;
        }
        return Optional.empty();
    }

    /** SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
    private static boolean isFrameHeader(int marker) {
        return marker >= 0xC0
                && marker <= 0xCF
                && marker != 0xC4
                && marker != 0xC8
                && marker != 0xCC;
    }

    private static Optional<PictureHeader> webp(byte[] file) {
        if (isText(file, 12, "VP8 ")) {
            // Frame tag(3) start code 9D 01 2A, width(14) scale(2), height(14) scale(2).
            return header(Format.WEBP, little16(file, 26) & 0x3FFF, little16(file, 28) & 0x3FFF);
        }
        if (isText(file, 12, "VP8L")) {
            // Signature 2F, width-1 (14), height-1 (14).
            int bits = little16(file, 21) | little16(file, 23) << 16;
            return header(Format.WEBP, (bits & 0x3FFF) + 1, (bits >>> 14 & 0x3FFF) + 1);
        }
        if (isText(file, 12, "VP8X")) {
            // Flags(1) reserved(3) canvas width-1 (24), height-1 (24).
            int width = little16(file, 24) | unsigned(file, 26) << 16;
            int height = little16(file, 27) | unsigned(file, 29) << 16;
            return header(Format.WEBP, width + 1, height + 1);
        }
        return Optional.empty();
    }

    private static boolean isText(byte[] file, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (at + i >= file.length || unsigned(file, at + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] file, int at, byte[] bytes) {
        return file.length >= at + bytes.length
                && Arrays.equals(file, at, at + bytes.length, bytes, 0, bytes.length);
    }

    private static int unsigned(byte[] file, int at) {
        return file[at] & 0xFF;
    }

    private static int big16(byte[] file, int at) {
        return unsigned(file, at) << 8 | unsigned(file, at + 1);
    }

    private static int little16(byte[] file, int at) {
        return unsigned(file, at) | unsigned(file, at + 1) << 8;
    }

    private static long big32(byte[] file, int at) {
        return (long) big16(file, at) << 16 | big16(file, at + 2);
    }
}
