package io.wadi.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a change of one stream does, or did: sorted route ids.
 *
 * @param keep routes that run on, untouched
 * @param inPlace keys of the document that take effect without any of that
 */
public record StreamPlan(
        List<String> start,
        List<String> stop,
        List<String> restart,
        List<String> keep,
        List<String> inPlace) {
    public StreamPlan {
        start = start.stream().sorted().toList();
        stop = stop.stream().sorted().toList();
        restart = restart.stream().sorted().toList();
        keep = keep.stream().sorted().toList();
        inPlace = List.copyOf(inPlace);
    }

    /** Kept by the server, nothing that a document asks for. */
    private static final Set<String> KEPT_BY_SERVER =
            Set.of("code", "status", "created_at", "updated_at");

    /** The part of a difference that belongs to a stream. */
    static StreamPlan of(
            String code, Difference difference, Set<String> loaded, List<String> keys) {
        return new StreamPlan(
                names(code, difference.load()).filter(name -> !loaded.contains(name)).toList(),
                names(code, difference.stop()).toList(),
                names(code, difference.load()).filter(loaded::contains).toList(),
                names(code, difference.keep()).toList(),
                keys);
    }

    /** What happened to a stream's pieces between two moments. */
    @SuppressWarnings("ReferenceEquality") // loaded anew is another piece
    static StreamPlan between(
            Map<String, Piece> before, Map<String, Piece> after, List<String> keys) {
        List<String> start = new ArrayList<>();
        List<String> restart = new ArrayList<>();
        List<String> keep = new ArrayList<>();
        after.forEach(
                (name, piece) -> {
                    Piece old = before.get(name);
                    (old == null ? start : old == piece ? keep : restart).add(name);
                });
        List<String> stop =
                before.keySet().stream().filter(name -> !after.containsKey(name)).toList();
        return new StreamPlan(start, stop, restart, keep, keys);
    }

    private static Stream<String> names(String code, List<Piece> pieces) {
        return pieces.stream().filter(piece -> piece.stream().equals(code)).map(Piece::name);
    }

    /** Top-level keys of the document whose change alone would leave every route as it is. */
    static List<String> inPlace(Optional<StreamSpec> from, StreamSpec to, Settings settings) {
        if (from.isEmpty()) {
            return List.of();
        }
        ObjectNode before = SpecJson.tree(from.get());
        ObjectNode after = SpecJson.tree(to);
        Set<String> keys = new LinkedHashSet<>();
        before.fieldNames().forEachRemaining(keys::add);
        after.fieldNames().forEachRemaining(keys::add);
        keys.removeAll(KEPT_BY_SERVER);
        return keys.stream()
                .filter(key -> !Optional.ofNullable(before.get(key)).equals(node(after, key)))
                .filter(
                        key ->
                                isInPlace(from.get(), with(before, key, after.get(key)), settings)
                                        && isInPlace(
                                                to, with(after, key, before.get(key)), settings))
                .toList();
    }

    private static Optional<JsonNode> node(ObjectNode tree, String key) {
        return Optional.ofNullable(tree.get(key));
    }

    private static ObjectNode with(ObjectNode tree, String key, JsonNode value) {
        ObjectNode changed = tree.deepCopy();
        if (value == null) {
            changed.remove(key);
        } else {
            changed.set(key, value);
        }
        return changed;
    }

    /** A key that only makes sense with another one is none that changes by itself. */
    private static boolean isInPlace(StreamSpec spec, ObjectNode changed, Settings settings) {
        try {
            StreamSpec other = SpecJson.bind(spec.code(), changed);
            return Topology.of(other, settings).equals(Topology.of(spec, settings));
        } catch (InvalidSpecException e) {
            return false;
        }
    }
}
