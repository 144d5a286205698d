package io.wadi.stream;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One entry of a file in the routes folder.
 *
 * @param text the YAML of this entry alone, on the lines that it has in its file
 * @param tree the same as a tree, with the entry's kind as its only key
 * @param canonical the tree as text with sorted keys: what counts as a change
 */
record Definition(
        Kind kind,
        String id,
        String file,
        int line,
        String text,
        ObjectNode tree,
        String canonical) {
    /** The kinds, in the order in which they are loaded. */
    enum Kind {
        REST_CONFIGURATION("restConfiguration", 0),
        BEANS("beans", 1),
        CONFIGURATION("routeConfiguration", 2),
        TEMPLATE("routeTemplate", 3),
        REST("rest", 4),
        TEMPLATED("templatedRoute", 5),
        ROUTE("route", 6);

        final String key;

        /** Place in the order of loading. */
        final int order;

        Kind(String key, int order) {
            this.key = key;
            this.order = order;
        }

        /** Whether it becomes running routes. */
        boolean runs() {
            return this == REST || this == TEMPLATED || this == ROUTE;
        }
    }

    /** Unique among all definitions. */
    String name() {
        return kind.key + " " + id;
    }

    /** The entry under its kind. */
    com.fasterxml.jackson.databind.JsonNode body() {
        return tree.get(kind.key);
    }

    FileProblem problem(String message) {
        return new FileProblem(file, line, 1, id, message);
    }
}
