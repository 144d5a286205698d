package io.wadi.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** The API's error envelope, so that media answers errors as the rest of the server does. */
final class ErrorBody {
    private ErrorBody() {}

    /** Sends the envelope; codes and messages are ours and need no escaping beyond quotes. */
    static void send(
            HttpServerResponse out, int status, String code, String message, boolean isHead) {
        String body =
                "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + escape(message) + "\"}}";
        out.setStatusCode(status);
        out.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        out.putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
        if (isHead) {
            out.end();
        } else {
            out.end(body);
        }
    }

    private static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.chars()
                .forEach(
                        c -> {
                            if (c == '"' || c == '\\') {
                                out.append('\\').append((char) c);
                            } else if (c < 0x20) {
                                out.append(String.format("\\u%04x", c));
                            } else {
                                out.append((char) c);
                            }
                        });
        return out.toString();
    }
}
