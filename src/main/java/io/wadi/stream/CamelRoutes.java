package io.wadi.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.ObjectHelper;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Loads and unloads pieces in one Camel context. Knows which routes each piece became. Owned by the
 * reconciler's thread.
 */
final class CamelRoutes {
    /**
     * Stopping holds a lock of the whole context, and no route of ours holds an Exchange for longer
     * than a moment.
     */
    private static final long STOP_SECONDS = 2;

    private static final String TRIAL = "~trial";

    private final CamelContext context;
    private final Model model;
    private final Map<String, Set<String>> routeIds = new HashMap<>();

    CamelRoutes(CamelContext context) {
        this.context = context;
        this.model = context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** The routes that a piece became. */
    Set<String> routesOf(Piece piece) {
        return routeIds.getOrDefault(piece.name(), Set.of());
    }

    /** Those of loaded pieces of which a route is not there any more. */
    List<Piece> missing(Collection<Piece> pieces) {
        Set<String> there = new HashSet<>();
        context.getRoutes().forEach(route -> there.add(route.getRouteId()));
        return pieces.stream().filter(piece -> !there.containsAll(routesOf(piece))).toList();
    }

    /** Loads a piece and starts what it becomes; on failure nothing of it is left. */
    void load(Piece piece) throws Exception {
        Set<String> before = ids();
        List<Endpoint> known = List.copyOf(context.getEndpoints());
        try {
            if (piece.route().isPresent()) {
                fromTemplate(piece.route().get());
            } else {
                define(piece.definition().orElseThrow());
            }
            routeIds.put(piece.name(), added(before));
        } catch (Exception e) {
            Set<String> partly = added(before);
            piece.definition().ifPresent(this::undefine);
            for (String id : partly) {
                remove(id);
            }
            forgetEndpoints(known);
            throw e;
        }
    }

    /** Camel keeps the endpoints of a route that was not made, or not started. */
    private void forgetEndpoints(List<Endpoint> known) {
        Set<Endpoint> old = Collections.newSetFromMap(new IdentityHashMap<>());
        old.addAll(known);
        for (Endpoint endpoint : List.copyOf(context.getEndpoints())) {
            if (!old.contains(endpoint)) {
                try {
                    context.removeEndpoint(endpoint);
                } catch (Exception e) {
                    throw new IllegalStateException("Cannot remove " + endpoint, e);
                }
            }
        }
    }

    /** Stops and removes what a piece became. */
    void unload(Piece piece) {
        Set<String> ids = routeIds.remove(piece.name());
        if (ids != null) {
            ids.forEach(this::remove);
        }
        piece.definition().ifPresent(this::undefine);
    }

    private Set<String> ids() {
        Set<String> ids = new LinkedHashSet<>();
        model.getRouteDefinitions().forEach(route -> ids.add(route.getId()));
        return ids;
    }

    private Set<String> added(Set<String> before) {
        Set<String> now = ids();
        now.removeAll(before);
        return now;
    }

    private void fromTemplate(RouteSpec route) throws Exception {
        model.addRouteFromTemplate(
                route.id(),
                route.template(),
                route.id() + "/",
                route.stream(),
                new HashMap<>(route.parameters()));
    }

    private void define(Definition definition) throws Exception {
        PluginHelper.getRoutesLoader(context).loadRoutes(resource(definition));
    }

    private void undefine(Definition definition) {
        try {
            switch (definition.kind()) {
                case TEMPLATE -> model.removeRouteTemplateDefinitions(definition.id());
                case CONFIGURATION -> {
                    RouteConfigurationDefinition known =
                            model.getRouteConfigurationDefinition(definition.id());
                    if (known != null) {
                        model.removeRouteConfiguration(known);
                    }
                }
                case REST -> {
                    List<RestDefinition> rests = model.getRestDefinitions();
                    rests.removeIf(rest -> definition.id().equals(rest.getId()));
                }
                case BEANS ->
                        RouteFiles.names(definition.body()).forEach(context.getRegistry()::unbind);
                case REST_CONFIGURATION, TEMPLATED, ROUTE -> {}
            }
        } catch (Exception e) {
            throw new IllegalStateException("Cannot remove " + definition.name(), e);
        }
    }

    private void remove(String id) {
        try {
            Route route = context.getRoute(id);
            if (route != null) {
                context.getRouteController().stopRoute(id, STOP_SECONDS, TimeUnit.SECONDS);
                context.removeRoute(id);
            }
            RouteDefinition left = model.getRouteDefinition(id);
            if (left != null) {
                model.removeRouteDefinition(left);
            }
        } catch (Exception e) {
            throw new IllegalStateException("Cannot stop route " + id, e);
        }
    }

    private static Resource resource(Definition definition) {
        return ResourceHelper.fromString("file:" + definition.file(), definition.text());
    }

    /**
     * Tries a definition beside what runs, without starting anything: its YAML must parse, and a
     * route or a template with real parameters must become a route.
     */
    void tryOut(Definition definition, Map<String, String> parameters) throws Exception {
        switch (definition.kind()) {
            case TEMPLATE -> tryTemplate(definition, parameters);
            case ROUTE -> tryRoute(definition);
            case REST_CONFIGURATION, BEANS, CONFIGURATION, REST, TEMPLATED -> parse(definition);
        }
    }

    private void parse(Definition definition) throws Exception {
        if (definition.kind() == Definition.Kind.BEANS) {
            return; // parsing would bind them already
        }
        for (var builder :
                PluginHelper.getRoutesLoader(context).findRoutesBuilders(resource(definition))) {
            if (builder instanceof RouteBuilder routes) {
                routes.setCamelContext(context);
                routes.configure();
            }
        }
    }

    private void tryTemplate(Definition definition, Map<String, String> parameters)
            throws Exception {
        parse(definition);
        if (parameters.isEmpty()) {
            return;
        }
        ObjectNode tree = definition.tree().deepCopy();
        ObjectNode body = (ObjectNode) tree.get("routeTemplate");
        body.put("id", TRIAL);
        if (body.has("from")) {
            JsonNode from = body.remove("from");
            body.putObject("route").set("from", from);
        }
        if (body.get("route") instanceof ObjectNode route) {
            route.put("autoStartup", "false");
        }
        List<Endpoint> known = List.copyOf(context.getEndpoints());
        try {
            loadText(definition, tree);
            model.addRouteFromTemplate(TRIAL, TRIAL, TRIAL + "/", null, new HashMap<>(parameters));
        } catch (Exception e) {
            throwUnlessMissingComponent(e);
        } finally {
            remove(TRIAL);
            model.removeRouteTemplateDefinitions(TRIAL);
            forgetEndpoints(known);
        }
    }

    private void tryRoute(Definition definition) throws Exception {
        parse(definition);
        ObjectNode tree = definition.tree().deepCopy();
        ObjectNode body = (ObjectNode) tree.get("route");
        body.put("id", TRIAL);
        body.put("nodePrefixId", TRIAL + "/");
        body.put("autoStartup", "false");
        List<Endpoint> known = List.copyOf(context.getEndpoints());
        try {
            loadText(definition, tree);
        } finally {
            remove(TRIAL);
            forgetEndpoints(known);
        }
    }

    private void loadText(Definition definition, ObjectNode tree) throws Exception {
        String text = "[" + tree + "]";
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.fromString("file:" + definition.file(), text));
    }

