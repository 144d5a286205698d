package io.wadi.app;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wadi.http.MediaHttp;
import io.wadi.http.MediaRoutes;
import io.wadi.http.TrustedProxies;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.CompletionException;

/** What the server itself answers over HTTP: the page, health and metrics. */
final class Front {
    private static final Logger LOG = LoggerFactory.getLogger(Front.class);
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final WadiProperties properties;
    private final HttpListener listener;
    private final PrometheusMeterRegistry registry;
    private final List<ReadinessCheck> checks;
    private volatile MediaHttp media;
    private volatile boolean announced;

    Front(
            WadiProperties properties,
            HttpListener listener,
            PrometheusMeterRegistry registry,
            List<ReadinessCheck> checks) {
        this.properties = properties;
        this.listener = listener;
        this.registry = registry;
        this.checks = List.copyOf(checks);
    }

    /** Opens the port and mounts what is served whatever the routes are. */
    void open(CamelContext context) {
        media =
                new MediaHttp(
                        MediaRoutes.of(context),
                        TrustedProxies.of(properties.http().trustedProxies()));
        listener.answerFirst(media);
        try {
            context.addService(listener, true, true);
            // The context itself would start it only after the routes.
            listener.start();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("The HTTP listener did not start", e);
        }
        Router router = listener.router();
        new StaticFiles().mount(router);
        router.route(HttpMethod.GET, "/healthz").handler(Front::health);
        router.route(HttpMethod.HEAD, "/healthz").handler(Front::health);
        router.route(HttpMethod.GET, "/readyz").handler(this::ready);
        router.route(HttpMethod.GET, properties.metrics().path()).handler(this::metrics);
        MediaHttp.refuseHostile(router);
        if (!properties.metrics().addr().isEmpty()) {
            openMetricsPort();
        }
    }

    /** Believes the X-Forwarded-For of these from now on. */
    void trust(TrustedProxies proxies) {
        media.setProxies(proxies);
    }

    private void openMetricsPort() {
        String key = "wadi.metrics.addr";
        ListenAddress address = ListenAddress.parse(key, properties.metrics().addr());
        Router router = Router.router(listener.getVertx());
        router.get(properties.metrics().path()).handler(this::metrics);
        try {
            var server =
                    listener.getVertx()
                            .createHttpServer(new HttpServerOptions().setIdleTimeout(60))
                            .requestHandler(router)
                            .listen(address.port(), address.host())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .join();
            LOG.info("metrics: listening on {}:{}", address.host(), server.actualPort());
        } catch (CompletionException e) {
            throw new ConfigException(
                    key,
                    "cannot listen on "
                            + properties.metrics().addr()
                            + " ("
                            + e.getCause().getMessage()
                            + "), expected a free port");
        }
    }

    Router router() {
        return listener.router();
    }

    /** Whether the start is over. */
    boolean isAnnounced() {
        return announced;
    }

    /** The last line of the start. */
    void announce() {
        announced = true;
        LOG.info("Wadi is ready: http://localhost:{}/", listener.getPort());
    }

    private static void health(RoutingContext request) {
        plain(request, 200, "ok");
    }

    private void ready(RoutingContext request) {
        JsonArray failed = new JsonArray();
        for (ReadinessCheck check : checks) {
            check.problem()
                    .ifPresent(
                            why ->
                                    failed.add(
                                            new JsonObject()
                                                    .put("check", check.name())
                                                    .put("reason", why)));
        }
        if (failed.isEmpty()) {
            plain(request, 200, "ok");
        } else {
            request.response()
                    .setStatusCode(503)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .end(new JsonObject().put("failed", failed).encode());
        }
    }

    /** Collecting walks every meter, so it is done off the event loop. */
    private void metrics(RoutingContext request) {
        request.vertx()
                .executeBlocking(() -> registry.scrape(), false)
                .onSuccess(
                        text ->
                                request.response()
                                        .putHeader(HttpHeaders.CONTENT_TYPE, PROMETHEUS_TEXT)
                                        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                                        .end(text))
                .onFailure(request::fail);
    }

    private static void plain(RoutingContext request, int status, String text) {
        request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .end(text);
    }
}
