package io.wadi.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * A YAML document as a tree with the place of every node. Built from the parser's events, so that
 * depth, number of nodes, duplicate keys and aliases are checked before memory is taken. YAML 1.2
 * core schema.
 *
 * @param root the document; a missing node for an empty one
 * @param places where each path starts
 */
record YamlTree(JsonNode root, Map<String, Place> places) {
    /** Line and column from 1. */
    record Place(int line, int column) {
        static final Place START = new Place(1, 1);
    }

    /**
     * How large a document may be.
     *
     * @param nodes bounds the memory of the tree to some hundred bytes for each
     * @param withPlaces whether the place of each node is kept, which takes as much again
     */
    record Size(int characters, int nodes, boolean withPlaces) {
        /** A stream document is a few kilobytes; 1 MiB is what the API takes as well. */
        static final Size ONE = new Size(1 << 20, 100_000, true);

        /** All streams and settings in one. */
        static final Size WHOLE = new Size(4 << 20, 400_000, false);
    }

    /** The documents nest 4 deep, Camel's routes some 20. */
    static final int MAX_DEPTH = 64;

    private static final String STRING_TAG = "tag:yaml.org,2002:str";

    /** Digits that fit into a long without checking for overflow. */
    private static final int MAX_INTEGER_DIGITS = 18;

    static YamlTree parse(String text) throws InvalidSpecException {
        return parse(text, Size.ONE);
    }

    static YamlTree parse(String text, Size size) throws InvalidSpecException {
        if (text.length() > size.characters()) {
            throw InvalidSpecException.body(
                    text.length() + " characters", "at most " + size.characters(), 1, 1);
        }
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(size.characters()).build();
        try {
            return new Builder(new Parse(settings).parseString(text).iterator(), size).document();
        } catch (MarkedYamlEngineException e) {
            Place place = e.getProblemMark().map(YamlTree::place).orElse(Place.START);
            throw InvalidSpecException.body(
                    oneLine(e.getProblem()), "well-formed YAML", place.line(), place.column());
        } catch (YamlEngineException e) {
            throw InvalidSpecException.body(oneLine(e.getMessage()), "well-formed YAML", 1, 1);
        }
    }

    /** The place of a path, or of its nearest ancestor that has one. */
    Place placeOf(String path) {
        for (String at = path; !at.isEmpty(); at = parent(at)) {
            Place place = places.get(at);
            if (place != null) {
                return place;
            }
        }
        return places.getOrDefault("", Place.START);
    }

    /** The path of a key inside a path. */
    static String child(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String parent(String path) {
        int cut = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
        return cut < 0 ? "" : path.substring(0, cut);
    }

    private static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static String oneLine(String message) {
        return message == null ? "unreadable text" : Secrets.shorten(message.replace('\n', ' '));
    }

    /** Builds the tree in one pass over the events. */
    private static final class Builder {
        private final Iterator<Event> events;
        private final Map<String, Place> places = new HashMap<>();
        private final Size size;
        private int nodes;

        Builder(Iterator<Event> events, Size size) {
            this.events = events;
            this.size = size;
        }

        YamlTree document() throws InvalidSpecException {
            JsonNode root = JsonNodeFactory.instance.missingNode();
            while (events.hasNext()) {
                Event event = events.next();
                if (event instanceof NodeEvent) {
                    if (!root.isMissingNode()) {
                        throw error(event, "a second document", "one document in the file");
                    }
                    root = node(event, "", 0);
                }
            }
            return new YamlTree(root, places);
        }

        private JsonNode node(Event event, String path, int depth) throws InvalidSpecException {
            remember(event, path);
            if (event instanceof AliasEvent
                    || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
                throw error(event, "an anchor or alias", "the value written out");
            }
            if (depth > MAX_DEPTH) {
                throw error(event, "deeper nesting", "at most " + MAX_DEPTH + " levels");
            }
            if (++nodes > size.nodes()) {
                throw error(event, "more values", "at most " + size.nodes() + " values");
            }
            return switch (event) {
                case ScalarEvent scalar -> scalar(scalar);
                case MappingStartEvent start -> mapping(path, depth);
                case SequenceStartEvent start -> {
                    var array = JsonNodeFactory.instance.arrayNode();
                    for (Event item = events.next();
                            item.getEventId() != Event.ID.SequenceEnd;
                            item = events.next()) {
                        String inner = size.withPlaces() ? path + "[" + array.size() + "]" : "";
                        array.add(node(item, inner, depth + 1));
                    }
                    yield array;
                }
                default -> throw error(event, event.getEventId().name(), "a value");
            };
        }

        private ObjectNode mapping(String path, int depth) throws InvalidSpecException {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (Event key = events.next();
                    key.getEventId() != Event.ID.MappingEnd;
                    key = events.next()) {
                if (!(key instanceof ScalarEvent scalar) || scalar.getAnchor().isPresent()) {
                    throw error(key, "a key that is not plain text", "a plain key");
                }
                String name = scalar.getValue();
                String inner = size.withPlaces() ? child(path, name) : "";
                if (object.has(name)) {
                    throw error(
                            key, "the key " + Secrets.shorten(name) + " twice", "each key once");
                }
                remember(key, inner);
                object.set(name, node(events.next(), inner, depth + 1));
            }
            return object;
        }

        /** The place of a key rather than that of its value, which comes after it. */
        private void remember(Event event, String path) {
            if (size.withPlaces()) {
                event.getStartMark().ifPresent(mark -> places.putIfAbsent(path, place(mark)));
            }
        }

        private JsonNode scalar(ScalarEvent scalar) throws InvalidSpecException {
            JsonNodeFactory make = JsonNodeFactory.instance;
            String value = scalar.getValue();
            Optional<String> tag = scalar.getTag();
            if (tag.isPresent() && !tag.get().equals(STRING_TAG) && !tag.get().equals("!")) {
                throw error(scalar, "the tag " + Secrets.shorten(tag.get()), "no tag");
            }
            if (!scalar.isPlain() || tag.isPresent()) {
                return make.textNode(value);
            }
            if (value.isEmpty() || CoreScalarResolver.NULL.matcher(value).matches()) {
                return make.nullNode();
            }
            if (CoreScalarResolver.BOOL.matcher(value).matches()) {
                return make.booleanNode(value.equalsIgnoreCase("true"));
            }
            if (CoreScalarResolver.INT.matcher(value).matches()) {
                return integer(scalar, value);
            }
            if (CoreScalarResolver.FLOAT.matcher(value).matches()) {
                return make.numberNode(real(value));
            }
            return make.textNode(value);
        }

        private static JsonNode integer(ScalarEvent scalar, String value)
                throws InvalidSpecException {
            if (value.startsWith("0x") || value.startsWith("0o")) {
                return JsonNodeFactory.instance.textNode(value);
            }
            if (value.length() > MAX_INTEGER_DIGITS) {
                throw error(scalar, "a number of " + value.length() + " digits", "a smaller one");
            }
            return JsonNodeFactory.instance.numberNode(Long.parseLong(value));
        }

        private static double real(String value) {
            String lower = value.toLowerCase(java.util.Locale.ROOT);
            if (lower.endsWith("inf")) {
                return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            }
            return lower.endsWith("nan") ? Double.NaN : Double.parseDouble(value);
        }

        private static InvalidSpecException error(Event event, String got, String expected) {
            Place place = event.getStartMark().map(YamlTree::place).orElse(Place.START);
            return InvalidSpecException.body(got, expected, place.line(), place.column());
        }
    }
}
