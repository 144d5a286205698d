package io.wadi.rtmp;

import java.net.InetSocketAddress;
import java.util.Set;

/**
 * The part of an endpoint's URI after the scheme: {@code listen/app/name} on the component's shared
 * listener, or {@code host[:port]/app/name} on a listener of its own.
 *
 * @param host "" for the shared listener
 * @param port 0 for a free one
 */
record RtmpAddress(String host, int port, String app, String name) {
    static final int DEFAULT_PORT = 1935;

    private static final String SHARED = "listen";

    /** Hosts that can only mean "listen here"; any other is a server to pull from. */
    private static final Set<String> LOCAL =
            Set.of("0.0.0.0", "::", "127.0.0.1", "::1", "localhost");

    static RtmpAddress parse(String remaining) {
        String text = remaining.startsWith("//") ? remaining.substring(2) : remaining;
        int slash = text.indexOf('/');
        int second = slash < 0 ? -1 : text.indexOf('/', slash + 1);
        if (slash < 1 || second < slash + 2 || second == text.length() - 1) {
            throw new IllegalArgumentException(
                    "rtmp:"
                            + remaining
                            + ", expected rtmp:listen/app/name or rtmp:host:port/app/name");
        }
        String authority = text.substring(0, slash);
        String app = text.substring(slash + 1, second);
        String name = text.substring(second + 1);
        if (authority.equals(SHARED)) {
            return new RtmpAddress("", 0, app, name);
        }
        int colon = authority.endsWith("]") ? -1 : authority.lastIndexOf(':');
        String host = colon < 0 ? authority : authority.substring(0, colon);
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int port = colon < 0 ? DEFAULT_PORT : port(authority.substring(colon + 1));
        return new RtmpAddress(bare, port, app, name);
    }

    private static int port(String text) {
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("rtmp: port " + text + ", expected 0 to 65535");
        }
        return port;
    }

    boolean isShared() {
        return host.isEmpty();
    }

    boolean isLocal() {
        return isShared() || LOCAL.contains(host);
    }

    InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** App and name as publishers have them. */
    String path() {
        return app + "/" + name;
    }
}
