package io.wadi.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.SpecJson;
import io.wadi.stream.SpecProblem;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A status with an envelope: {@code data}, {@code data} and {@code total}, or {@code error}. */
record Reply(
        int status,
        Optional<ObjectNode> body,
        Map<String, String> headers,
        Optional<String> yaml,
        Optional<File> file) {
    /** Bytes as they are. */
    @SuppressWarnings("ArrayRecordComponent") // neither compared nor kept
    record File(String contentType, byte[] content) {}

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    static Reply data(int status, JsonNode data) {
        ObjectNode body = JSON.objectNode();
        body.set("data", data);
        return new Reply(status, body);
    }

    private Reply(int status, ObjectNode body) {
        this(status, Optional.of(body), Map.of(), Optional.empty(), Optional.empty());
    }

    /** An answer that is a file. */
    static Reply bytes(String contentType, byte[] content) {
        File file = new File(contentType, content);
        return new Reply(200, Optional.empty(), Map.of(), Optional.empty(), Optional.of(file));
    }

    /** An answer in YAML. */
    static Reply yaml(String text) {
        return new Reply(200, Optional.empty(), Map.of(), Optional.of(text), Optional.empty());
    }

    /** An answer without a body. */
    static Reply empty(int status) {
        return new Reply(status, Optional.empty(), Map.of(), Optional.empty(), Optional.empty());
    }

    /** The same with an entity tag. */
    Reply tagged(String etag) {
        return new Reply(status, body, Map.of("ETag", etag), yaml, file);
    }

    /** The same with something beside {@code data}. */
    Reply with(String key, JsonNode value) {
        body.ifPresent(tree -> tree.set(key, value));
        return this;
    }

    static Reply list(List<ObjectNode> items) {
        ArrayNode array = JSON.arrayNode();
        items.forEach(array::add);
        ObjectNode body = JSON.objectNode();
        body.set("data", array);
        body.put("total", items.size());
        return new Reply(200, body);
    }

    static Reply status(String status) {
        return data(200, JSON.objectNode().put("status", status));
    }

    static Reply noContent() {
        return empty(204);
    }

    static Reply error(int status, String code, String message) {
        return error(status, code, message, List.of());
    }

    static Reply error(ApiException e) {
        return error(e.status(), e.code(), e.getMessage(), e.problems());
    }

    private static Reply error(
            int status, String code, String message, List<SpecProblem> problems) {
        ObjectNode body = JSON.objectNode();
        ObjectNode error = body.putObject("error").put("code", code).put("message", message);
        if (!problems.isEmpty()) {
            ArrayNode fields = error.putArray("fields");
            for (SpecProblem problem : problems) {
                fields.addObject()
                        .put("path", problem.path())
                        .put("code", problem.code())
                        .put("got", problem.got())
                        .put("expected", problem.expected())
                        .put("message", problem.message());
            }
        }
        return new Reply(status, body);
    }

    byte[] bytes() {
        try {
            return body.isEmpty() ? new byte[0] : SpecJson.mapper().writeValueAsBytes(body.get());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree is always JSON", e);
        }
    }
}
