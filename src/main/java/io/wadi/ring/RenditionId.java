package io.wadi.ring;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a ring belongs: the stream, and the rung of its ladder.
 *
 * @param code the stream's code
 * @param rendition {@code track_n}, or "" for the stream itself
 */
public record RenditionId(String code, String rendition) {
    private static final Pattern LADDER = Pattern.compile("(.+)/(track_[1-9]\\d{0,3})");

    /** Of a ring's id. */
    public static RenditionId of(String ringId) {
        Matcher matcher = LADDER.matcher(ringId);
        return matcher.matches()
                ? new RenditionId(matcher.group(1), matcher.group(2))
                : new RenditionId(ringId, "");
    }
}
