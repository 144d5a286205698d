package io.wadi.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a Range header asks of a body of known length (RFC 9110 §14). Several ranges, other units
 * and broken syntax are answered with the whole body, as the RFC allows.
 */
sealed interface ByteRange {
    /** The whole body. */
    record Whole() implements ByteRange {}

    /** Bytes {@code first} to {@code last}, both included. */
    record Part(int first, int last) implements ByteRange {
        int length() {
            return last - first + 1;
        }
    }

    /** Nothing of the body: 416. */
    record Unsatisfiable() implements ByteRange {}

    /** Up to 18 digits: what a long holds without a check for overflow. */
    Pattern SINGLE = Pattern.compile("(?i)bytes=[ \\t]*(\\d{0,18})-(\\d{0,18})[ \\t]*");

    /**
     * @param header the Range header, null when there is none
     */
    static ByteRange of(String header, int length) {
        Matcher single = header == null ? null : SINGLE.matcher(header);
        if (single == null || !single.matches()) {
            return new Whole();
        }
        String first = single.group(1);
        String last = single.group(2);
        if (first.isEmpty()) {
            return last.isEmpty() ? new Whole() : suffix(Long.parseLong(last), length);
        }
        long from = Long.parseLong(first);
        long to = last.isEmpty() ? Long.MAX_VALUE : Long.parseLong(last);
        if (to < from) {
            return new Whole();
        }
        return from >= length
                ? new Unsatisfiable()
                : new Part((int) from, (int) Math.min(to, length - 1));
    }

    private static ByteRange suffix(long count, int length) {
        return count == 0 || length == 0
                ? new Unsatisfiable()
                : new Part((int) Math.max(0, length - count), length - 1);
    }
}
