package io.wadi.stream;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds a tree against a record class: every key must be a component, every value of its type. Says
 * all that is wrong at once, each with its path. What passes binds without surprises: explicit
 * nulls are taken out (they mean absent), nothing is coerced.
 */
final class SpecShape {
    /** More than this many problems help nobody. */
    private static final int MAX_PROBLEMS = 20;

    /** Longest text anywhere; descriptions and URLs with tokens are the longest in practice. */
    static final int MAX_TEXT = 8192;

    /** Longest list or map anywhere. */
    static final int MAX_ENTRIES = 256;

    private final List<SpecProblem> problems = new ArrayList<>();

    private SpecShape() {}

    /** Checks a tree in place and says what is wrong with it. */
    static List<SpecProblem> check(JsonNode tree, Class<? extends Record> shape) {
        SpecShape check = new SpecShape();
        check.record(tree, shape, "");
        return check.problems;
    }

    /** The keys of a record class with their types, in order. */
    static Map<String, Type> keys(Class<?> shape) {
        Map<String, Type> keys = new LinkedHashMap<>();
        for (RecordComponent component : shape.getRecordComponents()) {
            keys.put(snakeCase(component.getName()), component.getGenericType());
        }
        return keys;
    }

    /** The values of an enum as they are written. */
    static List<String> constants(Class<?> type) {
        return Arrays.stream(type.getFields())
                .filter(field -> field.isEnumConstant())
                .map(field -> field.getAnnotation(JsonProperty.class).value())
                .toList();
    }

    private void record(JsonNode node, Class<?> shape, String path) {
        if (!(node instanceof ObjectNode object)) {
            add(path, describe(node), "an object with keys");
            return;
        }
        Map<String, Type> keys = keys(shape);
        withoutNulls(object);
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            Type type = keys.get(entry.getKey());
            String inner = YamlTree.child(path, entry.getKey());
            if (type == null) {
                unknown(entry.getKey(), YamlTree.child(path, cut(entry.getKey())), keys);
            } else {
                value(entry.getValue(), type, inner);
            }
        }
    }

    private void unknown(String key, String path, Map<String, Type> keys) {
        String expected =
                nearest(key, keys)
                        .map(near -> "a known key; did you mean '" + near + "'?")
                        .orElseGet(() -> "one of " + String.join(", ", keys.keySet()));
        add(path, "an unknown key", expected);
    }

    private void value(JsonNode node, Type type, String path) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == Optional.class) {
                value(node, arguments[0], path);
            } else if (generic.getRawType() == List.class) {
                list(node, arguments[0], path);
            } else {
                map(node, path);
            }
            return;
        }
        Class<?> shape = (Class<?>) type;
        if (shape.isRecord()) {
            record(node, shape, path);
        } else if (!fits(node, shape)) {
            add(path, describe(node), expected(shape));
        }
    }

    private void list(JsonNode node, Type item, String path) {
        if (!(node instanceof ArrayNode array)) {
            add(path, describe(node), "a list");
            return;
        }
        if (array.size() > MAX_ENTRIES) {
            add(path, array.size() + " entries", "at most " + MAX_ENTRIES);
            return;
        }
        for (int i = 0; i < array.size(); i++) {
            value(array.get(i), item, path + "[" + i + "]");
        }
    }

    private void map(JsonNode node, String path) {
        if (!(node instanceof ObjectNode object)) {
            add(path, describe(node), "an object with text values");
            return;
        }
        if (object.size() > MAX_ENTRIES) {
            add(path, object.size() + " entries", "at most " + MAX_ENTRIES);
            return;
        }
        withoutNulls(object);
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (!fits(entry.getValue(), String.class)) {
                add(YamlTree.child(path, cut(entry.getKey())), describe(entry.getValue()), "text");
            }
        }
    }

    private static void withoutNulls(ObjectNode object) {
        for (Iterator<JsonNode> it = object.elements(); it.hasNext(); ) {
            if (it.next().isNull()) {
                it.remove();
            }
        }
    }

    private static boolean fits(JsonNode node, Class<?> type) {
        if (type == String.class) {
            return node.isTextual() && node.textValue().length() <= MAX_TEXT;
        }
        if (type == boolean.class || type == Boolean.class) {
            return node.isBoolean();
        }
        if (type == int.class || type == Integer.class) {
            return node.isIntegralNumber() && node.canConvertToInt();
        }
        if (type == double.class || type == Double.class) {
            return node.isNumber() && Double.isFinite(node.doubleValue());
        }
        if (type == Instant.class) {
            return node.isTextual() && isInstant(node.textValue());
        }
        if (type == Duration.class) {
            return Durations.parse(node).isPresent();
        }
        return node.isTextual() && constants(type).contains(node.textValue());
    }

    private static boolean isInstant(String text) {
        try {
            return OffsetDateTime.parse(text) != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static String expected(Class<?> type) {
        if (type == String.class) {
            return "text of at most "
                    + MAX_TEXT
                    + " characters (in quotes when it looks like"
                    + " a number)";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == Instant.class) {
            return "a time like 2026-04-06T14:30:00Z";
        }
        if (type == Duration.class) {
            return Durations.EXPECTED;
        }
        return "one of " + String.join(", ", constants(type));
    }

    static String describe(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case NULL, MISSING -> "nothing";
            case STRING -> Secrets.shorten(node.textValue());
            case NUMBER, BOOLEAN, BINARY, POJO -> cut(node.asText());
        };
    }

    private static String cut(String text) {
        String shown = Secrets.shorten(text);
        return shown.substring(1, shown.length() - 1);
    }

    private void add(String path, String got, String expected) {
        if (problems.size() < MAX_PROBLEMS) {
            String shown = isSecret(path) && got.startsWith("\"") ? "text" : got;
            problems.add(SpecProblem.body(path, shown, expected));
        }
    }

    private static boolean isSecret(String path) {
        return path.endsWith("stream_key")
                || path.contains(".auth.")
                || path.contains(".params.")
                || path.contains(".headers.")
                || path.endsWith("url");
    }

    private static Optional<String> nearest(String key, Map<String, Type> keys) {
        int limit = Math.max(1, Math.min(key.length(), 24) / 3);
        return keys.keySet().stream()
                .filter(known -> key.length() <= MAX_KEY && distance(key, known) <= limit)
                .min((a, b) -> Integer.compare(distance(key, a), distance(key, b)));
    }

    /** Keys longer than this are not misspelt keys of ours. */
    private static final int MAX_KEY = 40;

    /** Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }

    /** As Jackson's snake case strategy names components. */
    static String snakeCase(String name) {
        StringBuilder snake = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c)) {
                snake.append('_');
            }
            snake.append(Character.toLowerCase(c));
        }
        return snake.toString();
    }
}
