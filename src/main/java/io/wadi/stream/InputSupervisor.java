package io.wadi.stream;

import io.wadi.event.EventBus;
import io.wadi.ring.Rings;

import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Watches the inputs of all streams and puts the right one of each on air. One timer for all of
 * them, set to each stream's next deadline; sources wake it when they end or come back. It starts
 * and stops no routes: it tells the reconciler which inputs are to be connected. A context plugin,
 * fetched by {@code InputSupervisor.of(camelContext)}.
 */
public final class InputSupervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InputSupervisor.class);

    private static final Duration DEFAULT_PACKET_TIMEOUT = Duration.ofSeconds(30);

    /** A stream under watch. */
    private final class Watch {
        private final StreamInputs inputs;
        private final AtomicBoolean woken = new AtomicBoolean();
        private ScheduledFuture<?> next;
        private boolean closed;

        Watch(StreamSpec spec, Settings settings, long now) {
            this.inputs =
                    new StreamInputs(
                            spec, settings, packetTimeout, rings, events, clock, this::wake, now);
        }

        /** Any thread, a source's among them. */
        void wake() {
            if (woken.compareAndSet(false, true)) {
                try {
                    timer.execute(this::look);
                } catch (RejectedExecutionException _) {
                    LOG.debug("The supervisor is closed");
                }
            }
        }

        /** On the timer's thread. */
        private void look() {
            woken.set(false);
            long again = Duration.ofSeconds(1).toNanos();
            try {
                long now = System.nanoTime();
                if (inputs.advance(now)) {
                    planChanged.run();
                }
                again = Math.max(0, inputs.deadline(now) - now);
            } catch (RuntimeException e) {
                LOG.error("The inputs of a stream were not looked at; next try in 1 s", e);
            }
            lookAgain(again);
        }

        private synchronized void lookAgain(long afterNanos) {
            if (next != null) {
                next.cancel(false);
            }
            if (!closed && !timer.isShutdown()) {
                next = timer.schedule(this::look, afterNanos, TimeUnit.NANOSECONDS);
            }
        }

        synchronized void close() {
            closed = true;
            if (next != null) {
                next.cancel(false);
            }
            inputs.close();
        }
    }

    private final Rings rings;
    private final EventBus events;
    private final Clock clock = Clock.systemUTC();
    private final ScheduledThreadPoolExecutor timer;
    private final Map<String, Watch> watches = new ConcurrentHashMap<>();
    private volatile Duration packetTimeout = DEFAULT_PACKET_TIMEOUT;
    private volatile Runnable planChanged = () -> {};

    private InputSupervisor(CamelContext context) {
        rings = Rings.of(context);
        events = EventBus.of(context);
        timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> Thread.ofPlatform().name("wadi-inputs").daemon().unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
    }

    /** The supervisor of a Camel context, made on first use. */
    public static InputSupervisor of(CamelContext context) {
        var extension = context.getCamelContextExtension();
        synchronized (context) {
            InputSupervisor supervisor = extension.getContextPlugin(InputSupervisor.class);
            if (supervisor == null) {
                supervisor = new InputSupervisor(context);
                extension.addContextPlugin(InputSupervisor.class, supervisor);
            }
            return supervisor;
        }
    }

    /** Silence after which an input counts as dead where its stream does not say. */
    public void setPacketTimeout(Duration timeout) {
        packetTimeout = timeout;
    }

    /** Is called when {@link #connects} may answer differently: must only hand over. */
    void onPlanChange(Runnable called) {
        planChanged = called;
    }

    /** Takes the documents in force: streams that are to run are watched, others are not. */
    void follow(Map<String, StreamSpec> specs, Settings settings) {
        long now = System.nanoTime();
        watches.entrySet()
                .removeIf(
                        entry -> {
                            StreamSpec spec = specs.get(entry.getKey());
                            boolean gone = spec == null || !isWatched(spec);
                            if (gone) {
                                entry.getValue().close();
                            }
                            return gone;
                        });
        specs.forEach(
                (code, spec) -> {
                    if (isWatched(spec)) {
                        watches.computeIfAbsent(code, _ -> new Watch(spec, settings, now))
                                .inputs
                                .configure(spec, settings, packetTimeout, now);
                    }
                });
    }

    private static boolean isWatched(StreamSpec spec) {
        return spec.shouldRun() && !(spec.inputs().isEmpty() && spec.slate().isEmpty());
    }

    /** Routes were started or stopped: rings may have come and gone. */
    void look() {
        long now = System.nanoTime();
        for (Watch watch : watches.values()) {
            watch.inputs.settleRoutes(now);
            watch.wake();
        }
    }

    /** Whether an input's route is to run. */
    boolean connects(String code, int input) {
        Watch watch = watches.get(code);
        return watch == null || watch.inputs.connects(input);
    }

    /** Which inputs would be connected if a stream had this document; changes nothing. */
    BitSet preview(StreamSpec spec, Settings settings) {
        long now = System.nanoTime();
        Watch watch = watches.get(spec.code());
        return watch == null
                ? StreamInputs.previewNew(spec, settings, packetTimeout, now)
                : watch.inputs.preview(spec, settings, packetTimeout, now);
    }

    /** How the inputs of a running stream are. */
    public Optional<InputsStatus> status(String code) {
        return Optional.ofNullable(watches.get(code)).map(watch -> watch.inputs.status());
    }

    /**
     * Puts an input on air and leaves it there for as long as it is fit.
     *
     * @return done when it is chosen; fails with a {@link SwitchFailedException}
     */
    public CompletableFuture<Void> choose(String code, int input) {
        Watch watch = watches.get(code);
        if (watch == null) {
            return CompletableFuture.failedFuture(
                    new SwitchFailedException("the stream does not run, or has no inputs"));
        }
        CompletableFuture<Void> done = watch.inputs.choose(input, System.nanoTime());
        watch.wake();
        return done;
    }

    /** Leaves the choice to the supervisor again. */
    public void chooseAutomatically(String code) throws SwitchFailedException {
        Watch watch = watches.get(code);
        if (watch == null) {
            throw new SwitchFailedException("the stream does not run, or has no inputs");
        }
        watch.inputs.chooseNone();
        watch.wake();
    }

    /** Stops watching; what is on air stays. */
    @Override
    public void close() {
        timer.shutdownNow();
        watches.values().forEach(Watch::close);
        watches.clear();
    }
}
