package io.wadi.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the API needs of the HTTP server beside its routes: request ids, the second base path, codes
 * with a '/', and error envelopes for requests that no route takes.
 */
public final class ApiHttp {
    /** Largest body that the API takes; set it as the server's limit too. */
    public static final int MAX_BODY_BYTES = 1 << 20;

    /** The one path whose body holds all streams and settings at once. */
    private static final String WHOLE = "/config/yaml";

    /** What the body of {@link #WHOLE} may be long. */
    static final int MAX_WHOLE_BYTES = 4 << 20;

    /** What a client may go on sending for after its body was refused. */
    private static final long LINGER_MS = 1000;

    private static final String REQUEST_ID = "X-Request-ID";
    private static final Pattern GOOD_ID = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");
    private static final String STREAMS = "/streams/";
    private static final String VERSIONED = "/api/v1";

    /** Path parts after a code; a code that ends with one of them needs its '/' as %2F. */
    private static final Set<String> ACTIONS =
            Set.of(
                    "start",
                    "stop",
                    "restart",
                    "status",
                    "plan",
                    "switch",
                    "sessions",
                    "revisions",
                    "recordings",
                    "inputs",
                    "transcoder");

    private static final Logger LOG = LoggerFactory.getLogger(ApiHttp.class);

    private static final int BEFORE_EVERYTHING = -1_000_000;

    private ApiHttp() {}

    /**
     * Installs the handlers on the server's router, before its routes are added.
     *
     * @param started whether all routes have been: until then nobody knows what is not there
     */
    public static void install(Router router, BooleanSupplier started) {
        router.route().order(BEFORE_EVERYTHING).handler(ApiHttp::prepare);
        // Whoever reads a body first sets its limit: Camel's handler then lets it be. (On HTTP/1.1,
        // which is all that the server takes; it would stumble over an HTTP/2 request's end.)
        router.put(WHOLE)
                .order(BEFORE_EVERYTHING + 1)
                .handler(BodyHandler.create(false).setBodyLimit(MAX_WHOLE_BYTES));
        router.route()
                .last()
                .handler(context -> unmatched(router, context, started.getAsBoolean()))
                .failureHandler(ApiHttp::failed);
    }

    /** No route took the request: says which methods the path has, if any. */
    private static void unmatched(Router router, RoutingContext context, boolean started) {
        Set<String> allowed = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            if (route.methods() != null && matches(route, context.normalizedPath())) {
                route.methods().forEach(method -> allowed.add(method.name()));
            }
        }
        if (!started) {
            // Players give up at a 404 and come again after a 503.
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
            fail(context, 503, "STARTING", "the server is starting; /readyz says when it has");
        } else if (allowed.isEmpty()) {
            fail(context, 404, "NOT_FOUND", "there is nothing at this path");
        } else {
            String allow = String.join(", ", allowed);
            context.response().putHeader(HttpHeaders.ALLOW, allow);
            fail(context, 405, "METHOD_NOT_ALLOWED", "this path takes " + allow);
        }
    }

    private static boolean matches(Route route, String path) {
        String pattern = route.getPath();
        if (pattern == null) {
            return false;
        }
        boolean prefix = pattern.endsWith("*");
        String exact = prefix ? pattern.substring(0, pattern.length() - 1) : pattern;
        String regex =
                Arrays.stream(exact.split("/", -1))
                        .map(part -> part.startsWith(":") ? "[^/]+" : Pattern.quote(part))
                        .collect(Collectors.joining("/"));
        return path.matches(regex + (prefix ? ".*" : "/?"));
    }

    private static void failed(RoutingContext context) {
        int status = context.statusCode();
        if (status >= 500 || status < 0) {
            LOG.error("Request failed: {}", context.normalizedPath(), context.failure());
        }
        switch (status) {
            case 400 -> fail(context, 400, "INVALID_REQUEST", "the request is not readable");
            case 413 -> {
                boolean whole = context.normalizedPath().equals(WHOLE);
                refuse(
                        context,
                        whole ? 400 : 413,
                        "BODY_TOO_LARGE",
                        "expected at most "
                                + (whole ? MAX_WHOLE_BYTES : MAX_BODY_BYTES)
                                + " bytes");
            }
            default ->
                    fail(
                            context,
                            status >= 400 ? status : 500,
                            status >= 400 && status < 500 ? "REQUEST_FAILED" : "INTERNAL_ERROR",
                            "the request failed; the log says why");
        }
    }

    /** Answers with an error before the whole body is there. */
    static void refuse(RoutingContext context, int status, String code, String message) {
        if (context.request().version() != HttpVersion.HTTP_2) {
            context.response().putHeader(HttpHeaders.CONNECTION, "close");
            context.response().endHandler(_ -> closeSoon(context));
        }
        fail(context, status, code, message);
    }

    /**
     * The rest of the body is thrown away for a moment: to close with bytes unread would be a
     * reset, which may overtake the answer (RFC 9112 §9.6).
     */
    private static void closeSoon(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (request.isEnded()) {
            return; // the connection closes by itself
        }
        request.handler(_ -> {});
        request.endHandler(_ -> request.connection().close());
        request.exceptionHandler(_ -> {});
        request.resume();
        context.vertx().setTimer(LINGER_MS, _ -> request.connection().close());
    }

    private static void prepare(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!context.response().headers().contains(REQUEST_ID)) {
            String given = request.getHeader(REQUEST_ID);
            boolean good = given != null && GOOD_ID.matcher(given).matches();
            context.response().putHeader(REQUEST_ID, good ? given : UUID.randomUUID().toString());
        }
        String path = request.path();
        String api =
                path.startsWith(VERSIONED + "/streams")
                                || path.startsWith(VERSIONED + "/config")
                                || path.startsWith(VERSIONED + "/watermarks")
                        ? path.substring(VERSIONED.length())
                        : path;
        if (api.startsWith(STREAMS) || api.equals("/streams") || api.startsWith("/config")) {
            // curl -d without a type says it sends a form; the API only ever takes JSON
            if (isForm(request)) {
                request.headers().set(HttpHeaders.CONTENT_TYPE, "application/json");
            }
            api = encodeCode(api);
        }
        if (api.equals(path)) {
            context.next();
        } else {
            String query = request.query();
            context.reroute(query == null ? api : api + "?" + query);
        }
    }

    private static boolean isForm(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.startsWith("application/x-www-form-urlencoded");
    }

    /** Writes the inner '/' of a code as %2F, so that the code is one part of the path. */
    static String encodeCode(String path) {
        if (!path.startsWith(STREAMS)) {
            return path;
        }
        String rest = path.substring(STREAMS.length());
        int end = rest.length();
        for (int slash = rest.indexOf('/'); slash >= 0; slash = rest.indexOf('/', slash + 1)) {
            int next = rest.indexOf('/', slash + 1);
            String part = rest.substring(slash + 1, next < 0 ? rest.length() : next);
            if (ACTIONS.contains(part)) {
                end = slash;
                break;
            }
        }
        String code = rest.substring(0, end);
        boolean trailing = code.endsWith("/");
        return trailing ? path : STREAMS + code.replace("/", "%2F") + rest.substring(end);
    }

    /** Sends an envelope, where nothing was sent yet. */
    static void answer(RoutingContext context, Reply reply) {
        if (context.response().ended() || context.response().headWritten()) {
            return;
        }
        context.response()
                .setStatusCode(reply.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(Buffer.buffer(reply.bytes()));
    }

    private static void fail(RoutingContext context, int status, String code, String message) {
        answer(context, Reply.error(status, code, message));
    }
}
