package io.wadi.stream;

import java.util.regex.Pattern;

/** Keeps keys, passwords and tokens out of logs, metrics and error messages. */
public final class Secrets {
    private static final String MASK = "***";
    private static final int MAX_SHOWN = 80;

    /** User information of a URL, up to the last '@' before the path. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=//)[^/?#]*@");

    private static final Pattern QUERY_VALUE = Pattern.compile("(?<=[?&;])([^=&;]*)=[^&;]*");

    /** RTMP's last path segment is the stream key of a platform. */
    private static final Pattern RTMP_KEY =
            Pattern.compile("^(rtmps?://[^/]*/.*?/)([^/?]+)(?=\\?|$)");

    private Secrets() {}

    /** A URL that may be shown: no user information, no parameter values, no stream key. */
    public static String maskUrl(String url) {
        String masked = USER_INFO.matcher(url).replaceAll(MASK + "@");
        masked = QUERY_VALUE.matcher(masked).replaceAll("$1=" + MASK);
        return RTMP_KEY.matcher(masked).replaceFirst("$1" + MASK);
    }

    /** A value that is quoted in a message: printable and short. */
    static String shorten(String value) {
        StringBuilder shown = new StringBuilder("\"");
        int end = Math.min(value.length(), MAX_SHOWN);
        for (int i = 0; i < end; i++) {
            char c = value.charAt(i);
            shown.append(c < ' ' || c == 0x7f || Character.isSurrogate(c) ? '?' : c);
        }
        return shown.append(value.length() > MAX_SHOWN ? "…\"" : "\"").toString();
    }
}
