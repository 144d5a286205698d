package io.wadi.stream;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;

/**
 * What the last pass found and did.
 *
 * @param passes passes so far, the ones that found nothing to do left out
 * @param rejected edits so far that were refused because something was wrong with them
 * @param problems what is wrong with files now
 * @param routes every route that should run, by id
 * @param last what the last pass that did something did
 */
public record ReconcileStatus(
        Instant at,
        long passes,
        long rejected,
        List<FileProblem> problems,
        SortedMap<String, RouteState> routes,
        Change last) {

    /** How a route is doing. */
    public enum State {
        RUNNING,
        /** Its new form did not start, the one before runs. */
        KEPT,
        FAILED
    }

    /**
     * One route.
     *
     * @param stream code of its stream, empty for a hand-written route
     * @param error why it failed, else empty
     * @param attempts failed starts in a row
     */
    public record RouteState(String stream, State state, String error, int attempts) {}

    /** Route ids, or kinds and ids of definitions, by what happened to them. */
    public record Change(List<String> started, List<String> stopped, List<String> restarted) {
        static final Change NONE = new Change(List.of(), List.of(), List.of());

        public boolean isEmpty() {
            return started.isEmpty() && stopped.isEmpty() && restarted.isEmpty();
        }

        /** In words, for the log. */
        String text() {
            StringJoiner words = new StringJoiner("; ");
            add("started", started, words);
            add("stopped", stopped, words);
            add("restarted", restarted, words);
            return words.toString();
        }

        private static void add(String what, List<String> names, StringJoiner words) {
            if (!names.isEmpty()) {
                words.add(what + " " + String.join(", ", names));
            }
        }
    }

    /** The routes of one stream. */
    public Map<String, RouteState> routesOf(String code) {
        return routes.entrySet().stream()
                .filter(e -> e.getValue().stream().equals(code))
                .collect(
                        java.util.stream.Collectors.toMap(
                                Map.Entry::getKey,
                                Map.Entry::getValue,
                                (a, b) -> a,
                                java.util.TreeMap::new));
    }

    /** Whether any route of a stream runs. */
    public boolean isActive(String code) {
        return routes.values().stream()
                .anyMatch(r -> r.stream().equals(code) && r.state() != State.FAILED);
    }
}
