package io.wadi.stream;

import io.wadi.event.EventBus;
import io.wadi.stream.ReconcileStatus.Change;
import io.wadi.stream.ReconcileStatus.RouteState;
import io.wadi.stream.ReconcileStatus.State;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Makes what runs equal to what should run. The only code that starts or stops the parts of a
 * stream: boot, the API, an edited file and a disabled stream all come through here. What is equal
 * is not touched; a mistake changes nothing that runs. One thread owns all state; others ask for a
 * pass and may wait for it.
 */
public final class Reconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    /** Files of the class path's routes folder that work without a folder on disk. */
    public static final List<String> BUILT_IN = List.of("api.yaml", "media.yaml");

    /** Two polls settle an edit, so that it is live well within two seconds. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);

    /** Why a piece does not run in the form that it should have. */
    private record Failure(Piece wanted, String error, int attempts, Instant retryAt) {}

    private final CamelContext context;
    private final StreamSource streams;
    private final Settings settings;
    private final EventBus events;
    private final Clock clock;
    private final RouteFiles files;
    private final CamelRoutes camel;
    private final StreamRegistry registry;
    private final InputSupervisor inputs;
    private final ScheduledExecutorService owner =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().name("wadi-reconciler").daemon().unstarted(task));

    /** What is loaded, by name. */
    private final Map<String, Piece> applied = new HashMap<>();

    private final Map<String, Failure> failures = new HashMap<>();

    /** Definitions that passed their trial, by name: the ones that count. */
    private final Map<String, Definition> accepted = new LinkedHashMap<>();

    private volatile boolean inputsChanged;
    private Map<String, String> refused = new HashMap<>();
    private long lastFiles;
    private long lastVersion;
    private Map<String, StreamSpec> known;
    private List<FileProblem> reported = List.of();
    private volatile ReconcileStatus status =
            new ReconcileStatus(Instant.EPOCH, 0, 0, List.of(), new TreeMap<>(), Change.NONE);

    /** With the built-in route files and the system's clock. */
    public Reconciler(
            CamelContext context, StreamSource streams, Path routesFolder, Settings settings) {
        this(context, streams, routesFolder, settings, BUILT_IN, Clock.systemUTC());
    }

    /**
     * @param routesFolder may be absent
     * @param builtIn names of files under {@code routes/} on the class path
     */
    public Reconciler(
            CamelContext context,
            StreamSource streams,
            Path routesFolder,
            Settings settings,
            List<String> builtIn,
            Clock clock) {
        this.context = context;
        this.streams = streams;
        this.settings = settings;
        this.events = EventBus.of(context);
        this.clock = clock;
        this.files = new RouteFiles(routesFolder, builtIn);
        this.camel = new CamelRoutes(context);
        this.registry = StreamRegistry.of(context);
        this.inputs = InputSupervisor.of(context);
        inputs.onPlanChange(this::passForInputs);
    }

    /** An input that stood by is needed now, or one is not needed any more. */
    private void passForInputs() {
        inputsChanged = true;
        if (!owner.isShutdown()) {
            owner.execute(this::pass);
        }
    }

    /** Makes the first pass and then watches. The context must be started. */
    public ReconcileStatus start() {
        ReconcileStatus first = reconcile();
        owner.scheduleWithFixedDelay(
                this::pass, POLL.toMillis(), POLL.toMillis(), TimeUnit.MILLISECONDS);
        return first;
    }

    /** Makes a pass and waits for it. */
    public ReconcileStatus reconcile() {
        return submit().join();
    }

    /** Asks for a pass. */
    public CompletableFuture<ReconcileStatus> submit() {
        return CompletableFuture.supplyAsync(this::pass, owner);
    }

    /** Stops and starts all routes of one stream. */
    public ReconcileStatus restart(String code) {
        Future<ReconcileStatus> done =
                owner.submit(
                        () -> {
                            for (Piece piece : List.copyOf(applied.values())) {
                                if (piece.stream().equals(code)) {
                                    unload(piece);
                                }
                            }
                            failures.values().removeIf(f -> f.wanted().stream().equals(code));
                            return pass();
                        });
        try {
            return done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return status;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("Restart of " + code + " failed", e.getCause());
        }
    }

    /** What the last pass found. */
    public ReconcileStatus status() {
        return status;
    }

    /** Stops watching. Routes are stopped with their context. */
    @Override
    public void close() {
        inputs.close();
        owner.shutdownNow();
    }

    private ReconcileStatus pass() {
        try {
            StreamSource.Snapshot snapshot = streams.snapshot();
            RouteFiles.Snapshot routes = files.poll();
            boolean same =
                    routes.version() == lastFiles
                            && known != null
                            && snapshot.version() == lastVersion
                            && !inputsChanged;
            if (!same || isDue() || !applied.values().stream().allMatch(camel::isLoaded)) {
                run(snapshot, routes);
            }
        } catch (RuntimeException e) {
            LOG.error("Reconciling failed; what runs goes on, the next pass tries again", e);
        }
        return status;
    }

    private boolean isDue() {
        Instant now = clock.instant();
        return failures.values().stream().anyMatch(f -> !f.retryAt().isAfter(now));
    }

    private void run(StreamSource.Snapshot snapshot, RouteFiles.Snapshot routes) {
        inputsChanged = false;
        inputs.follow(snapshot.streams(), settings);
        List<FileProblem> problems = new ArrayList<>(snapshot.problems());
        problems.addAll(routes.problems());
        Map<String, RouteSpec> wanted = topology(snapshot.streams(), problems);
        accept(routes.definitions(), wanted, problems);
        Map<String, Piece> desired = desired(wanted);

        forgetExternallyRemoved();
        Change change = apply(desired);
        inputs.look();
        registry.replace(snapshot.streams());
        announce(snapshot.streams());
        lastFiles = routes.version();
        lastVersion = snapshot.version();
        long rejected = report(problems);
        status =
                new ReconcileStatus(
                        clock.instant(),
                        status.passes() + 1,
                        status.rejected() + rejected,
                        List.copyOf(problems),
                        states(desired),
                        change.isEmpty() ? status.last() : change);
    }

    private Map<String, RouteSpec> topology(
            Map<String, StreamSpec> specs, List<FileProblem> problems) {
        Map<String, RouteSpec> wanted = new LinkedHashMap<>();
        specs.forEach(
                (code, spec) -> {
                    try {
                        Topology.of(spec, settings, input -> inputs.connects(code, input))
                                .forEach(route -> wanted.put(route.id(), route));
                    } catch (RuntimeException e) {
                        LOG.error(
                                "Stream {} has no topology; its routes stay as they are", code, e);
                        problems.add(new FileProblem(code, 0, 0, "", String.valueOf(e)));
                        applied.values().stream()
                                .filter(piece -> piece.stream().equals(code))
                                .flatMap(piece -> piece.route().stream())
                                .forEach(route -> wanted.put(route.id(), route));
                    }
                });
        return wanted;
    }

    /** Tries new and changed definitions out; one that fails stays as it was. */
    private void accept(
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

    private Map<String, Piece> desired(Map<String, RouteSpec> wanted) {
        Map<String, Piece> desired = new LinkedHashMap<>();
        Fingerprints fingerprints = new Fingerprints(context, List.copyOf(accepted.values()));
        for (Definition definition : accepted.values()) {
            desired.put(
                    definition.name(),
                    new Piece(
                            definition.name(),
                            "",
                            fingerprints.of(definition),
                            Optional.of(definition),
                            Optional.empty()));
        }
        wanted.forEach(
                (id, route) -> {
                    Definition template = accepted.get("routeTemplate " + route.template());
                    String fingerprint =
                            template == null ? "no template" : fingerprints.of(route, template);
                    desired.put(
                            id,
                            new Piece(
                                    id,
                                    route.stream(),
                                    fingerprint,
                                    Optional.empty(),
                                    Optional.of(route)));
                });
        return desired;
    }

    /** Routes that somebody stopped and removed behind our back are loaded again. */
    private void forgetExternallyRemoved() {
        for (Piece piece : List.copyOf(applied.values())) {
            if (!camel.isLoaded(piece)) {
                unload(piece);
            }
        }
    }

    private Change apply(Map<String, Piece> desired) {
        Instant now = clock.instant();
        failures.values().removeIf(f -> !f.wanted().sameAs(desired.get(f.wanted().name())));
        List<Piece> gone =
                applied.values().stream()
                        .filter(piece -> !desired.containsKey(piece.name()))
                        .sorted(Comparator.comparingInt(Piece::order).reversed())
                        .toList();
        List<Piece> changed =
                desired.values().stream()
                        .filter(piece -> !piece.sameAs(applied.get(piece.name())))
                        .filter(piece -> mayTry(piece, now))
                        .sorted(Comparator.comparingInt(Piece::order))
                        .toList();
        List<String> stopped = new ArrayList<>();
        for (Piece piece : gone) {
            unload(piece);
            stopped.add(piece.name());
        }
        List<String> started = new ArrayList<>();
        List<String> restarted = new ArrayList<>();
        for (Piece piece : changed) {
            boolean was = applied.containsKey(piece.name());
            if (replace(piece, now)) {
                (was ? restarted : started).add(piece.name());
            }
        }
        return new Change(started, stopped, restarted);
    }

    private boolean mayTry(Piece piece, Instant now) {
        Failure failure = failures.get(piece.name());
        return failure == null || !failure.retryAt().isAfter(now);
    }

    /** Puts a piece in the place of the one before; on failure the one before comes back. */
    private boolean replace(Piece piece, Instant now) {
        Piece before = applied.get(piece.name());
        if (before != null) {
            unload(before);
        }
        try {
            if (piece.route().isPresent() && piece.fingerprint().equals("no template")) {
                throw new IllegalStateException(
                        "there is no template '"
                                + piece.route().get().template()
                                + "' in the routes folder");
            }
            load(piece);
            failures.remove(piece.name());
            return true;
        } catch (Exception e) {
            fail(piece, before, e, now);
            return false;
        }
    }

    private void fail(Piece piece, Piece before, Exception cause, Instant now) {
        String error = CamelRoutes.explain(cause);
        Failure last = failures.get(piece.name());
        int attempts = last == null ? 1 : last.attempts() + 1;
        long millis =
                Math.min(
                        LAST_RETRY.toMillis(),
                        FIRST_RETRY.toMillis() << Math.min(attempts - 1, 10));
        boolean kept = before != null && restore(before);
        // a form that works is not stopped again and again for one that does not
        Instant retryAt = kept ? Instant.MAX : now.plusMillis(millis);
        failures.put(piece.name(), new Failure(piece, error, attempts, retryAt));
        if (attempts == 1 || !Objects.equals(last.error(), error)) {
            LOG.warn(
                    "Route {} did not start: {}; {}",
                    piece.name(),
                    error,
                    kept ? "the one before goes on" : "trying again with growing pauses");
        }
    }

    private boolean restore(Piece before) {
        try {
            load(before);
            return true;
        } catch (Exception e) {
            LOG.warn("Route {} did not come back: {}", before.name(), CamelRoutes.explain(e));
            return false;
        }
    }

    private void load(Piece piece) throws Exception {
        camel.load(piece);
        applied.put(piece.name(), piece);
    }

    private void unload(Piece piece) {
        applied.remove(piece.name());
        camel.unload(piece);
    }

    private SortedMap<String, RouteState> states(Map<String, Piece> desired) {
        SortedMap<String, RouteState> states = new TreeMap<>();
        for (Piece piece : desired.values()) {
            if (!piece.runs()) {
                continue;
            }
            Failure failure = failures.get(piece.name());
            boolean loaded = applied.containsKey(piece.name());
            State state = failure == null ? State.RUNNING : loaded ? State.KEPT : State.FAILED;
            String id = piece.route().map(RouteSpec::id).orElse(piece.name());
            states.put(
                    id,
                    new RouteState(
                            piece.stream(),
                            state,
                            failure == null ? "" : failure.error(),
                            failure == null ? 0 : failure.attempts()));
        }
        return states;
    }

    private void announce(Map<String, StreamSpec> now) {
        boolean boot = known == null;
        Map<String, StreamSpec> before = boot ? Map.of() : known;
        before.forEach(
                (code, spec) -> {
                    StreamSpec next = now.get(code);
                    if (spec.shouldRun() && (next == null || !next.shouldRun())) {
                        publish("stream.stopped", code);
                    }
                    if (next == null) {
                        publish("stream.deleted", code);
                    }
                });
        now.forEach(
                (code, spec) -> {
                    StreamSpec old = before.get(code);
                    if (old == null && !boot) {
                        publish("stream.created", code);
                    }
                    if (spec.shouldRun() && (old == null || !old.shouldRun())) {
                        publish("stream.started", code);
                    }
                });
        known = Map.copyOf(now);
    }

    private void publish(String type, String code) {
        LOG.info("{} {}", type, code);
        events.publish(type, code, Map.of());
    }

    private long report(List<FileProblem> problems) {
        long fresh = 0;
        for (FileProblem problem : problems) {
            if (!reported.contains(problem)) {
                fresh++;
                LOG.warn("Not applied, what runs stays as it was: {}", problem.text());
            }
        }
        reported = List.copyOf(problems);
        return fresh;
    }
}
