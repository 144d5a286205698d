package io.wadi.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

import java.util.Optional;

/** A media request as it came in through Vert.x. */
record VertxMediaRequest(HttpServerRequest http, String code, String path, String remoteAddress)
        implements MediaRequest {
    @Override
    public Optional<String> query(String name) {
        return Optional.ofNullable(http.getParam(name));
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(http.getHeader(name));
    }

    @Override
    public boolean isHead() {
        return HttpMethod.HEAD.equals(http.method());
    }
}
