package io.wadi.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.store.StreamStore;
import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.SpecJson;
import io.wadi.stream.SpecProblem;
import io.wadi.stream.SpecYaml;
import io.wadi.stream.StreamSpec;

import org.apache.camel.Exchange;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code /config/yaml}, the bean {@code configYamlApi} of {@code routes/api.yaml}: settings and
 * streams as one document, to be kept, compared and brought back.
 */
public final class ConfigYamlApi {
    private static final String SETTINGS = "global_config";
    private static final String STREAMS = "streams";

    /** What this version has none of. */
    private static final Set<String> EMPTY = Set.of("hooks", "vod");

    /** More than this many problems help nobody. */
    private static final int MAX_PROBLEMS = 50;

    private final ServerConfig config;
    private final StreamStore store;
    private final StreamsApi streams;

    /** A document of 4 MiB takes some hundred as a tree: never two of them at once. */
    private final Object oneAtATime = new Object();

    public ConfigYamlApi(ServerConfig config, StreamStore store, StreamsApi streams) {
        this.config = config;
        this.store = store;
        this.streams = streams;
    }

    /** GET /config/yaml. */
    public void get(Exchange exchange) {
        Request.answer(
                exchange,
                _ -> {
                    ObjectNode all = SpecJson.mapper().createObjectNode();
                    JsonNode settings = config.describe().get(SETTINGS);
                    if (settings != null) {
                        all.set(SETTINGS, settings);
                    }
                    ArrayNode documents = all.putArray(STREAMS);
                    store.list().forEach(spec -> documents.add(SpecYaml.document(spec)));
                    EMPTY.stream().sorted().forEach(all::putArray);
                    return Reply.yaml(SpecYaml.text(all));
                });
    }

    /** PUT /config/yaml: keys that are not there stay as they are, lists are replaced. */
    public void put(Exchange exchange) {
        Request.answer(
                exchange,
                request -> {
                    byte[] body = request.body();
                    synchronized (oneAtATime) {
                        return Reply.data(200, replace(body));
                    }
                });
    }

    private ObjectNode replace(byte[] body) throws ApiException {
        ObjectNode all = parse(body);
        List<SpecProblem> problems = new ArrayList<>();
        Map<String, StreamSpec> wanted = check(all, problems);
        if (!problems.isEmpty()) {
            throw ApiException.invalid(
                    problems.subList(0, Math.min(MAX_PROBLEMS, problems.size())));
        }
        ObjectNode done = SpecJson.mapper().createObjectNode();
        if (all.get(SETTINGS) instanceof ObjectNode settings) {
            done.setAll(merge(settings));
        }
        if (all.has(STREAMS)) {
            done.set(STREAMS, streams.replaceAll(wanted));
        }
        return done;
    }

    private static ObjectNode parse(byte[] body) throws ApiException {
        if (new String(body, StandardCharsets.UTF_8).isBlank()) {
            throw new ApiException(400, "EMPTY_BODY", "expected the configuration as YAML");
        }
        try {
            return SpecYaml.parseWhole(body);
        } catch (InvalidSpecException e) {
            throw new ApiException(
                    400,
                    "INVALID_YAML",
                    "line %d, column %d: %s".formatted(e.line(), e.column(), e.getMessage()));
        }
    }

    private Map<String, StreamSpec> check(ObjectNode all, List<SpecProblem> problems) {
        all.properties()
                .forEach(
                        entry -> {
                            String key = entry.getKey();
                            JsonNode value = entry.getValue();
                            if (key.equals(SETTINGS) && !value.isObject()) {
                                problems.add(problem(key, "no object", "keys with values"));
                            } else if (key.equals(STREAMS) && !value.isArray()) {
                                problems.add(problem(key, "no list", "a list of streams"));
                            } else if (EMPTY.contains(key) && !value.isEmpty()) {
                                problems.add(problem(key, "entries", "none in this version"));
                            } else if (!Set.of(SETTINGS, STREAMS).contains(key)
                                    && !EMPTY.contains(key)) {
                                problems.add(
                                        problem(
                                                key.substring(0, Math.min(40, key.length())),
                                                "an unknown key",
                                                "global_config, streams, hooks or vod"));
                            }
                        });
        Map<String, StreamSpec> wanted = new LinkedHashMap<>();
        JsonNode list = all.path(STREAMS);
        for (int i = 0; i < list.size() && problems.size() < MAX_PROBLEMS; i++) {
            stream(list.get(i), STREAMS + "[" + i + "]", wanted, problems);
        }
        return wanted;
    }

    private void stream(
            JsonNode item, String path, Map<String, StreamSpec> wanted, List<SpecProblem> to) {
        String code = item.path("code").asText();
        if (!(item instanceof ObjectNode document) || code.isEmpty()) {
            to.add(problem(path + ".code", "nothing", "the code of the stream"));
            return;
        }
        try {
            if (wanted.put(code, streams.checked(code, document)) != null) {
                to.add(problem(path + ".code", code + " again", "each stream once"));
            }
        } catch (InvalidSpecException e) {
            for (SpecProblem p : e.problems()) {
                String inner = p.path().isEmpty() ? path : path + "." + p.path();
                to.add(new SpecProblem(p.code(), inner, p.got(), p.expected()));
            }
        }
    }

    private ObjectNode merge(ObjectNode settings) throws ApiException {
        try {
            return config.merge(settings);
        } catch (ServerConfig.RefusedException e) {
            if (e.status() == 400) {
                throw ApiException.invalid(
                        List.of(problem(SETTINGS, e.getMessage(), "another value")));
            }
            throw new ApiException(e.status(), e.code(), e.getMessage());
        }
    }

    private static SpecProblem problem(String path, String got, String expected) {
        return new SpecProblem(SpecProblem.INVALID_BODY, path, got, expected);
    }
}
