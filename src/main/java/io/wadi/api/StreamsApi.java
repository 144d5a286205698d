package io.wadi.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.store.StoreException;
import io.wadi.store.StreamStore;
import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.ReconcileStatus;
import io.wadi.stream.ReconcileStatus.RouteState;
import io.wadi.stream.Reconciler;
import io.wadi.stream.SpecJson;
import io.wadi.stream.SpecProblem;
import io.wadi.stream.StreamCode;
import io.wadi.stream.StreamPlan;
import io.wadi.stream.StreamSpec;
import io.wadi.stream.StreamSpec.Status;

import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * {@code /streams}: the bean {@code streamsApi} of {@code routes/api.yaml}. Writes documents to the
 * store and lets the reconciler make them true; starts and stops nothing itself.
 */
public final class StreamsApi {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsApi.class);

    /** Keys that answers carry and that a document sent back may still have. */
    private static final List<String> OUTPUT_ONLY =
            List.of("runtime", "status", "created_at", "updated_at");

    private final StreamStore store;
    private final Reconciler reconciler;
    private final RuntimeView runtime;
    private final Clock clock;

    private final SpecCheck check;

    private final LongAdder rejected = new LongAdder();

    /** One document is read, changed and written at a time. */
    private final Object writing = new Object();

    public StreamsApi(StreamStore store, Reconciler reconciler, RuntimeView runtime, Clock clock) {
        this(store, reconciler, runtime, SpecCheck.NONE, clock);
    }

    /**
     * @param check what a document is held against besides the rules for all documents
     */
    public StreamsApi(
            StreamStore store,
            Reconciler reconciler,
            RuntimeView runtime,
            SpecCheck check,
            Clock clock) {
        this.check = check;
        this.store = store;
        this.reconciler = reconciler;
        this.runtime = runtime;
        this.clock = clock;
    }

    /** Documents that were refused. */
    public long rejected() {
        return rejected.sum();
    }

    /** GET /streams. */
    public void list(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    Optional<Status> wanted = wantedStatus(request);
                    return Reply.list(
                            store.list().stream()
                                    .filter(s -> wanted.isEmpty() || wanted.get() == status(s))
                                    .map(this::withRuntime)
                                    .toList());
                });
    }

    /** GET /streams/{code}. */
    public void get(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    StreamSpec spec = existing(request.code());
                    return Etag.isKnown(request, spec)
                            ? Reply.empty(304).tagged(Etag.of(spec))
                            : Reply.data(200, withRuntime(spec)).tagged(Etag.of(spec));
                });
    }

    /** PUT /streams/{code}: creates, or keeps absent keys, or replaces with mode=replace. */
    public void put(Exchange exchange) {
        answer(exchange, request -> write(request, "api", asked(request, false)));
    }

    /** POST /streams/{code}: creates, or merges key by key. */
    public void merge(Exchange exchange) {
        answer(exchange, request -> write(request, "api", asked(request, true)));
    }

    /** POST /streams/{code}/plan: what PUT with this body would do. */
    public void plan(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    String code = request.code();
                    Optional<StreamSpec> old = store.find(code);
                    Etag.check(request, old);
                    StreamSpec next = stamped(asked(request, false).from(old), old);
                    StreamPlan plan = reconciler.plan(code, Optional.of(next));
                    return Reply.data(200, PlanJson.of(code, plan, runtime.viewers(code)));
                });
    }

    /** Makes a document the stream's, whatever it was. */
    Reply replace(Request request, ObjectNode document, String author) throws ApiException {
        return write(request, author, _ -> bind(request.code(), document));
    }

    /**
     * A document with its own status, as a stream file has it.
     *
     * @throws InvalidSpecException saying all that is wrong
     */
    StreamSpec checked(String code, ObjectNode document) throws InvalidSpecException {
        StreamSpec spec = SpecJson.bind(code, document);
        List<SpecProblem> problems = new ArrayList<>(check.check(spec));
        StreamCode.problemOf(code).ifPresent(problems::add);
        if (!problems.isEmpty()) {
            throw new InvalidSpecException(problems);
        }
        return spec;
    }

    /** Makes these all the streams there are: stores what differs, deletes what is not there. */
    ObjectNode replaceAll(Map<String, StreamSpec> wanted) throws ApiException {
        ObjectNode done = SpecJson.mapper().createObjectNode();
        ArrayNode saved = done.putArray("saved");
        ArrayNode deleted = done.putArray("deleted");
        synchronized (writing) {
            for (StreamSpec next : wanted.values()) {
                Optional<StreamSpec> old = store.find(next.code());
                Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
                Instant created = old.flatMap(StreamSpec::createdAt).orElse(now);
                Instant updated = old.flatMap(StreamSpec::updatedAt).orElse(now);
                if (!old.equals(Optional.of(next.withTimes(created, updated)))) {
                    save(next.withTimes(created, now), "api", "SAVE_FAILED");
                    saved.add(next.code());
                }
            }
            for (StreamSpec old : store.list()) {
                if (!wanted.containsKey(old.code())) {
                    remove(old.code());
                    deleted.add(old.code());
                }
            }
        }
        return done;
    }

    private void remove(String code) throws ApiException {
        try {
            reconciler.<StoreException>change(code, () -> store.delete(code));
        } catch (StoreException e) {
            LOG.warn("Stream {} was not deleted", code, e);
            throw new ApiException(500, "DELETE_FAILED", e.getMessage());
        }
    }

    /** What a request makes of the stored document. */
    @FunctionalInterface
    private interface Asked {
        StreamSpec from(Optional<StreamSpec> old) throws ApiException;
    }

    private Asked asked(Request request, boolean deep) throws ApiException {
        Optional<String> mode = request.query("mode");
        if (!deep && mode.isPresent() && !List.of("replace", "merge").contains(mode.get())) {
            throw invalidQuery("mode", mode.get(), "replace or merge");
        }
        boolean replace = !deep && mode.isPresent() && mode.get().equals("replace");
        return old -> {
            try {
                return asked(request, old, deep, replace);
            } catch (ApiException e) {
                rejected.increment();
                throw e;
            }
        };
    }

    private Reply write(Request request, String author, Asked asked) throws ApiException {
        synchronized (writing) {
            String code = request.code();
            Optional<StreamSpec> old = store.find(code);
            Etag.check(request, old);
            StreamSpec next = stamped(asked.from(old), old);
            Map<String, Long> viewers = runtime.viewers(code);
            StreamPlan done = save(next, author, old.isEmpty() ? "SAVE_FAILED" : "UPDATE_FAILED");
            return Reply.data(old.isEmpty() ? 201 : 200, document(next))
                    .with("plan", PlanJson.of(code, done, viewers))
                    .tagged(Etag.of(next));
        }
    }

    /** With what the server keeps itself: nobody sets times, and a status only start and stop. */
    private StreamSpec stamped(StreamSpec next, Optional<StreamSpec> old) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        StreamSpec stamped = next.withTimes(old.flatMap(StreamSpec::createdAt).orElse(now), now);
        if (old.isEmpty()) {
            return stamped.withStatus(Status.IDLE);
        }
        return old.get().status().map(stamped::withStatus).orElse(stamped);
    }

    /** The document that a request makes of the stored one. */
    private StreamSpec asked(
            Request request, Optional<StreamSpec> old, boolean deep, boolean replace)
            throws ApiException {
        String code = validCode(request.code());
        ObjectNode change = body(request);
        change.remove(OUTPUT_ONLY);
        return bind(code, document(old, change, deep, replace));
    }

    private static ObjectNode document(
            Optional<StreamSpec> old, ObjectNode change, boolean deep, boolean replace) {
        if (old.isEmpty() || replace) {
            return change;
        }
        ObjectNode stored = SpecJson.tree(old.get());
        return deep ? SpecJson.mergeDeep(stored, change) : SpecJson.mergeTopLevel(stored, change);
    }

    /** DELETE /streams/{code}: also for one that does not exist. */
    public void delete(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    synchronized (writing) {
                        String code = request.code();
                        Etag.check(request, store.find(code));
                        remove(code);
                        return Reply.noContent();
                    }
                });
    }

    /** POST /streams/{code}/start. */
    public void start(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    synchronized (writing) {
                        StreamSpec spec = enabled(request.code());
                        save(spec.withStatus(Status.ACTIVE), "api", "SAVE_FAILED");
                        checkStarted(spec.code(), reconciler.status());
                        return Reply.status("started");
                    }
                });
    }

    /** POST /streams/{code}/restart. */
    public void restart(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    synchronized (writing) {
                        StreamSpec spec = enabled(request.code());
                        save(spec.withStatus(Status.ACTIVE), "api", "SAVE_FAILED");
                        checkStarted(spec.code(), reconciler.restart(spec.code()));
                        return Reply.status("started");
                    }
                });
    }

    /** POST /streams/{code}/stop. */
    public void stop(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    synchronized (writing) {
                        StreamSpec spec = existing(request.code());
                        save(spec.withStatus(Status.STOPPED), "api", "SAVE_FAILED");
                        return Reply.status("stopped");
                    }
                });
    }

    /** GET /streams/{code}/status. */
    public void status(Exchange exchange) {
        answer(
                exchange,
                request -> {
                    StreamSpec spec = existing(request.code());
                    ObjectNode data = SpecJson.mapper().createObjectNode();
                    data.set("stream", document(spec));
                    data.put("pipeline_active", isActive(spec));
                    data.set("runtime", runtimeOf(spec));
                    return Reply.data(200, data);
                });
    }

    private StreamSpec existing(String code) throws ApiException {
        return store.find(code).orElseThrow(() -> ApiException.notFound(code));
    }

    private StreamSpec enabled(String code) throws ApiException {
        StreamSpec spec = existing(code);
        if (spec.disabled()) {
            throw new ApiException(
                    400, "STREAM_DISABLED", "stream '" + code + "' has disabled: true");
        }
        return spec;
    }

    private static void checkStarted(String code, ReconcileStatus status) throws ApiException {
        Map<String, RouteState> routes = status.routesOf(code);
        if (!routes.isEmpty() && !status.isActive(code)) {
            RouteState first = routes.values().iterator().next();
            throw new ApiException(
                    500, "START_FAILED", "no route of '" + code + "' started: " + first.error());
        }
    }

    /** Stores a document and makes it true; returns what that did. */
    private StreamPlan save(StreamSpec spec, String author, String failure) throws ApiException {
        try {
            return reconciler.<StoreException>change(spec.code(), () -> store.save(spec, author));
        } catch (StoreException e) {
            LOG.warn("Stream {} was not stored", spec.code(), e);
            throw new ApiException(500, failure, e.getMessage());
        }
    }

    private static String validCode(String code) throws ApiException {
        Optional<SpecProblem> problem = StreamCode.problemOf(code);
        if (problem.isPresent()) {
            throw ApiException.of(new InvalidSpecException(List.of(problem.get())));
        }
        return code;
    }

    private static ObjectNode body(Request request) throws ApiException {
        try {
            return SpecJson.parseObject(request.body());
        } catch (InvalidSpecException e) {
            throw ApiException.of(e);
        }
    }

    private StreamSpec bind(String code, ObjectNode document) throws ApiException {
        try {
            return checked(code, document);
        } catch (InvalidSpecException e) {
            throw ApiException.of(e);
        }
    }

    private static Optional<Status> wantedStatus(Request request) throws ApiException {
        Optional<String> wanted = request.query("status");
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        Optional<Status> status =
                Arrays.stream(Status.values())
                        .filter(value -> name(value).equals(wanted.get()))
                        .findFirst();
        if (status.isEmpty()) {
            throw invalidQuery("status", wanted.get(), "idle, active, degraded or stopped");
        }
        return status;
    }

    private static ApiException invalidQuery(String name, String got, String expected) {
        String shown = got.length() > 40 ? got.substring(0, 40) + "…" : got;
        return new ApiException(
                400, "INVALID_QUERY", name + ": got '" + shown + "', expected " + expected);
    }

    /** What the stream does, which may be less than what its document asks for. */
    private Status status(StreamSpec spec) {
        if (!spec.shouldRun()) {
            Status stored = spec.status().orElse(Status.ACTIVE);
            return stored == Status.IDLE ? Status.IDLE : Status.STOPPED;
        }
        ReconcileStatus now = reconciler.status();
        boolean allRun =
                now.routesOf(spec.code()).values().stream()
                        .allMatch(route -> route.state() == ReconcileStatus.State.RUNNING);
        boolean exhausted = runtime.of(spec.code()).map(StreamRuntime::exhausted).orElse(false);
        return allRun && !exhausted ? Status.ACTIVE : Status.DEGRADED;
    }

    private boolean isActive(StreamSpec spec) {
        return spec.shouldRun() && reconciler.status().isActive(spec.code());
    }

    private ObjectNode document(StreamSpec spec) {
        ObjectNode tree = SpecJson.tree(spec);
        tree.put("status", name(status(spec)));
        return tree;
    }

    private ObjectNode withRuntime(StreamSpec spec) {
        ObjectNode tree = document(spec);
        tree.set("runtime", runtimeOf(spec));
        return tree;
    }

    private ObjectNode runtimeOf(StreamSpec spec) {
        ObjectNode tree = SpecJson.mapper().createObjectNode();
        tree.put("status", name(status(spec)));
        tree.put("pipeline_active", isActive(spec));
        StreamRuntime known = runtime.of(spec.code()).orElse(StreamRuntime.UNKNOWN);
        ObjectNode values = SpecJson.mapper().valueToTree(known);
        tree.setAll(values);
        ObjectNode routes = tree.putObject("routes");
        reconciler
                .status()
                .routesOf(spec.code())
                .forEach(
                        (id, route) -> {
                            ObjectNode state =
                                    routes.putObject(id).put("state", lower(route.state().name()));
                            if (!route.error().isEmpty()) {
                                state.put("error", route.error()).put("attempts", route.attempts());
                            }
                        });
        return tree;
    }

    private static String name(Status status) {
        return lower(status.name());
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static void answer(Exchange exchange, Request.Handler handler) {
        Request.answer(exchange, handler);
    }
}
