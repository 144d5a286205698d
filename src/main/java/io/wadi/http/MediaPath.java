package io.wadi.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The path of a media request, split and percent-decoded exactly once. What could be read in two
 * ways (dot segments, encoded or empty separators, control characters, broken UTF-8) is no media
 * path: nothing that a stream serves needs it, and whoever sends it is trying something.
 *
 * @param text decoded, without the first slash; at least one segment, none empty
 */
record MediaPath(String text) {
    /** A stream's code has at most 128 characters, a file below it a few dozen. */
    static final int MAX_RAW_LENGTH = 1024;

    /** A code may hold slashes; more than this is nobody's. */
    static final int MAX_SEGMENTS = 32;

    /**
     * @param raw as in the request line, without the query
     * @return empty when the path is hostile or malformed
     */
    static Optional<MediaPath> parse(String raw) {
        if (raw == null || raw.length() > MAX_RAW_LENGTH || !raw.startsWith("/")) {
            return Optional.empty();
        }
        String text = isUnescaped(raw) ? raw.substring(1) : decodeAll(raw.substring(1));
        return text != null && isPlain(text) ? Optional.of(new MediaPath(text)) : Optional.empty();
    }

    /** As players write it. */
    private static boolean isUnescaped(String raw) {
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c <= ' ' || c >= 0x7F || c == '%') {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(String text) {
        int count = 0;
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '/';
            if (c == '/') {
                count++;
                if (count > MAX_SEGMENTS || isDots(text, from, i)) {
                    return false;
                }
                from = i + 1;
            } else if (c == '\\' || Character.isISOControl(c)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a segment is empty, {@code .} or {@code ..}. */
    private static boolean isDots(String text, int from, int to) {
        return to - from <= 2 && "..".startsWith(text.substring(from, to));
    }

    /** Null when it is broken, or an escaped slash would make two segments of one. */
    private static String decodeAll(String raw) {
        List<String> segments = new ArrayList<>();
        for (String part : raw.split("/", -1)) {
            String segment = decode(part);
            if (segment == null || segment.indexOf('/') >= 0) {
                return null;
            }
            segments.add(segment);
        }
        return String.join("/", segments);
    }

    /** RFC 3986 §2.1; null when an escape or the UTF-8 behind it is broken. */
    private static String decode(String part) {
        ByteBuffer bytes = ByteBuffer.allocate(part.length());
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '%') {
                int high = hexDigit(part, i + 1);
                int low = hexDigit(part, i + 2);
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c > 0x20 && c < 0x7F) {
                bytes.put((byte) c);
            } else {
                return null;
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }

    private static int hexDigit(String part, int index) {
        char c = index < part.length() ? part.charAt(index) : ' ';
        return c < 0x7F ? Character.digit(c, 16) : -1;
    }
}
