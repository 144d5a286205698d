package io.wadi.stream;

import io.wadi.event.EventBus;
import io.wadi.stream.ReconcileStatus.Change;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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

    private final CamelContext context;
    private final StreamSource streams;
    private volatile Settings settings;
    private final EventBus events;
    private final Clock clock;
    private final RouteFiles files;
    private final AcceptedDefinitions definitions;
    private final LoadedPieces loaded;
    private final StreamRegistry registry;
    private final InputSupervisor inputs;
    private final ScheduledExecutorService owner =
            Executors.newSingleThreadScheduledExecutor(
                    task -> Thread.ofPlatform().name("wadi-reconciler").daemon().unstarted(task));

    /** No version of a store. */
    private static final long NEVER = Long.MIN_VALUE;

    private volatile boolean inputsChanged;
    private long lastFiles;
    private long lastVersion = NEVER;
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
        CamelRoutes camel = new CamelRoutes(context);
        this.definitions = new AcceptedDefinitions(camel);
        this.loaded = new LoadedPieces(camel);
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
        return onOwner(
                () -> {
                    loaded.unload(code);
                    return pass();
                });
    }

    /** Stores something, or takes it away. */
    @FunctionalInterface
    public interface Edit<X extends Exception> {
        void run() throws X;
    }

    /**
     * Makes an edit of one stream's document and a pass, and waits for both.
     *
     * @return what that did to the stream
     * @throws X when the edit does; nothing else is done then
     */
    @SuppressWarnings("unchecked") // an edit throws X or what is unchecked
    public <X extends Exception> StreamPlan change(String code, Edit<X> edit) throws X {
        Object done =
                onOwner(
                        () -> {
                            pass(); // what is there already is not this edit's
                            Map<String, Piece> before = loaded.of(code);
                            Optional<StreamSpec> old = registry.stream(code);
                            try {
                                edit.run();
                            } catch (Exception e) {
                                return e;
                            }
                            pass();
                            List<String> keys =
                                    registry.stream(code)
                                            .map(now -> StreamPlan.inPlace(old, now, settings))
                                            .orElse(List.of());
                            return StreamPlan.between(before, loaded.of(code), keys);
                        });
        if (done instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (done instanceof Exception failure) {
            throw (X) failure;
        }
        return (StreamPlan) done;
    }

    /**
     * What a document would do if it were stored now; does nothing.
     *
     * @param next empty when the stream were deleted
     */
    public StreamPlan plan(String code, Optional<StreamSpec> next) {
        return onOwner(
                () -> {
                    pass();
                    Map<String, RouteSpec> wanted = new LinkedHashMap<>();
                    next.ifPresent(
                            spec -> {
                                BitSet connected = inputs.preview(spec, settings);
                                Topology.of(spec, settings, connected::get)
                                        .forEach(route -> wanted.put(route.id(), route));
                            });
                    Map<String, Piece> desired = desired(wanted);
                    Difference difference = loaded.difference(code, desired, clock.instant());
                    List<String> keys =
                            next.map(
                                            spec ->
                                                    StreamPlan.inPlace(
                                                            registry.stream(code), spec, settings))
                                    .orElse(List.of());
                    return StreamPlan.of(code, difference, loaded.of(code).keySet(), keys);
                });
    }

    /** The settings in force. */
    public Settings settings() {
        return settings;
    }

    /** Takes other settings of the server into force; only routes that they shape restart. */
    public ReconcileStatus settings(Settings changed) {
        return onOwner(
                () -> {
                    settings = changed;
                    lastVersion = NEVER;
                    return pass();
                });
    }

    private <T> T onOwner(Callable<T> task) {
        Future<T> done = owner.submit(task);
        try {
            return done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while reconciling", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Reconciling failed", e.getCause());
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
            if (!same || loaded.isDue(clock.instant()) || !loaded.areAllThere()) {
                run(snapshot, routes);
            }
        } catch (RuntimeException e) {
            LOG.error("Reconciling failed; what runs goes on, the next pass tries again", e);
        }
        return status;
    }

    private void run(StreamSource.Snapshot snapshot, RouteFiles.Snapshot routes) {
        inputsChanged = false;
        inputs.follow(snapshot.streams(), settings);
        List<FileProblem> problems = new ArrayList<>(snapshot.problems());
        problems.addAll(routes.problems());
        Map<String, RouteSpec> wanted = topology(snapshot.streams(), problems);
        definitions.accept(routes.definitions(), wanted, problems);
        Map<String, Piece> desired = desired(wanted);

        loaded.forgetExternallyRemoved();
        Change change = loaded.apply(desired, clock.instant());
        inputs.look();
        registry.replace(snapshot.streams());
        tell(snapshot.streams(), change);
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
                        loaded.states(desired),
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
                        loaded.all().stream()
                                .filter(piece -> piece.stream().equals(code))
                                .flatMap(piece -> piece.route().stream())
                                .forEach(route -> wanted.put(route.id(), route));
                    }
                });
        return wanted;
    }

    private Map<String, Piece> desired(Map<String, RouteSpec> wanted) {
        Map<String, Piece> desired = new LinkedHashMap<>();
        Fingerprints fingerprints = new Fingerprints(context, definitions.all());
        for (Definition definition : definitions.all()) {
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
                    String fingerprint =
                            definitions
                                    .template(route.template())
                                    .map(template -> fingerprints.of(route, template))
                                    .orElse("no template");
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

    /** What an edit did, for who has just saved it. */
    private void tell(Map<String, StreamSpec> now, Change change) {
        if (known == null) {
            return;
        }
        now.forEach(
                (code, spec) -> {
                    StreamSpec old = known.get(code);
                    if (old != null && !old.equals(spec)) {
                        LOG.info("Stream {} was edited", code);
                    }
                });
        if (!change.isEmpty()) {
            LOG.info("Applied: {}", change.text());
        }
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
