package io.wadi.app;

import io.wadi.disk.AtomicFile;

import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The operator's {@code config.yaml}, in which settings are changed one by one: what else is in it
 * stays, but for comments below its heading.
 */
final class ConfigFile {
    private final Path file;

    ConfigFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    /**
     * Stores settings, whole or not at all.
     *
     * @param changes by our keys
     */
    void store(Map<String, String> changes) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : "";
        Map<String, Object> tree = parse(text);
        changes.forEach((key, value) -> put(tree, key, value));
        DumperOptions style = new DumperOptions();
        style.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        Yaml yaml =
                new Yaml(new SafeConstructor(new LoaderOptions()), new Representer(style), style);
        AtomicFile.write(file, (heading(text) + yaml.dump(tree)).getBytes(StandardCharsets.UTF_8));
    }

    private Map<String, Object> parse(String text) throws IOException {
        try {
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
            return tree == null ? new LinkedHashMap<>() : map(tree);
        } catch (YAMLException e) {
            throw new IOException(file + " is not YAML (any more): " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> map(Object tree) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (tree instanceof Map<?, ?> found) {
            found.forEach((key, value) -> map.put(String.valueOf(key), value));
        }
        return map;
    }

    /** Takes the key out in whatever way it was written, and puts it where it belongs. */
    private static void put(Map<String, Object> tree, String key, String value) {
        remove(tree, "", ConfigCheck.uniform(key));
        Map<String, Object> at = tree;
        String[] parts = key.split("\\.", -1);
        for (int i = 0; i < parts.length - 1; i++) {
            Map<String, Object> below = map(at.get(parts[i]));
            at.put(parts[i], below);
            at = below;
        }
        at.put(parts[parts.length - 1], typed(value));
    }

    private static void remove(Map<String, Object> tree, String prefix, String uniform) {
        tree.replaceAll(
                (name, value) -> {
                    if (value instanceof Map<?, ?>) {
                        Map<String, Object> below = map(value);
                        remove(below, prefix + name, uniform);
                        return below;
                    }
                    return value;
                });
        tree.keySet().removeIf(name -> ConfigCheck.uniform(prefix + name).equals(uniform));
    }

    private static Object typed(String value) {
        if (value.matches("\\d{1,9}")) {
            return Integer.valueOf(value);
        }
        return value.equals("true") || value.equals("false") ? Boolean.valueOf(value) : value;
    }

    private static String heading(String text) {
        String heading =
                text.lines()
                        .takeWhile(line -> line.startsWith("#") || line.isBlank())
                        .collect(Collectors.joining("\n"));
        return heading.isBlank() ? "" : heading + "\n";
    }
}