    /** A component that is not there is the stream's trouble, not the template's. */
    private static void throwUnlessMissingComponent(Exception e) throws Exception {
        if (missingScheme(e) == null) {
            throw e;
        }
    }

    /** Says in one line why a piece did not load, without what may be secret in its URI. */
    static String explain(Throwable failure) {
        String scheme = missingScheme(failure);
        if (scheme != null) {
            return "there is no component for '" + scheme + ":' in this build";
        }
        Throwable root = failure;
        for (Throwable cause : ObjectHelper.createExceptionIterable(failure)) {
            root = cause;
        }
        String message = root.getMessage();
        String text = message == null ? root.getClass().getSimpleName() : message;
        String line = RAW.matcher(text.replaceAll("\\s+", " ")).replaceAll("RAW(***)");
        return line.length() > MAX_MESSAGE ? line.substring(0, MAX_MESSAGE) + "…" : line;
    }

    private static final java.util.regex.Pattern RAW =
            java.util.regex.Pattern.compile("RAW\\(.*?\\)(?=[&\\s?]|$)|RAW\\{.*?}(?=[&\\s?]|$)");

    private static final int MAX_MESSAGE = 500;

    private static String missingScheme(Throwable failure) {
        for (Throwable at : ObjectHelper.createExceptionIterable(failure)) {
            String uri =
                    switch (at) {
                        case NoSuchEndpointException e -> e.getUri();
                        case ResolveEndpointFailedException e
                                when String.valueOf(e.getMessage())
                                        .contains("No component found with scheme") ->
                                e.getUri();
                        default -> null;
                    };
            if (uri != null && uri.indexOf(':') > 0) {
                return uri.substring(0, uri.indexOf(':'));
            }
        }
        return null;
    }
}
