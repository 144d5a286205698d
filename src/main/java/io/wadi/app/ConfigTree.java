package io.wadi.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.SpecJson;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings as the API shows them: Open Streamer's keys as a tree, null where there is no part. */
final class ConfigTree {
    private static final List<String> ABSENT =
            List.of("ingestor", "hooks", "sessions", "listeners.rtsp", "listeners.srt");

    private ConfigTree() {}

    /**
     * The tree of our settings.
     *
     * @param values by our keys
     */
    static ObjectNode of(Map<String, String> values) {
        ObjectNode tree = SpecJson.mapper().createObjectNode();
        SeedSettings.shown(values)
                .forEach(
                        (key, value) -> {
                            if (ABSENT.stream().noneMatch(group -> key.startsWith(group + "."))) {
                                put(tree, key, value);
                            }
                        });
        for (String group : ABSENT) {
            int dot = group.indexOf('.');
            ObjectNode at = dot < 0 ? tree : tree.withObjectProperty(group.substring(0, dot));
            at.putNull(group.substring(dot + 1));
        }
        return tree;
    }

    private static void put(ObjectNode tree, String key, String value) {
        ObjectNode at = tree;
        String[] parts = key.split("\\.", -1);
        for (int i = 0; i < parts.length - 1; i++) {
            at = at.withObjectProperty(parts[i]);
        }
        String last = parts[parts.length - 1];
        if (value.matches("\\d{1,9}")) {
            at.put(last, Integer.parseInt(value));
        } else if (value.equals("true") || value.equals("false")) {
            at.put(last, Boolean.parseBoolean(value));
        } else {
            at.put(last, value);
        }
    }

    /** The leaves of a tree by dotted key; a null stays a null. */
    static Map<String, JsonNode> leaves(ObjectNode tree) {
        Map<String, JsonNode> leaves = new LinkedHashMap<>();
        collect("", tree, leaves);
        return leaves;
    }

    private static void collect(String prefix, ObjectNode tree, Map<String, JsonNode> to) {
        tree.properties()
                .forEach(
                        entry -> {
                            if (entry.getValue() instanceof ObjectNode group) {
                                collect(prefix + entry.getKey() + ".", group, to);
                            } else {
                                to.put(prefix + entry.getKey(), entry.getValue());
                            }
                        });
    }
}
