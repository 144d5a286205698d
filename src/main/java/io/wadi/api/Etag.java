package io.wadi.api;

import com.fasterxml.jackson.core.JsonProcessingException;

import io.wadi.http.ContentTag;
import io.wadi.stream.SpecJson;
import io.wadi.stream.StreamSpec;

import java.util.Arrays;
import java.util.Optional;

/**
 * The entity tag of a stream's stored document, and the conditions that requests set on it (RFC
 * 9110 §13.1). What a stream does meanwhile is no part of it.
 */
final class Etag {
    private Etag() {}

    static String of(StreamSpec spec) {
        try {
            byte[] document = SpecJson.mapper().writeValueAsBytes(SpecJson.tree(spec));
            return '"' + ContentTag.of(document) + '"';
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is JSON", e);
        }
    }

    /** Refuses a change of another document than the one that the client knows. */
    static void check(Request request, Optional<StreamSpec> stored) throws ApiException {
        Optional<String> match = request.header("If-Match");
        if (match.isPresent() && !matches(match.get(), stored)) {
            throw failed(
                    stored.isPresent()
                            ? "the stream is another one now, its ETag is " + of(stored.get())
                            : "the stream does not exist");
        }
        Optional<String> none = request.header("If-None-Match");
        if (none.isPresent() && matches(none.get(), stored)) {
            throw failed("the stream exists already");
        }
    }

    /** Whether the client has the document already. */
    static boolean isKnown(Request request, StreamSpec stored) {
        return request.header("If-None-Match")
                .filter(known -> matches(known, Optional.of(stored)))
                .isPresent();
    }

    private static ApiException failed(String why) {
        return new ApiException(412, "PRECONDITION_FAILED", why);
    }

    /** Proxies that compress weaken a tag; it means the same document. */
    private static boolean matches(String condition, Optional<StreamSpec> stored) {
        if (stored.isEmpty()) {
            return false;
        }
        String own = of(stored.get());
        return Arrays.stream(condition.split(",", -1))
                .map(String::strip)
                .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
                .anyMatch(tag -> tag.equals("*") || tag.equals(own));
    }
}
