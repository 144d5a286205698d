package io.wadi.stream;

import java.util.Optional;

/**
 * One thing that should be loaded into Camel. Two pieces are equal when nothing about them changed,
 * templates, configurations and placeholders that they use included.
 *
 * @param name unique: a route's id, or kind and id of a definition
 * @param stream code of the stream that it belongs to, or empty
 */
record Piece(
        String name,
        String stream,
        String fingerprint,
        Optional<Definition> definition,
        Optional<RouteSpec> route) {

    boolean sameAs(Piece other) {
        return other != null && fingerprint.equals(other.fingerprint);
    }

    /** Whether it becomes running routes; the rest is only known to Camel. */
    boolean runs() {
        return route.isPresent() || definition.orElseThrow().kind().runs();
    }

    /** Definitions by kind, then outputs, then inputs: nothing is missed at the start. */
    int order() {
        if (definition.isPresent()) {
            return definition.get().kind().order;
        }
        boolean input = route.orElseThrow().template().equals("input");
        return Definition.Kind.ROUTE.order + (input ? 2 : 1);
    }
}
