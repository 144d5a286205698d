package io.wadi.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;

/** Media may be played from any page: there are no cookies behind it (Fetch standard, CORS). */
final class Cors {
    private static final String ANY = "*";
    private static final String DAY_SECONDS = "86400";

    private Cors() {}

    static void allow(MultiMap headers) {
        headers.set("Access-Control-Allow-Origin", ANY);
        headers.set(
                "Access-Control-Expose-Headers",
                "Content-Length, Content-Range, Content-Type, Date, ETag");
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
