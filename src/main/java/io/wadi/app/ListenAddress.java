package io.wadi.app;

/** An address to listen on, written {@code host:port}, {@code [v6]:port} or {@code :port}. */
record ListenAddress(String host, int port) {
    static ListenAddress parse(String key, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon > 0 ? text.substring(0, colon) : "0.0.0.0";
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        String port = text.substring(colon + 1);
        if (colon < 0 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new ConfigException(key, text, "host:port or :port, for example :9091");
        }
        return new ListenAddress(host, Integer.parseInt(port));
    }
}
