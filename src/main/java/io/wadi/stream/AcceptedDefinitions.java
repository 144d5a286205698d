package io.wadi.stream;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The definitions of the routes folder that passed their trial: the ones that count. One that fails
 * stays as it was. Owned by the reconciler's thread.
 */
final class AcceptedDefinitions {
    private final CamelRoutes camel;
    private final Map<String, Definition> accepted = new LinkedHashMap<>();
    private Map<String, String> refused = new HashMap<>();

    AcceptedDefinitions(CamelRoutes camel) {
        this.camel = camel;
    }

    List<Definition> all() {
        return List.copyOf(accepted.values());
    }

    /** The template with this id. */
    Optional<Definition> template(String id) {
        return Optional.ofNullable(accepted.get("routeTemplate " + id));
    }

    /** Tries new and changed definitions out; one that fails stays as it was. */
    void accept(
            List<Definition> definitions,
            Map<String, RouteSpec> wanted,
            List<FileProblem> problems) {
        Map<String, String> stillRefused = new HashMap<>();
        Set<String> names = new HashSet<>();
        List<Definition> ordered =
                definitions.stream().sorted(Comparator.comparing(Definition::kind)).toList();
        for (Definition definition : ordered) {
            names.add(definition.name());
            Definition before = accepted.get(definition.name());
            if (before != null && before.canonical().equals(definition.canonical())) {
                accepted.put(definition.name(), definition);
                continue;
            }
            String error =
                    Objects.equals(refusedText(definition), definition.canonical())
                            ? refused.get(definition.name() + "\0error")
                            : trial(definition, wanted);
            if (error == null) {
                accepted.put(definition.name(), definition);
            } else {
                stillRefused.put(definition.name(), definition.canonical());
                stillRefused.put(definition.name() + "\0error", error);
                problems.add(definition.problem(error));
            }
        }
        dropGone(names, wanted, problems);
        refused = stillRefused;
    }

    /** Definitions that are no longer in a file go, but not a template that streams need. */
    private void dropGone(
            Set<String> names, Map<String, RouteSpec> wanted, List<FileProblem> problems) {
        Set<String> needed = new HashSet<>();
        wanted.values().forEach(route -> needed.add("routeTemplate " + route.template()));
        for (Definition gone : List.copyOf(accepted.values())) {
            if (names.contains(gone.name())) {
                continue;
            }
            if (needed.contains(gone.name())) {
                problems.add(
                        gone.problem(
                                "template '"
                                        + gone.id()
                                        + "' is gone, but streams are made from it"));
            } else {
                accepted.remove(gone.name());
            }
        }
    }

    private String refusedText(Definition definition) {
        return refused.get(definition.name());
    }

    private String trial(Definition definition, Map<String, RouteSpec> wanted) {
        Optional<RouteSpec> user =
                definition.kind() == Definition.Kind.TEMPLATE
                        ? wanted.values().stream()
                                .filter(route -> route.template().equals(definition.id()))
                                .findFirst()
                        : Optional.empty();
        Map<String, String> parameters = user.map(RouteSpec::parameters).orElse(Map.of());
        if (user.isPresent()) {
            List<String> missing = Fingerprints.missing(definition, parameters);
            if (!missing.isEmpty()) {
                return "parameters "
                        + missing
                        + " need a defaultValue: streams give only "
                        + parameters.keySet();
            }
        }
        try {
            camel.tryOut(definition, parameters);
            return null;
        } catch (Exception e) {
            return CamelRoutes.explain(e);
        }
    }
}
