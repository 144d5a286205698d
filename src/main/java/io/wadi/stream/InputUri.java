package io.wadi.stream;

import io.wadi.stream.StreamSpec.Input;
import io.wadi.stream.StreamSpec.Net;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Maps the URL of an input to a Camel endpoint URI. The protocol and whether it is pulled or
 * published is read from the URL alone. Everything that the owner wrote goes into {@code RAW(..)}
 * or is checked character by character, so that a URL can set no option of an endpoint but its own.
 */
final class InputUri {
    /** Says what is wrong with a URL. */
    static final class NotAnInputException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String got;
        private final String expected;

        NotAnInputException(String got, String expected) {
            super(got + ", expected " + expected);
            this.got = got;
            this.expected = expected;
        }

        String got() {
            return got;
        }

        String expected() {
            return expected;
        }
    }

    /** Hosts that mean: do not connect, wait for a publisher. */
    private static final Set<String> WILDCARDS = Set.of("", "0.0.0.0", "::", "[::]", "listen");

    /** Hosts that mean the same, but only at our own listener's port. */
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private static final Pattern URL =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(?:\\?([^#]*))?(?:#.*)?");

    /** Host and optional port; IPv6 in brackets. */
    private static final Pattern AUTHORITY =
            Pattern.compile(
                    "(?:([^@]*)@)?(\\[[0-9A-Fa-f:.%]*]|[A-Za-z0-9_.-]*|::)(?::([0-9]{1,5}))?");

    /** Characters of a path that need no escape in a Camel URI. */
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9/_.~!$'()*,;:@=+%&\\[\\]-]*");

    /** Endpoints of ours whose URI may be given as it is. */
    private static final Pattern ENDPOINT =
            Pattern.compile(
                    "(ffmpeg|webrtc|kafka-ring):[A-Za-z0-9/_.:-]+(\\?[A-Za-z0-9=&,_.:/x-]*)?");

    private static final String KNOWN =
            "an rtmp, rtsp, srt, udp, http, file, s3, copy, mixer or publish URL, an absolute path,"
                    + " or an ffmpeg: endpoint";

    private final StreamSpec spec;
    private final Input input;
    private final String scheme;
    private final String user;
    private final String host;
    private final int port;
    private final String path;
    private final String query;
    private final Map<String, String> options = new LinkedHashMap<>();

    private InputUri(
            StreamSpec spec,
            Input input,
            String scheme,
            String user,
            String host,
            int port,
            String path,
            String query) {
        this.spec = spec;
        this.input = input;
        this.scheme = scheme;
        this.user = user;
        this.host = host;
        this.port = port;
        this.path = path;
        this.query = query;
    }

    /** Checks the URL of an input. */
    static void parse(StreamSpec spec, Input input) throws NotAnInputException {
        of(spec, input, Settings.DEFAULT);
    }

    /** The endpoint URI of an input. */
    static String of(StreamSpec spec, Input input, Settings settings) throws NotAnInputException {
        String url = input.url();
        if (ENDPOINT.matcher(url).matches()) {
            return url;
        }
        if (url.startsWith("/")) {
            url = "file://" + url;
        }
        Matcher matcher = URL.matcher(url);
        if (!matcher.matches()) {
            throw new NotAnInputException(shown(url), KNOWN);
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        Matcher authority = AUTHORITY.matcher(matcher.group(2));
        if (scheme.equals("mixer")) {
            return mixer(matcher.group(2), matcher.group(4));
        }
        if (!authority.matches()) {
            throw new NotAnInputException(shown(url), "a host name or address, and a port");
        }
        int port = authority.group(3) == null ? 0 : Integer.parseInt(authority.group(3));
        String path = matcher.group(3);
        if (port > 65535) {
            throw new NotAnInputException("port " + port, "a port of at most 65535");
        }
        if (!PATH.matcher(path).matches()) {
            throw new NotAnInputException(
                    "characters in the path that must be escaped", "a percent-encoded path");
        }
        String user = authority.group(1) == null ? "" : authority.group(1);
        String query = matcher.group(4) == null ? "" : matcher.group(4);
        return new InputUri(spec, input, scheme, user, authority.group(2), port, path, query)
                .map(settings);
    }

    private String map(Settings settings) throws NotAnInputException {
        return switch (scheme) {
            case "publish" -> "rtmp:listen/live/" + key() + published();
            case "rtmp", "rtmps" ->
                    isListener(Settings.DEFAULT.rtmpPort(), settings.rtmpPort())
                            ? listenRtmp(settings)
                            : pullRtmp();
            case "srt" ->
                    isListener(Settings.DEFAULT.srtPort(), settings.srtPort())
                            ? listenSrt(settings)
                            : pullSrt();
            case "rtsp", "rtsps" -> pull(scheme + ":" + host + portText() + path);
            case "udp" -> udp();
            case "http", "https" ->
                    pull(isPlaylist() ? "hls:" + address() : "http-ts:" + address());
            case "file" -> file();
            case "s3" -> s3();
            case "copy" -> "ring:" + copied();
            default -> throw new NotAnInputException("the scheme " + shown(scheme), KNOWN);
        };
    }

    /** Whether an input waits for a publisher rather than fetching its source. */
    static boolean listens(StreamSpec spec, Input input, Settings settings) {
        Matcher matcher = URL.matcher(input.url());
        if (!matcher.matches()) {
            return false;
        }
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        Matcher authority = AUTHORITY.matcher(matcher.group(2));
        if (scheme.equals("publish")) {
            return true;
        }
        if (!authority.matches()) {
            return false;
        }
        int port = authority.group(3) == null ? 0 : Integer.parseInt(authority.group(3));
        InputUri uri = new InputUri(spec, input, scheme, "", authority.group(2), port, "", "");
        return switch (scheme) {
            case "rtmp", "rtmps" ->
                    uri.isListener(Settings.DEFAULT.rtmpPort(), settings.rtmpPort());
            case "srt" -> uri.isListener(Settings.DEFAULT.srtPort(), settings.srtPort());
            default -> false;
        };
    }

    private boolean isListener(int defaultPort, int ownPort) {
        String name = host.toLowerCase(Locale.ROOT);
        boolean shared = port == 0 || port == defaultPort || port == ownPort;
        return WILDCARDS.contains(name) || (LOOPBACK.contains(name) && shared);
    }

    private String key() {
        String key = path.startsWith("/") ? path.substring(1) : path;
        key = host.isEmpty() || scheme.startsWith("rtmp") ? key : host + path;
        key = key.startsWith("live/") ? key.substring("live/".length()) : key;
        return key.isEmpty() || key.equals("live") ? spec.code() : key;
    }

    private String listenRtmp(Settings settings) {
        boolean shared =
                port == 0 || port == Settings.DEFAULT.rtmpPort() || port == settings.rtmpPort();
        String app = path.length() > 1 ? path.substring(1) : "live/" + spec.code();
        String at = app.indexOf('/') < 0 ? app + "/" + spec.code() : app;
        String listener = shared ? "listen" : bindHost() + ":" + port;
        return scheme + ":" + listener + "/" + at + published();
    }

    private String bindHost() {
        return host.isEmpty() || host.equals("listen") || host.equals("::") ? "0.0.0.0" : host;
    }

    private String published() {
        options.clear();
        if (!spec.streamKey().isEmpty()) {
            options.put("streamKey", raw(spec.streamKey()));
        }
        options.put("onPublish", spec.onPublish().name().toLowerCase(Locale.ROOT));
        return query();
    }

    private String pullRtmp() throws NotAnInputException {
        if (path.length() < 2) {
            throw new NotAnInputException("no application and stream name", "rtmp://host/app/name");
        }
        return pull(scheme + ":" + host + ":" + (port == 0 ? defaultRtmpPort() : port) + path);
    }

    private int defaultRtmpPort() {
        return scheme.equals("rtmps") ? 443 : Settings.DEFAULT.rtmpPort();
    }

    private String listenSrt(Settings settings) throws NotAnInputException {
        boolean shared =
                port == 0 || port == Settings.DEFAULT.srtPort() || port == settings.srtPort();
        srtOptions();
        options.putIfAbsent("streamId", raw(spec.code()));
        options.put("onPublish", spec.onPublish().name().toLowerCase(Locale.ROOT));
        return "srt:" + (shared ? "listen" : bindHost() + ":" + port) + query();
    }

    private String pullSrt() throws NotAnInputException {
        if (port == 0) {
            throw new NotAnInputException("no port", "srt://host:port");
        }
        srtOptions();
        netOptions();
        return "srt:" + host + ":" + port + query();
    }

    private void srtOptions() {
        Map<String, String> names =
                Map.of(
                        "streamid", "streamId",
                        "passphrase", "passphrase",
                        "pbkeylen", "pbKeyLen",
                        "latency", "latency",
                        "mode", "mode",
                        "localport", "localPort");
        Map<String, String> given = new LinkedHashMap<>(parameters());
        given.putAll(input.params());
        given.forEach(
                (name, value) -> {
                    String option = names.get(name.toLowerCase(Locale.ROOT));
                    options.put(option == null ? "socket." + name : option, raw(value));
                });
    }

    private String udp() throws NotAnInputException {
        if (port == 0) {
            throw new NotAnInputException("no port", "udp://address:port");
        }
        return pull("udp:" + (host.isEmpty() ? "0.0.0.0" : host) + ":" + port);
    }

    private boolean isPlaylist() {
        String lower = path.toLowerCase(Locale.ROOT);
        return lower.endsWith(".m3u8") || lower.endsWith(".m3u");
    }

    private String address() throws NotAnInputException {
        if (host.isEmpty()) {
            throw new NotAnInputException("no host", "http://host/path");
        }
        return scheme + "://" + host + portText() + path;
    }

    /** A pulled URL: its own query travels as one raw option, so that it cannot set others. */
    private String pull(String endpoint) {
        if (!query.isEmpty()) {
            options.put("query", raw(query));
        }
        credentials("username", "password");
        input.params().forEach((name, value) -> options.put("param." + name, raw(value)));
        input.headers().forEach((name, value) -> options.put("header." + name, raw(value)));
        netOptions();
        return endpoint + query();
    }

    private String file() throws NotAnInputException {
        if (!host.isEmpty() && !host.equals("localhost")) {
            String mount = host + path;
            return "media-file:" + checked(mount) + loop("mount");
        }
        return "media-file:" + checked(path) + loop("");
    }

    private String loop(String mount) {
        if ("true".equals(parameters().get("loop"))) {
            options.put("loop", "true");
        }
        if (!mount.isEmpty()) {
            options.put("mount", "true");
        }
        return query();
    }

    private static String checked(String path) throws NotAnInputException {
        for (String part : URLDecoder.decode(path, StandardCharsets.UTF_8).split("/", -1)) {
            if (part.equals("..")) {
                throw new NotAnInputException("a path with ..", "a path without ..");
            }
        }
        return path;
    }

    private String s3() throws NotAnInputException {
        if (host.isEmpty() || path.length() < 2) {
            throw new NotAnInputException("no bucket or key", "s3://bucket/key");
        }
        Map<String, String> given = new LinkedHashMap<>(parameters());
        given.putAll(input.params());
        for (String name : Set.of("region", "endpoint", "loop")) {
            if (given.containsKey(name)) {
                options.put(name, raw(given.remove(name)));
            }
        }
        given.forEach((name, value) -> options.put("param." + name, raw(value)));
        credentials("accessKey", "secretKey");
        netOptions();
        return "media-s3:" + host + checked(path) + query();
    }

    private String copied() throws NotAnInputException {
        String code = host + path;
        if (StreamCode.problemOf(code).isPresent() || code.equals(spec.code())) {
            throw new NotAnInputException(
                    code.equals(spec.code()) ? "the stream itself" : shown(code),
                    "copy:// and the code of another stream");
        }
        return code;
    }

    private static String mixer(String sources, String query) throws NotAnInputException {
        String[] codes = sources.split(",", -1);
        boolean named =
                codes.length == 2
                        && StreamCode.problemOf(codes[0]).isEmpty()
                        && StreamCode.problemOf(codes[1]).isEmpty();
        if (!named) {
            throw new NotAnInputException(shown(sources), "mixer://<video code>,<audio code>");
        }
        String failure = query == null ? "" : query;
        if (!failure.matches("|audio_failure=(down|continue)")) {
            throw new NotAnInputException(
                    Secrets.shorten(failure), "audio_failure=down or audio_failure=continue");
        }
        return "mixer:"
                + sources
                + (failure.isEmpty() ? "" : "?" + failure.replace("audio_failure", "audioFailure"));
    }

    private void credentials(String userOption, String passwordOption) {
        if (input.auth().isPresent()) {
            options.put(userOption, raw(input.auth().get().username()));
            options.put(passwordOption, raw(input.auth().get().password()));
        } else if (!user.isEmpty()) {
            int colon = user.indexOf(':');
            String name = colon < 0 ? user : user.substring(0, colon);
            options.put(userOption, raw(decoded(name)));
            if (colon >= 0) {
                options.put(passwordOption, raw(decoded(user.substring(colon + 1))));
            }
        }
    }

    private void netOptions() {
        Net net = input.net();
        net.connectTimeoutSec().ifPresent(v -> options.put("connectTimeout", v + "s"));
        net.readTimeoutSec().ifPresent(v -> options.put("readTimeout", v + "s"));
        net.timeoutSec().ifPresent(v -> options.put("timeout", v + "s"));
        net.reconnect().ifPresent(v -> options.put("reconnect", v.toString()));
        net.reconnectDelaySec().ifPresent(v -> options.put("reconnectDelay", v + "s"));
        net.reconnectMaxDelaySec().ifPresent(v -> options.put("reconnectMaxDelay", v + "s"));
        net.maxReconnects().ifPresent(v -> options.put("maxReconnects", v.toString()));
        if (net.insecureTls()) {
            options.put("insecureTls", "true");
        }
    }

    private Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    /** Percent-decoding that leaves '+' alone and passes over broken escapes. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private String portText() {
        return port == 0 ? "" : ":" + port;
    }

    /** Camel takes a raw value literally, up to its closing bracket at the end of the option. */
    static String raw(String value) {
        return value.contains(")&") ? "RAW{" + value + "}" : "RAW(" + value + ")";
    }

    private String query() {
        if (options.isEmpty()) {
            return "";
        }
        StringJoiner joiner = new StringJoiner("&", "?", "");
        options.forEach((name, value) -> joiner.add(name + "=" + value));
        return joiner.toString();
    }

    private static String shown(String url) {
        return Secrets.shorten(Secrets.maskUrl(url));
    }
}
