package io.wadi.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Stream documents as JSON trees: strict reading, complete writing, merging. */
public final class SpecJson {
    /** A request or file is at most this long. */
    public static final int MAX_BYTES = 1 << 20;

    /** The documents nest 4 deep; more is an attack or a mistake. */
    private static final int MAX_DEPTH = 32;

    /** Longest number as text: a double needs 24 characters. */
    private static final int MAX_NUMBER = 40;

    private static final int MAX_KEY = 256;

    private static final Set<String> MAPS = Set.of("headers", "params");

    private static final ObjectMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxNumberLength(MAX_NUMBER)
                                                    .maxNameLength(MAX_KEY)
                                                    .maxStringLength(MAX_BYTES)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                                    .build())
                    .addModule(new Jdk8Module())
                    .addModule(new JavaTimeModule())
                    .addModule(Durations.module())
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .build();

    private SpecJson() {}

    /** The mapper of all API bodies: snake case, ISO times, no coercion of duplicates. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** Reads any JSON object strictly; says line and column of what is wrong. */
    public static ObjectNode parseObject(byte[] bytes) throws InvalidSpecException {
        if (bytes.length > MAX_BYTES) {
            throw InvalidSpecException.body(
                    bytes.length + " bytes", "at most " + MAX_BYTES + " bytes", 0, 0);
        }
        JsonNode tree;
        try {
            tree = MAPPER.readTree(utf8(bytes));
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            int line = at == null ? 0 : at.getLineNr();
            int column = at == null ? 0 : at.getColumnNr();
            throw InvalidSpecException.body(
                    Secrets.shorten(e.getOriginalMessage())
                            + (line > 0 ? " at line " + line + ", column " + column : ""),
                    "well-formed JSON",
                    line,
                    column);
        }
        if (tree instanceof ObjectNode object) {
            return object;
        }
        throw InvalidSpecException.body(SpecShape.describe(tree), "a JSON object", 1, 1);
    }

    static String utf8(byte[] bytes) throws InvalidSpecException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw InvalidSpecException.body("bytes that are not UTF-8", "UTF-8 text", 0, 0);
        }
    }

    /** Binds and validates a tree; the code that it is stored under wins over one inside. */
    public static StreamSpec bind(String code, ObjectNode document) throws InvalidSpecException {
        ObjectNode tree = document.deepCopy();
        tree.put("code", code);
        List<SpecProblem> problems = new ArrayList<>();
        normalise(tree, problems);
        problems.addAll(SpecShape.check(tree, StreamSpec.class));
        if (problems.isEmpty()) {
            StreamSpec spec = convert(tree);
            problems.addAll(SpecValidator.check(spec));
            if (problems.isEmpty()) {
                return spec;
            }
        }
        throw new InvalidSpecException(problems);
    }

    private static StreamSpec convert(ObjectNode tree) {
        try {
            return MAPPER.treeToValue(tree, StreamSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A checked document does not bind", e);
        }
    }

    /** The whole document, every key in order, without nulls, empty objects and empty texts. */
    public static ObjectNode tree(StreamSpec spec) {
        ObjectNode tree = MAPPER.valueToTree(spec);
        for (Iterator<JsonNode> it = tree.elements(); it.hasNext(); ) {
            JsonNode value = it.next();
            prune(value);
            if (value.isNull()) {
                it.remove();
            }
        }
        for (String key : List.of("stream_key", "playback_policy", "template")) {
            if (tree.path(key).asText().isEmpty()) {
                tree.remove(key);
            }
        }
        return tree;
    }

    /** Takes out what says nothing; in headers and params an empty text is a value. */
    private static void prune(JsonNode node) {
        if (!(node instanceof ObjectNode object)) {
            node.forEach(SpecJson::prune);
            return;
        }
        for (Iterator<Map.Entry<String, JsonNode>> it = object.properties().iterator();
                it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            JsonNode value = entry.getValue();
            if (!MAPS.contains(entry.getKey())) {
                prune(value);
            }
            boolean hollow = value.isContainerNode() && value.isEmpty();
            if (value.isNull() || hollow || (value.isTextual() && value.textValue().isEmpty())) {
                it.remove();
            }
        }
    }

    /** PUT on an existing stream: absent top-level keys stay, null clears, others replace. */
    public static ObjectNode mergeTopLevel(ObjectNode stored, ObjectNode change) {
        ObjectNode merged = stored.deepCopy();
        change.properties().forEach(entry -> put(merged, entry.getKey(), entry.getValue()));
        return merged;
    }

    /** POST: objects merge key by key, null clears, lists replace (RFC 7396). */
    public static ObjectNode mergeDeep(ObjectNode stored, ObjectNode change) {
        ObjectNode merged = stored.deepCopy();
        ObjectNode patch = change.deepCopy();
        normalise(patch, new ArrayList<>());
        patch.properties()
                .forEach(
                        entry -> {
                            JsonNode old = merged.get(entry.getKey());
                            boolean both =
                                    old instanceof ObjectNode
                                            && entry.getValue() instanceof ObjectNode;
                            put(
                                    merged,
                                    entry.getKey(),
                                    both
                                            ? mergeDeep(
                                                    (ObjectNode) old, (ObjectNode) entry.getValue())
                                            : entry.getValue());
                        });
        return merged;
    }

    private static void put(ObjectNode target, String key, JsonNode value) {
        if (value.isNull()) {
            target.remove(key);
        } else {
            target.set(key, value);
        }
    }

    /**
     * Second spellings become the first; an input without a priority gets its index; output is
     * dropped.
     */
    private static void normalise(ObjectNode tree, List<SpecProblem> problems) {
        if (tree.path("transcoder").path("global") instanceof ObjectNode global
                && global.has("hw_accel")) {
            JsonNode second = global.remove("hw_accel");
            JsonNode first = global.get("hw");
            if (first != null && !first.equals(second)) {
                problems.add(
                        SpecProblem.body(
                                "transcoder.global.hw_accel",
                                SpecShape.describe(second) + " beside hw",
                                "one of hw and hw_accel, or the same value"));
            }
            global.set("hw", second);
        }
        JsonNode inputs = tree.path("inputs");
        for (int i = 0; inputs.isArray() && i < inputs.size(); i++) {
            if (inputs.get(i) instanceof ObjectNode input && !input.hasNonNull("priority")) {
                input.put("priority", i);
            }
        }
        for (JsonNode destination : tree.path("push")) {
            if (destination instanceof ObjectNode object) {
                object.remove("status");
            }
        }
    }
}
