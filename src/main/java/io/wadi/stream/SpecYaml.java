package io.wadi.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Stream documents as YAML files that people write: comments allowed, defaults left out. */
public final class SpecYaml {
    private static final DumpSettings STYLE =
            DumpSettings.builder()
                    .setDefaultFlowStyle(FlowStyle.BLOCK)
                    .setIndent(2)
                    .setIndicatorIndent(2)
                    .setIndentWithIndicator(true)
                    .setWidth(1000)
                    .setSplitLines(false)
                    .setSchema(new CoreSchema())
                    .build();

    /** Written even where they hold the default, because a reader looks for them. */
    private static final Set<String> ALWAYS = Set.of("priority", "enabled", "url");

    private SpecYaml() {}

    /** Reads a file's text; an error carries the line and column of the field it is about. */
    public static StreamSpec read(String code, String text) throws InvalidSpecException {
        YamlTree yaml = YamlTree.parse(text);
        if (!(yaml.root() instanceof ObjectNode object)) {
            throw InvalidSpecException.body(
                    SpecShape.describe(yaml.root()), "keys of a stream, like name or inputs", 1, 1);
        }
        try {
            return SpecJson.bind(code, object);
        } catch (InvalidSpecException e) {
            YamlTree.Place place = yaml.placeOf(e.first().path());
            throw new InvalidSpecException(e.problems(), place.line(), place.column());
        }
    }

    /** Reads bytes that must be UTF-8. */
    public static StreamSpec read(String code, byte[] bytes) throws InvalidSpecException {
        return read(code, SpecJson.utf8(bytes));
    }

    /**
     * Reads a YAML object that may hold all streams and settings; an error carries its line and
     * column.
     */
    public static ObjectNode parseWhole(byte[] bytes) throws InvalidSpecException {
        JsonNode root = YamlTree.parse(SpecJson.utf8(bytes), YamlTree.Size.WHOLE).root();
        if (root instanceof ObjectNode object) {
            return object;
        }
        throw InvalidSpecException.body(SpecShape.describe(root), "keys with values", 1, 1);
    }

    /** A document without the code, which the file's name says, and without defaults. */
    public static String write(StreamSpec spec) {
        ObjectNode tree = document(spec);
        tree.remove("code");
        return text(tree);
    }

    /** A document with its code and without defaults. */
    public static ObjectNode document(StreamSpec spec) {
        ObjectNode tree = SpecJson.tree(spec);
        withoutDefaults(tree, StreamSpec.class);
        return tree;
    }

    /** A tree as YAML text. */
    public static String text(ObjectNode tree) {
        Map<?, ?> plain = new ObjectMapper().convertValue(tree, LinkedHashMap.class);
        return new Dump(STYLE).dumpToString(plain);
    }

    private static void withoutDefaults(ObjectNode tree, Class<?> shape) {
        ObjectNode defaults = defaults(shape);
        SpecShape.keys(shape)
                .forEach(
                        (key, type) -> {
                            JsonNode value = tree.get(key);
                            if (value == null) {
                                return;
                            }
                            nested(value, type);
                            boolean same = value.equals(defaults.get(key));
                            boolean hollow = value.isContainerNode() && value.isEmpty();
                            if ((same || (hollow && !isOptional(type))) && !ALWAYS.contains(key)) {
                                tree.remove(key);
                            }
                        });
    }

    private static void nested(JsonNode value, Type type) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[0];
            if (generic.getRawType() == List.class) {
                value.forEach(item -> nested(item, inner));
            } else if (isOptional(type)) {
                nested(value, inner);
            }
        } else if (((Class<?>) type).isRecord()) {
            withoutDefaults((ObjectNode) value, (Class<?>) type);
        }
    }

    private static boolean isOptional(Type type) {
        return type instanceof ParameterizedType generic
                && generic.getRawType() == java.util.Optional.class;
    }

    private static ObjectNode defaults(Class<?> shape) {
        ObjectMapper mapper = SpecJson.mapper();
        Object empty = mapper.convertValue(mapper.createObjectNode(), shape);
        return mapper.valueToTree(empty);
    }
}
