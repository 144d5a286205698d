package io.wadi.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Media may be played from any page: there are no cookies behind it (Fetch standard, CORS). */
final class Cors {
    private static final CharSequence ANY = HttpHeaders.createOptimized("*");
    private static final CharSequence EXPOSED =
            HttpHeaders.createOptimized("Content-Length, Content-Range, Content-Type, Date, ETag");
    private static final String DAY_SECONDS = "86400";

    private Cors() {}

    static void allow(MultiMap headers) {
        headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        headers.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }

    static void answerPreflight(HttpServerRequest request) {
        MultiMap headers = request.response().headers();
        allow(headers);
        headers.set("Allow", "GET, HEAD, OPTIONS");
        headers.set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
        headers.set(
                "Access-Control-Allow-Headers",
                "Range, If-None-Match, If-Range, Cache-Control, Authorization");
        headers.set("Access-Control-Max-Age", DAY_SECONDS);
        request.response().setStatusCode(204).end();
    }
}
