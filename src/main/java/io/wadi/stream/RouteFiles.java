package io.wadi.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.Definition.Kind;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The routes folder: built-in files of the class path, and files on disk that win over built-in
 * ones of the same name. A file that cannot be used counts as it was when it last could. Owned by
 * the reconciler's thread.
 */
final class RouteFiles {
    /** What is in force; the version changes with it. */
    record Snapshot(long version, List<Definition> definitions, List<FileProblem> problems) {}

    private final Path folder;
    private final FolderScan scan;
    private final SortedMap<String, byte[]> builtIn;
    private final Map<String, byte[]> goodContent = new HashMap<>();
    private final Map<String, List<Definition>> good = new TreeMap<>();
    private Map<String, byte[]> lastSeen = Map.of();
    private Snapshot last = new Snapshot(0, List.of(), List.of());

    RouteFiles(Path folder, List<String> builtIn) {
        this.folder = folder;
        this.scan = FolderScan.flat(folder);
        this.builtIn = resources(builtIn);
    }

    private static SortedMap<String, byte[]> resources(List<String> names) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        for (String name : names) {
            ClassLoader loader = RouteFiles.class.getClassLoader();
            try (InputStream in = loader.getResourceAsStream("routes/" + name)) {
                if (in != null) {
                    files.put(name, in.readAllBytes());
                }
            } catch (IOException e) {
                throw new IllegalStateException("Cannot read built-in routes/" + name, e);
            }
        }
        return files;
    }

    /** Reads what changed. The version is as before when nothing did. */
    Snapshot poll() {
        SortedMap<String, byte[]> files = new TreeMap<>(builtIn);
        if (Files.isDirectory(folder)) {
            try {
                files.putAll(scan.poll());
            } catch (IOException e) {
                return failed(e);
            }
        }
        if (same(files, lastSeen) && last.problems().isEmpty()) {
            return last;
        }
        boolean changed = !same(files, lastSeen);
        lastSeen = Map.copyOf(files);
        List<FileProblem> problems = load(files);
        if (changed || !problems.equals(last.problems())) {
            List<Definition> all = good.values().stream().flatMap(List::stream).toList();
            last = new Snapshot(last.version() + 1, all, problems);
        }
        return last;
    }

    private Snapshot failed(IOException e) {
        FileProblem problem = new FileProblem(folder.toString(), 0, 0, "", "cannot read: " + e);
        if (!last.problems().contains(problem)) {
            last = new Snapshot(last.version() + 1, last.definitions(), List.of(problem));
        }
        return last;
    }

    private static boolean same(Map<String, byte[]> a, Map<String, byte[]> b) {
        return a.keySet().equals(b.keySet())
                && a.entrySet().stream()
                        .allMatch(e -> Arrays.equals(e.getValue(), b.get(e.getKey())));
    }

    /** Unchanged files first, so that of two that claim an id the newer edit is the wrong one. */
    private List<FileProblem> load(SortedMap<String, byte[]> files) {
        good.keySet().retainAll(files.keySet());
        goodContent.keySet().retainAll(files.keySet());
        List<FileProblem> problems = new ArrayList<>();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (Arrays.equals(file.getValue(), goodContent.get(file.getKey()))) {
                continue;
            }
            String shown = folder.resolve(file.getKey()).toString();
            try {
                List<Definition> parsed = parse(shown, SpecJson.utf8(file.getValue()));
                unique(file.getKey(), parsed);
                good.put(file.getKey(), parsed);
                goodContent.put(file.getKey(), file.getValue());
            } catch (InvalidSpecException e) {
                problems.add(FileProblem.of(shown, e));
            }
        }
        return problems;
    }

    private void unique(String file, List<Definition> parsed) throws InvalidSpecException {
        Map<String, String> taken = new HashMap<>();
        good.forEach(
                (other, definitions) -> {
                    if (!other.equals(file)) {
                        definitions.forEach(d -> taken.put(d.name(), other));
                    }
                });
        for (Definition definition : parsed) {
            String other = taken.put(definition.name(), file);
            if (other != null) {
                throw new InvalidSpecException(
                        List.of(
                                SpecProblem.body(
                                        definition.id(),
                                        definition.name() + ", which " + other + " has too",
                                        "an id of its own")),
                        definition.line(),
                        1);
            }
        }
    }

    static List<Definition> parse(String file, String text) throws InvalidSpecException {
        YamlTree yaml = YamlTree.parse(text);
        if (yaml.root().isMissingNode() || yaml.root().isNull()) {
            return List.of();
        }
        if (!(yaml.root() instanceof ArrayNode entries)) {
            throw InvalidSpecException.body(
                    SpecShape.describe(yaml.root()), "a list of routes and templates", 1, 1);
        }
        List<String> lines = text.lines().toList();
        List<Definition> definitions = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            int start = yaml.placeOf("[" + i + "]").line();
            int end =
                    i + 1 < entries.size()
                            ? yaml.placeOf("[" + (i + 1) + "]").line() - 1
                            : lines.size();
            definitions.add(definition(file, entries.get(i), start, lines, end));
        }
        return definitions;
    }

    private static Definition definition(
            String file, JsonNode entry, int start, List<String> lines, int end)
            throws InvalidSpecException {
        if (!(entry instanceof ObjectNode object) || object.size() != 1) {
            throw InvalidSpecException.body(
                    SpecShape.describe(entry),
                    "one entry such as route: or routeTemplate:",
                    start,
                    1);
        }
        String key = object.fieldNames().next();
        Kind kind =
                Arrays.stream(Kind.values())
                        .filter(k -> k.key.equals(key))
                        .findFirst()
                        .orElseThrow(() -> unknownKind(key, start));
        String own = String.join("\n", lines.subList(Math.max(0, start - 1), end));
        boolean block = own.stripLeading().startsWith("-");
        String text = block ? "\n".repeat(start - 1) + own + "\n" : "[" + object + "]";
        Definition definition =
                new Definition(
                        kind,
                        id(kind, object.get(key)),
                        file,
                        start,
                        text,
                        object,
                        canonical(object));
        if (definition.id().isEmpty()) {
            throw InvalidSpecException.body(
                    key + " without an id", "an id, so that a change can be told", start, 1);
        }
        return definition;
    }

    private static InvalidSpecException unknownKind(String key, int line) {
        Set<String> known = new HashSet<>();
        Arrays.stream(Kind.values()).forEach(k -> known.add(k.key));
        return InvalidSpecException.body(
                "the entry " + Secrets.shorten(key),
                "one of " + String.join(", ", known.stream().sorted().toList()),
                line,
                1);
    }

    private static String id(Kind kind, JsonNode body) {
        return switch (kind) {
            case REST_CONFIGURATION -> "rest";
            case BEANS -> String.join(",", names(body));
            case CONFIGURATION, TEMPLATE, REST, ROUTE -> body.path("id").asText();
            case TEMPLATED -> body.path("routeId").asText();
        };
    }

    /** The names of a beans entry. */
    static List<String> names(JsonNode beans) {
        List<String> names = new ArrayList<>();
        beans.forEach(bean -> names.add(bean.path("name").asText()));
        return names;
    }

    /** A tree as text with sorted keys. */
    static String canonical(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(e -> "\"" + e.getKey() + "\":" + canonical(e.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
        if (node instanceof ArrayNode array) {
            List<String> items = new ArrayList<>();
            array.forEach(item -> items.add(canonical(item)));
            return "[" + String.join(",", items) + "]";
        }
        return node.toString();
    }
}
