package io.wadi.ffmpeg;

/**
 * Text inside FFmpeg's filter language. A value passes two parsers: that of the filter graph, which
 * ends it at {@code [ ] , ;}, and that of the filter's options, which ends it at {@code :}. Each
 * takes away one level of {@code \} and {@code '}, and blanks at both ends ("Notes on filtergraph
 * escaping" in ffmpeg-filters, {@code av_get_token} in libavutil).
 */
final class FilterText {
    private static final String OPTION_SPECIALS = "\\':= \t\n\r";
    private static final String GRAPH_SPECIALS = "\\'[],; \t\n\r";

    private FilterText() {}

    /** The value as it is written into a filter graph, where it stays one value whatever it is. */
    static String escape(String value) {
        return escape(escape(value, OPTION_SPECIALS), GRAPH_SPECIALS);
    }

    private static String escape(String value, String specials) {
        StringBuilder escaped = new StringBuilder(value.length() + 16);
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (specials.indexOf(c) >= 0) {
                escaped.append('\\');
            }
            escaped.append(c);
        }
        return escaped.toString();
    }
}
