package io.wadi.rtmp;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * What a publisher asks for: an app, a name, and whatever keys it presents. Never printed whole:
 * keys may be anywhere in it.
 */
final class PublishTarget {
    private static final List<String> KEY_PARAMETERS = List.of("key", "stream_key", "token");

    /** A URL with more parameters than this carries no more keys. */
    private static final int MAX_KEYS = 8;

    private final String app;
    private final String name;
    private final List<byte[]> keys = new ArrayList<>();

    /**
     * @param app of the connect command, may end in a query
     * @param tcUrl of the connect command, may end in a query
     * @param name of the publish command, may end in a query
     */
    PublishTarget(String app, String tcUrl, String name) {
        this.app = trim(withoutQuery(app));
        this.name = trim(withoutQuery(name));
        addKeys(name);
        addKeys(app);
        addKeys(tcUrl);
    }

    /** App and name as streams are registered. */
    String path() {
        return app + "/" + name;
    }

    String app() {
        return app;
    }

    /** Whether one of the keys presented is this one. Takes the same time for any wrong key. */
    boolean presents(String streamKey) {
        byte[] expected = utf8(streamKey);
        boolean found = false;
        for (byte[] key : keys) {
            found |= MessageDigest.isEqual(expected, key);
        }
        return found;
    }

    /** Whether the name is the key itself: {@code live/<stream key>}. */
    boolean isNamed(String streamKey) {
        return MessageDigest.isEqual(utf8(streamKey), utf8(name));
    }

    private void addKeys(String url) {
        int query = url.indexOf('?');
        if (query < 0) {
            return;
        }
        for (String parameter : url.substring(query + 1).split("[&?]", MAX_KEYS + 1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0 && KEY_PARAMETERS.contains(parameter.substring(0, equals))) {
                keys.add(utf8(decoded(parameter.substring(equals + 1))));
            }
        }
    }

    private static String decoded(String value) {
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return value; // a per cent sign of its own
        }
    }

    private static String withoutQuery(String text) {
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query);
    }

    private static String trim(String path) {
        int start = 0;
        int end = path.length();
        while (start < end && path.charAt(start) == '/') {
            start++;
        }
        while (end > start && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(start, end);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Says nothing: the name may be a key. */
    @Override
    public String toString() {
        return app + "/...";
    }
}
