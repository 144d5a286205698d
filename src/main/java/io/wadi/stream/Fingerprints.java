package io.wadi.stream;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.stream.Definition.Kind;

import org.apache.camel.CamelContext;
import org.apache.camel.support.PatternHelper;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Tells whether a piece changed, by all that it is made of. Comments and order do not count. */
final class Fingerprints {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([^{}]+)}}");

    private final CamelContext context;
    private final List<Definition> definitions;

    Fingerprints(CamelContext context, List<Definition> definitions) {
        this.context = context;
        this.definitions = definitions;
    }

    String of(Definition definition) {
        StringBuilder all = new StringBuilder(definition.canonical());
        Set<String> own = new HashSet<>();
        definition.body().path("parameters").forEach(p -> own.add(p.path("name").asText()));
        placeholders(definition.canonical(), own, all);
        for (Definition other : definitions) {
            if (uses(definition, other)) {
                all.append('\n').append(of(other));
            }
        }
        return sha256(all.toString());
    }

    String of(RouteSpec route, Definition template) {
        StringBuilder all = new StringBuilder(of(template));
        route.parameters()
                .forEach((name, value) -> all.append('\n').append(name).append('=').append(value));
        return sha256(all.toString());
    }

    private static boolean uses(Definition definition, Definition other) {
        return switch (other.kind()) {
            case REST_CONFIGURATION -> definition.kind() == Kind.REST;
            case BEANS ->
                    definition.kind().order > Kind.BEANS.order
                            && RouteFiles.names(other.body()).stream()
                                    .anyMatch(definition.canonical()::contains);
            case CONFIGURATION -> usesConfiguration(definition, other.id());
            case TEMPLATE ->
                    definition.kind() == Kind.TEMPLATED
                            && definition
                                    .body()
                                    .path("routeTemplateRef")
                                    .asText()
                                    .equals(other.id());
            case REST, TEMPLATED, ROUTE -> false;
        };
    }

    private static boolean usesConfiguration(Definition definition, String id) {
        if (definition.kind() == Kind.CONFIGURATION) {
            return false;
        }
        for (JsonNode named : definition.tree().findValues("routeConfigurationId")) {
            for (String pattern : named.asText().split(",", -1)) {
                if (PatternHelper.matchPattern(id, pattern.strip())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Values of placeholders that are not the template's own parameters. */
    private void placeholders(String text, Set<String> own, StringBuilder all) {
        Set<String> names = new TreeSet<>();
        PLACEHOLDER.matcher(text).results().forEach(match -> names.add(match.group(1)));
        for (String name : names) {
            if (!own.contains(name)) {
                all.append('\n').append(name).append('=').append(resolve(name));
            }
        }
    }

    private String resolve(String name) {
        try {
            return String.valueOf(context.resolvePropertyPlaceholders("{{" + name + "}}"));
        } catch (IllegalArgumentException e) {
            return ""; // not known: loading says so, with the place
        }
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Parameters that a template cannot do without and that a route does not give. */
    static List<String> missing(Definition template, Map<String, String> given) {
        Set<String> missing = new TreeSet<>();
        for (JsonNode parameter : template.body().path("parameters")) {
            boolean needed =
                    !parameter.has("defaultValue") && parameter.path("required").asBoolean(true);
            if (needed && !given.containsKey(parameter.path("name").asText())) {
                missing.add(parameter.path("name").asText());
            }
        }
        return List.copyOf(missing);
    }
}
