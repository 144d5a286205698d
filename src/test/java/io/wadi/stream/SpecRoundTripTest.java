package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;

import org.junit.jupiter.api.Test;

import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

class SpecRoundTripTest {
    /** What a document may hold is walked by type; words that a rule restricts are picked here. */
    private static final Map<String, List<String>> WORDS =
            Map.of(
                    "mode", List.of("multi", "passthrough"),
                    "interlace", List.of("auto", "tff"),
                    "codec", List.of("aac", "copy"),
                    "hw", List.of("nvenc", "none"),
                    "resize_mode", List.of("pad", "fit"),
                    "type", List.of("text", "image"),
                    "position", List.of("center"),
                    "source", List.of("best", "raw"),
                    "url", List.of("rtmp://a.example/app/key", "srt://b.example:9000"));

    private static final List<String> AWKWARD =
            List.of(
                    "yes",
                    "1.0",
                    "null",
                    "~",
                    "a: b",
                    "# no",
                    "true",
                    "0x1F",
                    "1e3",
                    "'q'",
                    "",
                    "é",
                    "-",
                    "x\"y",
                    "2026-01-01",
                    "[a]",
                    "*a",
                    "&a",
                    "!t",
                    "%p",
                    "@b",
                    "`c`");

    @Property(tries = 300)
    void yamlAndJsonKeepEveryDocument(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        ObjectNode tree = (ObjectNode) value(StreamSpec.class, "", random, 0);
        tree.remove(List.of("code", "created_at", "updated_at"));
        StreamSpec spec;
        try {
            spec = SpecJson.bind("demo", tree);
        } catch (InvalidSpecException e) {
            assertThat(e.problems()).allMatch(p -> !p.expected().isEmpty() && !p.got().isEmpty());
            return;
        }
        String yaml = SpecYaml.write(spec);
        assertThat(SpecJson.tree(SpecYaml.read("demo", yaml)))
                .as(yaml)
                .isEqualTo(SpecJson.tree(spec));
        assertThat(SpecYaml.read("demo", yaml)).as(yaml).isEqualTo(spec);
        assertThat(SpecYaml.write(SpecYaml.read("demo", yaml))).isEqualTo(yaml);
        assertThat(SpecJson.bind("demo", SpecJson.tree(spec))).isEqualTo(spec);
    }

    @Property(tries = 300)
    void anyTextSurvivesYaml(@ForAll @StringLength(max = 200) String text) throws Exception {
        ObjectNode tree = JsonNodeFactory.instance.objectNode().put("description", text);
        StreamSpec spec = SpecJson.bind("demo", tree);
        boolean lone = !java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(text);
        if (!lone) {
            assertThat(SpecYaml.read("demo", SpecYaml.write(spec))).isEqualTo(spec);
        }
    }

    @Property(tries = 500)
    void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
        try {
            SpecYaml.read("demo", bytes);
        } catch (InvalidSpecException e) {
            assertThat(e.problems()).isNotEmpty();
        }
        try {
            SpecJson.bind("demo", SpecJson.parseObject(bytes));
        } catch (InvalidSpecException e) {
            assertThat(e.problems()).isNotEmpty();
        }
    }

    private static JsonNode value(Type type, String key, Random random, int depth) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == Optional.class) {
                return value(inner, key, random, depth);
            }
            if (generic.getRawType() == List.class) {
                ArrayNode array = make.arrayNode();
                for (int i = random.nextInt(3); i > 0; i--) {
                    array.add(value(inner, key, random, depth + 1));
                }
                return array;
            }
            return make.objectNode().put("a" + random.nextInt(9), text(key, random));
        }
        Class<?> shape = (Class<?>) type;
        if (shape.isRecord()) {
            ObjectNode object = make.objectNode();
            SpecShape.keys(shape)
                    .forEach(
                            (name, of) -> {
                                boolean needed = name.equals("url");
                                if (!name.equals("priority") && (needed || random.nextInt(3) > 0)) {
                                    object.set(name, value(of, name, random, depth + 1));
                                }
                            });
            return object;
        }
        if (shape == String.class) {
            return make.textNode(text(key, random));
        }
        if (shape == boolean.class || shape == Boolean.class) {
            return make.booleanNode(random.nextBoolean());
        }
        if (shape == int.class || shape == Integer.class) {
            return make.numberNode(random.nextInt(12));
        }
        if (shape == double.class || shape == Double.class) {
            return make.numberNode(random.nextInt(5) / 4.0);
        }
        if (shape == Duration.class) {
            return make.textNode(200 + random.nextInt(5000) + "ms");
        }
        if (shape == Instant.class) {
            return make.textNode("2026-01-01T00:00:00Z");
        }
        List<String> constants = SpecShape.constants(shape);
        return make.textNode(constants.get(random.nextInt(constants.size())));
    }

    private static String text(String key, Random random) {
        List<String> words = WORDS.getOrDefault(key, AWKWARD);
        boolean plain =
                List.of("preset", "profile", "level", "sar", "name", "language").contains(key);
        return plain ? "w" + random.nextInt(9) : words.get(random.nextInt(words.size()));
    }

    @Test
    void openApiDocumentHasEveryKeyOfADocument() throws Exception {
        JsonNode document;
        try (InputStream in = getClass().getResourceAsStream("/swagger/doc.json")) {
            document = SpecJson.mapper().readTree(in);
        }
        JsonNode schemas = document.at("/components/schemas");
        for (Class<?> shape : StreamSpec.class.getDeclaredClasses()) {
            if (shape.isRecord()) {
                described(schemas, shape.getSimpleName(), shape);
            }
        }
        described(schemas, "Stream", StreamSpec.class);
    }

    private static void described(JsonNode schemas, String name, Class<?> shape) {
        TreeSet<String> keys = new TreeSet<>();
        schemas.path(name).path("properties").fieldNames().forEachRemaining(keys::add);
        assertThat(keys).as(name).isEqualTo(new TreeSet<>(SpecShape.keys(shape).keySet()));
        schemas.path(name)
                .path("properties")
                .forEach(
                        property ->
                                assertThat(property.has("description") || property.has("$ref"))
                                        .as(name)
                                        .isTrue());
    }
}
