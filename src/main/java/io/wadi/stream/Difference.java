package io.wadi.stream;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What turns the pieces that are loaded into those that should be: a pure function, which plans
 * show and the reconciler carries out.
 *
 * @param stop no longer wanted, in the order in which they stop
 * @param load new or in another form than before, in the order in which they start
 * @param keep not touched
 */
record Difference(List<Piece> stop, List<Piece> load, List<Piece> keep) {
    /**
     * Compares by name and form.
     *
     * @param mayTry whether a piece may be loaded now; one that just failed has to wait
     */
    static Difference between(
            Map<String, Piece> loaded, Map<String, Piece> desired, Predicate<Piece> mayTry) {
        List<Piece> stop =
                loaded.values().stream()
                        .filter(piece -> !desired.containsKey(piece.name()))
                        .sorted(
                                Comparator.comparingInt(Piece::order)
                                        .reversed()
                                        .thenComparing(Piece::name))
                        .toList();
        List<Piece> load =
                desired.values().stream()
                        .filter(piece -> !piece.sameAs(loaded.get(piece.name())))
                        .filter(mayTry)
                        .sorted(Comparator.comparingInt(Piece::order))
                        .toList();
        List<Piece> keep =
                desired.values().stream()
                        .filter(piece -> piece.sameAs(loaded.get(piece.name())))
                        .toList();
        return new Difference(stop, load, keep);
    }
}
