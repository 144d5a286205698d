package io.wadi.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Serves {@link MediaRoutes} over HTTP: {@code GET}, {@code HEAD} and {@code OPTIONS} of {@code
 * /{code}/{path}}. Mounted codes that the path starts with are asked, the longest first; what no
 * resource knows is passed on, so that the API's own 404 stays the last word.
 *
 * <p>Media stands before the router: walking its routes would cost a playlist more than sending it.
 */
public final class MediaHttp {
    /** After the API and the pages, before whatever answers 404. */
    public static final int ORDER = Integer.MAX_VALUE - 1000;

    /** A request line is a path of {@link MediaPath#MAX_RAW_LENGTH} and a query. */
    private static final int MAX_REQUEST_LINE = 4096;

    /** Cookies and tokens of a browser fit; more is an attack on memory. */
    private static final int MAX_HEADERS = 16 * 1024;

    /** A connection on which nothing moves for so long is gone, or wants to look alive. */
    private static final int IDLE_SECONDS = 60;

    private final MediaRoutes routes;
    private volatile TrustedProxies proxies;

    public MediaHttp(MediaRoutes routes, TrustedProxies proxies) {
        this.routes = routes;
        this.proxies = proxies;
    }

    /** Whose X-Forwarded-For is believed from now on. */
    public void setProxies(TrustedProxies proxies) {
        this.proxies = proxies;
    }

    /** The limits that a server with media on it needs. Changes and returns {@code options}. */
    public static HttpServerOptions limit(HttpServerOptions options) {
        return options.setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setTcpNoDelay(true)
                // Endless streams take the connection over, which HTTP/2 shares between streams.
                .setHttp2ClearTextEnabled(false)
                // Nothing here speaks WebSocket: its handlers would look at every request.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                // Media does not compress, and compressing would copy it.
                .setCompressionSupported(false);
    }

    /** Answers what is media, and leaves everything else to another. */
    public Handler<HttpServerRequest> before(Handler<HttpServerRequest> rest) {
        return request -> {
            if (!isAnswered(request)) {
                rest.handle(request);
            }
        };
    }

    /** Refuses paths that only an attacker asks for, where the router knows nothing of them. */
    public static Route refuseHostile(Router router) {
        return router.route().order(ORDER).handler(MediaHttp::refuse);
    }

    private static boolean isMedia(HttpMethod method) {
        return HttpMethod.GET.equals(method)
                || HttpMethod.HEAD.equals(method)
                || HttpMethod.OPTIONS.equals(method);
    }

    private boolean isAnswered(HttpServerRequest request) {
        if (!isMedia(request.method())) {
            return false;
        }
        MediaPath path = MediaPath.parse(request.path()).orElse(null);
        if (path == null) {
            return false;
        }
        String text = path.text();
        // The last segment is always the resource's own name.
        for (int end = text.lastIndexOf('/'); end > 0; end = text.lastIndexOf('/', end - 1)) {
            String code = text.substring(0, end);
            List<MediaResource> resources = routes.find(code);
            if (!resources.isEmpty()
                    && isAnswered(request, code, text.substring(end + 1), resources)) {
                return true;
            }
        }
        return false;
    }

    /** {@code /} and {@code /code/} are nobody's media path but no attack either. */
    private static void refuse(RoutingContext context) {
        String raw = context.request().path();
        if (!isMedia(context.request().method()) || isMediaPath(raw) || isFolder(raw)) {
            context.next();
            return;
        }
        ErrorBody.send(
                context.response(),
                400,
                "INVALID_PATH",
                "the path is not one that a player would ask for",
                HttpMethod.HEAD.equals(context.request().method()));
    }

    private static boolean isMediaPath(String raw) {
        return MediaPath.parse(raw).isPresent();
    }

    private static boolean isFolder(String raw) {
        return raw != null
                && raw.endsWith("/")
                && (raw.length() == 1 || isMediaPath(raw.substring(0, raw.length() - 1)));
    }

    private boolean isAnswered(
            HttpServerRequest request, String code, String below, List<MediaResource> resources) {
        if (HttpMethod.OPTIONS.equals(request.method())) {
            Cors.answerPreflight(request);
            return true;
        }
        String client = proxies.clientOf(peerOf(request), request.getHeader("X-Forwarded-For"));
        VertxMediaRequest asked = new VertxMediaRequest(request, code, below, client);
        VertxMediaResponse response = new VertxMediaResponse(asked);
        for (MediaResource resource : resources) {
            if (resource.serve(asked, response)) {
                return true;
            }
        }
        return false;
    }

    private static String peerOf(HttpServerRequest request) {
        var peer = request.remoteAddress();
        String address = peer == null ? null : peer.hostAddress();
        return address == null ? "unknown" : address;
    }
}
