package io.wadi.dash;

import io.wadi.http.MediaRequest;

import java.util.regex.Pattern;

/**
 * Where a player asks for the time. Absolute where the request says how it reached us, as players
 * do not agree on what a relative one in UTCTiming is relative to.
 */
final class TimeUrl {
    /** A host as a URL may hold it, with nothing that means something in XML. */
    private static final Pattern HOST =
            Pattern.compile(
                    "[A-Za-z0-9._-]{1,253}(:\\d{1,5})?|\\[[0-9A-Fa-f:.]{2,45}](:\\d{1,5})?");

    private TimeUrl() {}

    static String of(MediaRequest request, String path, String relative) {
        String host = request.header("Host").orElse("");
        if (!HOST.matcher(host).matches()) {
            return relative;
        }
        boolean secure =
                request.header("X-Forwarded-Proto").filter("https"::equalsIgnoreCase).isPresent();
        return (secure ? "https://" : "http://") + host + "/" + path;
    }
}
