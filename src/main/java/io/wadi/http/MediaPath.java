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
 * @param segments decoded, at least one, none empty
 */
record MediaPath(List<String> segments) {
    /** A stream's code has at most 128 characters, a file below it a few dozen. */
    static final int MAX_RAW_LENGTH = 1024;

    /** A code may hold slashes; more than this is nobody's. */
    static final int MAX_SEGMENTS = 32;

    MediaPath {
        segments = List.copyOf(segments);
    }

    /**
     * @param raw as in the request line, without the query
     * @return empty when the path is hostile or malformed
     */
    static Optional<MediaPath> parse(String raw) {
        if (raw == null || raw.length() > MAX_RAW_LENGTH || !raw.startsWith("/")) {
            return Optional.empty();
        }
        List<String> segments = new ArrayList<>();
        for (String part : raw.substring(1).split("/", -1)) {
            String segment = decode(part);
            if (segment == null || !isPlain(segment) || segments.size() == MAX_SEGMENTS) {
                return Optional.empty();
            }
            segments.add(segment);
        }
        return Optional.of(new MediaPath(segments));
    }

    private static boolean isPlain(String segment) {
        if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
            return false;
        }
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '/' || c == '\\' || Character.isISOControl(c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnescaped(String part) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c <= ' ' || c >= 0x7F || c == '%') {
                return false;
            }
        }
        return true;
    }

    /** RFC 3986 §2.1; null when an escape or the UTF-8 behind it is broken. */
    private static String decode(String part) {
        if (isUnescaped(part)) {
            return part; // as players write it
        }
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

    /** The first {@code count} segments, as a stream's code is written. */
    String code(int count) {
        return String.join("/", segments.subList(0, count));
    }

    /** What follows the first {@code count} segments. */
    String below(int count) {
        return String.join("/", segments.subList(count, segments.size()));
    }
}
