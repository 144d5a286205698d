package io.wadi.api;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One request of the REST routes, read with care: headers and parameters share a namespace. */
final class Request {
    private static final Logger LOG = LoggerFactory.getLogger(Request.class);

    /** Answers one request. */
    @FunctionalInterface
    interface Handler {
        Reply answer(Request request) throws ApiException;
    }

    private final Message message;

    private Request(Message message) {
        this.message = message;
    }

    /** Answers with the handler's reply, or with the error envelope. */
    static void answer(Exchange exchange, Handler handler) {
        Reply reply;
        try {
            reply = handler.answer(new Request(exchange.getIn()));
        } catch (ApiException e) {
            reply = Reply.error(e);
        } catch (RuntimeException e) {
            LOG.error("Request failed: {}", exchange.getIn().getHeader(Exchange.HTTP_PATH), e);
            reply = Reply.error(500, "INTERNAL_ERROR", "the request failed; the log says why");
        }
        Message out = exchange.getMessage();
        out.removeHeaders("*");
        out.setHeader(Exchange.HTTP_RESPONSE_CODE, reply.status());
        // A client may keep what has a tag, and must ask each time.
        out.setHeader("Cache-Control", reply.headers().isEmpty() ? "no-store" : "no-cache");
        reply.headers().forEach(out::setHeader);
        if (reply.yaml().isPresent()) {
            out.setHeader(Exchange.CONTENT_TYPE, "application/yaml");
            out.setBody(reply.yaml().get().getBytes(StandardCharsets.UTF_8));
        } else if (reply.file().isPresent()) {
            out.setHeader(Exchange.CONTENT_TYPE, reply.file().get().contentType());
            out.setBody(reply.file().get().content());
        } else if (reply.body().isPresent()) {
            out.setHeader(Exchange.CONTENT_TYPE, "application/json");
            out.setBody(reply.bytes());
        } else {
            out.setBody(null);
        }
    }

    /** The stream's code from the path. */
    String code() {
        return last("code");
    }

    /** A parameter of the path. */
    String parameter(String name) {
        return last(name);
    }

    /** A header of the request that no path or query parameter of ours is named like. */
    Optional<String> header(String name) {
        Object value = message.getHeader(name);
        if (value instanceof List<?> values) {
            return Optional.of(
                    values.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        return Optional.ofNullable(value).map(Object::toString);
    }

    /** A path parameter; request headers and query parameters of that name come before it. */
    private String last(String name) {
        Object value = message.getHeader(name);
        if (value instanceof List<?> values) {
            value = values.getLast();
        }
        return value == null ? "" : value.toString();
    }

    /** The first query parameter of a name. */
    Optional<String> query(String name) {
        String query = message.getHeader(Exchange.HTTP_RAW_QUERY, String.class);
        if (query == null) {
            return Optional.empty();
        }
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String key = equals < 0 ? pair : pair.substring(0, equals);
            if (key.equals(name)) {
                return Optional.of(decoded(equals < 0 ? "" : pair.substring(equals + 1)));
            }
        }
        return Optional.empty();
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    byte[] body() {
        byte[] body = message.getBody(byte[].class);
        return body == null ? new byte[0] : body;
    }
}
