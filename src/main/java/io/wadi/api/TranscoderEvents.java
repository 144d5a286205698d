package io.wadi.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.wadi.stream.SpecJson;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * {@code GET /streams/{code}/transcoder/events}: how the encoders of a stream are doing, as
 * server-sent events (WHATWG HTML §9.2), once a second when something has changed.
 *
 * <p>The state is what counts, not each event: a client whose connection is full gets the newest
 * state when it is not full any more, and is let go when it stays full. No client waits for
 * another.
 */
public final class TranscoderEvents implements AutoCloseable {
    /** People with a page open; each costs a connection and a write a second. */
    static final int MAX_CLIENTS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(TranscoderEvents.class);

    private static final String PATH = "/streams/:code/transcoder/events";
    private static final long PERIOD_MS = 1000;

    /** In periods: less than what proxies and the server itself take for a dead connection. */
    private static final int HEARTBEAT = 15;

    /** In periods: who has not taken anything for so long does not read. */
    private static final int STUCK = 30;

    private static final String BEAT = ": still here\n\n";

    /** Browsers come back after this when the server was restarted. */
    private static final String HELLO = "retry: 2000\n\n";

    /** The stream's document is gone. */
    private static final String END = "event: end\ndata: {}\n\n";

    private final RuntimeView runtime;
    private final Predicate<String> exists;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("transcoder-events").factory());

    /**
     * @param exists whether there is a stream with that code; may look into a store
     */
    public TranscoderEvents(RuntimeView runtime, Predicate<String> exists) {
        this.runtime = runtime;
        this.exists = exists;
        clock.scheduleAtFixedRate(this::tell, PERIOD_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
    }

    /** Installs the handler on the server's router, after {@link ApiHttp#install}. */
    public void install(Router router) {
        router.get(PATH).handler(this::open);
    }

    private void open(RoutingContext context) {
        String code = context.pathParam("code");
        // A store may be a database: not on the event loop.
        context.vertx()
                .executeBlocking(() -> exists.test(code) ? event(code) : "", false)
                .onSuccess(first -> open(context, code, first))
                .onFailure(context::fail);
    }

    private void open(RoutingContext context, String code, String first) {
        if (first.isEmpty()) {
            refuse(context, 404, "NOT_FOUND", "there is no stream '" + code + "'");
        } else if (clients.size() >= MAX_CLIENTS) {
            refuse(
                    context,
                    503,
                    "TOO_MANY_CLIENTS",
                    MAX_CLIENTS + " clients follow transcoders already; ask /streams/{code}");
        } else if (!context.response().closed()) {
            HttpServerResponse out = context.response();
            out.putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
            out.putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
            out.putHeader("X-Accel-Buffering", "no"); // nginx would collect events
            out.setChunked(true);
            Client client = new Client(code, out, context.vertx().getOrCreateContext());
            clients.add(client);
            out.closeHandler(_ -> clients.remove(client));
            out.exceptionHandler(_ -> clients.remove(client));
            out.write(HELLO);
            client.take(first);
            if (out.closed()) {
                clients.remove(client); // before there was a handler
            }
        }
    }

    private static void refuse(RoutingContext context, int status, String code, String message) {
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(
                        new String(
                                Reply.error(status, code, message).bytes(),
                                StandardCharsets.UTF_8));
    }

    /** Who listens now. */
    int clientCount() {
        return clients.size();
    }

    private void tell() {
        try {
            Map<String, String> events = new HashMap<>();
            for (Client client : clients) {
                String event = events.computeIfAbsent(client.code, this::eventOrEnd);
                client.loop.runOnContext(_ -> client.take(event));
            }
        } catch (RuntimeException e) {
            LOG.warn("The progress of transcoders could not be told", e);
        }
    }

    private String eventOrEnd(String code) {
        return exists.test(code) ? event(code) : END;
    }

    private String event(String code) {
        StreamRuntime state = runtime.of(code).orElse(StreamRuntime.UNKNOWN);
        ObjectNode data = SpecJson.mapper().createObjectNode();
        data.put("code", code);
        data.set("profiles", SpecJson.mapper().valueToTree(state.transcoder().profiles()));
        try {
            // One line, as the framing wants it.
            return "event: progress\ndata: " + SpecJson.mapper().writeValueAsString(data) + "\n\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree is always JSON", e);
        }
    }

    /** One connection; all but the constructor on its event loop. */
    private static final class Client {
        private final String code;
        private final HttpServerResponse out;
        private final Context loop;
        private String last = "";
        private int quiet;
        private int stuck;

        Client(String code, HttpServerResponse out, Context loop) {
            this.code = code;
            this.out = out;
            this.loop = loop;
        }

        void take(String event) {
            if (out.closed() || out.ended()) {
                return;
            }
            if (out.writeQueueFull()) {
                stuck++;
                if (stuck > STUCK) {
                    out.reset();
                }
                return;
            }
            stuck = 0;
            quiet++;
            if (!event.equals(last)) {
                last = event;
                quiet = 0;
                out.write(event);
            } else if (quiet >= HEARTBEAT) {
                quiet = 0;
                out.write(BEAT);
            }
            if (event.equals(END)) {
                out.end();
            }
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
