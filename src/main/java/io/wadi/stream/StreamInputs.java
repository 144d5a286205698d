package io.wadi.stream;

import io.wadi.event.EventBus;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.stream.InputHealth.State;
import io.wadi.stream.StreamSpec.Input;
import io.wadi.stream.StreamSpec.Standby;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * The inputs of one stream: takes samples of its ring's inputs to {@link Failover}, carries out
 * what that decides, and keeps the history. Any thread, one at a time.
 */
final class StreamInputs {
    private static final Logger LOG = LoggerFactory.getLogger(StreamInputs.class);

    private static final int SWITCHES_KEPT = 20;
    private static final int ERRORS_KEPT = 5;

    /** An operator's choice that waits for its input to connect. */
    private record Choice(
            int input, OptionalInt before, long deadline, CompletableFuture<Void> done) {}

    private final String code;
    private final Rings rings;
    private final EventBus events;
    private final Clock clock;
    private final Runnable wake;
    private final Failover failover;
    private final ArrayDeque<InputsStatus.Switch> switches = new ArrayDeque<>();
    private final Map<Integer, ArrayDeque<InputsStatus.Problem>> errors = new HashMap<>();
    private StreamSpec spec;
    private long failovers;
    private RingEntry entry;
    private Choice choice;

    /** A switch that is decided and waits for its input's next random access point. */
    private FailoverDecision.Switch waiting;

    private volatile BitSet plan = new BitSet();

    StreamInputs(
            StreamSpec spec,
            Settings settings,
            Duration packetTimeout,
            Rings rings,
            EventBus events,
            Clock clock,
            Runnable wake,
            long now) {
        this.code = spec.code();
        this.spec = spec;
        this.rings = rings;
        this.events = events;
        this.clock = clock;
        this.wake = wake;
        this.failover =
                new Failover(FailoverPolicy.of(spec, packetTimeout), roles(spec, settings), now);
        replan();
    }

    /** The document changed, or stayed as it was. */
    synchronized void configure(
            StreamSpec next, Settings settings, Duration packetTimeout, long now) {
        for (int i = next.inputs().size(); i < spec.inputs().size(); i++) {
            errors.remove(i);
            int priority = i;
            rings.find(code).ifPresent(ring -> ring.removeInput(priority));
        }
        if (next.slate().isEmpty() && spec.slate().isPresent()) {
            errors.remove(Failover.SLATE);
            rings.find(code).ifPresent(ring -> ring.removeInput(Failover.SLATE));
        }
        spec = next;
        failover.configure(FailoverPolicy.of(next, packetTimeout), roles(next, settings), now);
        replan();
    }

    /** The routes of the document in force run. */
    synchronized void settleRoutes(long now) {
        attach();
        List<InputSample> samples = new ArrayList<>();
        for (int i = 0; i < failover.size(); i++) {
            samples.add(sample(i));
        }
        failover.settleRoutes(samples, now);
    }

    /** Which inputs would be connected if the document changed. */
    synchronized BitSet preview(
            StreamSpec next, Settings settings, Duration packetTimeout, long now) {
        return failover.preview(FailoverPolicy.of(next, packetTimeout), roles(next, settings), now);
    }

    /** The same for a stream that does not run yet. */
    static BitSet previewNew(StreamSpec spec, Settings settings, Duration packetTimeout, long now) {
        FailoverPolicy policy = FailoverPolicy.of(spec, packetTimeout);
        List<FailoverInput.Role> roles = roles(spec, settings);
        return new Failover(policy, roles, now).preview(policy, roles, now);
    }

    private static List<FailoverInput.Role> roles(StreamSpec spec, Settings settings) {
        return spec.inputs().stream()
                .map(
                        input ->
                                new FailoverInput.Role(
                                        InputUri.listens(spec, input, settings),
                                        input.standby() == Standby.HOT,
                                        List.of(
                                                input.url(),
                                                input.headers(),
                                                input.params(),
                                                input.auth())))
                .toList();
    }

    /** Whether the route of an input, or of the slate, is to run. */
    boolean connects(int input) {
        return plan.get(input);
    }

    /** Whether the plan is another one than before. */
    private boolean replan() {
        BitSet now = new BitSet();
        for (int i = 0; i < failover.size(); i++) {
            now.set(i, failover.connects(i));
        }
        now.set(Failover.SLATE, failover.connects(Failover.SLATE));
        boolean changed = !now.equals(plan);
        plan = now;
        return changed;
    }

    /**
     * Looks at the inputs and does what is to be done.
     *
     * @return whether other routes are to run than before
     */
    synchronized boolean advance(long now) {
        attach();
        tellWaiting();
        List<InputSample> samples = new ArrayList<>();
        for (int i = 0; i < failover.size(); i++) {
            samples.add(sample(i));
        }
        InputSample slate = failover.hasSlate() ? sample(Failover.SLATE) : InputSample.NOTHING;
        int onAir = entry == null ? failover.active() : entry.activeInput();
        failover.advance(samples, slate, onAir, now).forEach(this::carryOut);
        settleChoice(now);
        for (int i = 0; i < failover.size(); i++) {
            awaitNext(i);
        }
        if (failover.hasSlate()) {
            awaitNext(Failover.SLATE);
        }
        return replan();
    }

    private InputSample sample(int input) {
        return entry == null ? InputSample.NOTHING : InputSample.of(entry.input(input));
    }

    private void awaitNext(int input) {
        if (entry != null && !failover.health(input).isHealthy()) {
            entry.input(input).awaitNext();
        }
    }

    /** A ring that was made anew starts with the input that is active here. */
    private void attach() {
        RingEntry found = rings.find(code).orElse(null);
        if (found != entry) {
            entry = found;
            waiting = null;
            if (entry != null) {
                entry.onChange(wake);
                entry.activate(failover.isSlateOnAir() ? Failover.SLATE : failover.active());
            }
        }
    }

    synchronized long deadline(long now) {
        long next = failover.deadline(now);
        return choice == null ? next : InputHealth.earlier(next, choice.deadline());
    }

    private void carryOut(FailoverDecision decision) {
        switch (decision) {
            case FailoverDecision.Switch change -> change(change);
            case FailoverDecision.Hasten(int to) -> hasten(to);
            case FailoverDecision.Lost(int input, State state, String detail) ->
                    lost(input, state, detail);
            case FailoverDecision.Found(int input) ->
                    publish("input.connected", Map.of("input_priority", input, "url", url(input)));
            case FailoverDecision.Exhausted _ ->
                    publish(
                            "input.degraded",
                            Map.of(
                                    "input_priority",
                                    failover.active(),
                                    "reason",
                                    "all_inputs_exhausted"));
            case FailoverDecision.Recovered _ -> LOG.info("{}: an input is back", code);
        }
    }

    private void change(FailoverDecision.Switch change) {
        FailoverDecision.Switch given = waiting;
        waiting = null;
        int onAir = entry == null ? change.from() : entry.activeInput();
        if (entry != null && !change.urgent() && onAir != change.to()) {
            entry.handOver(change.to());
            waiting = change;
            return;
        }
        if (entry != null) {
            entry.activate(change.to());
        }
        if (given != null && onAir == change.to()) {
            LOG.info("{}: input {} stays on air: {}", code, onAir, change.detail());
            return; // the other one failed before its turn came
        }
        tell(
                new FailoverDecision.Switch(
                        given == null ? change.from() : onAir,
                        change.to(),
                        change.reason(),
                        change.detail(),
                        true));
    }

    /** The input whose turn was to come with its next random access point. */
    private void hasten(int to) {
        entry.activate(to);
        tellWaiting();
    }

    private void tellWaiting() {
        if (waiting != null && entry != null && entry.activeInput() == waiting.to()) {
            FailoverDecision.Switch done = waiting;
            waiting = null;
            tell(done);
        }
    }

    /** Another input is on air. */
    private void tell(FailoverDecision.Switch change) {
        failovers += change.reason() == FailoverDecision.Reason.INITIAL ? 0 : 1;
        switches.add(
                new InputsStatus.Switch(
                        clock.instant(),
                        change.from(),
                        change.to(),
                        change.reason().text(),
                        change.detail()));
        if (switches.size() > SWITCHES_KEPT) {
            switches.removeFirst();
        }
        LOG.info(
                "{}: {} goes on air instead of {}: {} {}",
                code,
                name(change.to()),
                name(change.from()),
                change.reason().text(),
                change.detail());
        publish(
                "input.failover",
                Map.of(
                        "from",
                        change.from(),
                        "to",
                        change.to(),
                        "from_priority",
                        change.from(),
                        "to_priority",
                        change.to(),
                        "reason",
                        change.reason().text(),
                        "detail",
                        change.detail()));
    }

    private void lost(int input, State state, String detail) {
        ArrayDeque<InputsStatus.Problem> kept =
                errors.computeIfAbsent(input, _ -> new ArrayDeque<>());
        kept.add(new InputsStatus.Problem(detail, clock.instant()));
        if (kept.size() > ERRORS_KEPT) {
            kept.removeFirst();
        }
        LOG.warn("{}: {} is out: {}", code, name(input), detail);
        boolean gone = state == State.ENDED || state == State.FAILED;
        publish(
                gone ? "input.failed" : "input.degraded",
                Map.of("input_priority", input, gone ? "error" : "reason", detail));
        if (gone) {
            publish("input.reconnecting", Map.of("input_priority", input, "error", detail));
        }
    }

    private static String name(int input) {
        return input == Failover.SLATE ? "the slate" : "input " + input;
    }

    private String url(int input) {
        if (input == Failover.SLATE) {
            return "slate:" + spec.slate().map(StreamSpec.Slate::file).orElse("");
        }
        return Secrets.maskUrl(spec.inputs().get(input).url());
    }

    private void publish(String type, Map<String, Object> payload) {
        events.publish(type, code, payload);
    }

    /**
     * Puts an input on air, and leaves it there.
     *
     * @return done when it is; fails with a {@link SwitchFailedException}
     */
    synchronized CompletableFuture<Void> choose(int input, long now) {
        if (input < 0 || input >= failover.size()) {
            return refused(
                    "there is no input "
                            + input
                            + ", expected 0 to "
                            + (failover.size() - 1)
                            + " or null for automatic");
        }
        InputHealth health = failover.health(input);
        boolean waits = health.state() == State.IDLE;
        if (!health.isHealthy() && !waits) {
            String why = health.detail().isEmpty() ? "nothing has come yet" : health.detail();
            return refused("input " + input + " is not fit: " + why);
        }
        if (choice != null) {
            choice.done().completeExceptionally(new SwitchFailedException("another was chosen"));
        }
        choice =
                new Choice(
                        input,
                        failover.override(),
                        now + FailoverPolicy.PROBE_TIMEOUT.toNanos(),
                        new CompletableFuture<>());
        failover.choose(input);
        return choice.done();
    }

    private static CompletableFuture<Void> refused(String why) {
        return CompletableFuture.failedFuture(new SwitchFailedException(why));
    }

    synchronized void chooseNone() {
        failover.chooseNone();
    }

    private void settleChoice(long now) {
        if (choice == null) {
            return;
        }
        if (failover.active() == choice.input()) {
            choice.done().complete(null);
            choice = null;
        } else if (now - choice.deadline() >= 0) {
            choice.before().ifPresentOrElse(failover::choose, failover::chooseNone);
            choice.done()
                    .completeExceptionally(
                            new SwitchFailedException(
                                    "input "
                                            + choice.input()
                                            + " brought nothing within "
                                            + FailoverPolicy.PROBE_TIMEOUT.toSeconds()
                                            + " s"));
            choice = null;
        }
    }

    synchronized InputsStatus status() {
        int onAir = waiting == null ? failover.active() : waiting.from();
        onAir = failover.isSlateOnAir() ? Failover.SLATE : onAir;
        List<InputsStatus.Input> inputs = new ArrayList<>();
        for (int i = 0; i < failover.size(); i++) {
            inputs.add(input(i, onAir));
        }
        if (failover.hasSlate()) {
            inputs.add(input(Failover.SLATE, onAir));
        }
        return new InputsStatus(
                onAir,
                failover.override(),
                failover.isExhausted(),
                inputs,
                List.copyOf(switches),
                failovers);
    }

    private InputsStatus.Input input(int i, int onAir) {
        InputHealth health = failover.health(i);
        return new InputsStatus.Input(
                i,
                text(health.state(), i == onAir),
                health.isHealthy(),
                List.copyOf(errors.getOrDefault(i, new ArrayDeque<>())));
    }

    private static String text(State state, boolean active) {
        return switch (state) {
            case IDLE -> "idle";
            case CONNECTING -> "connecting";
            case HEALTHY -> active ? "active" : "standby";
            case SILENT, BAD -> "degraded";
            case ENDED, FAILED -> "failed";
        };
    }

    /** Lets go of the ring. */
    synchronized void close() {
        if (entry != null) {
            entry.onChange(() -> {});
        }
        if (choice != null) {
            choice.done()
                    .completeExceptionally(new SwitchFailedException("the stream was stopped"));
            choice = null;
        }
    }

    /** The inputs of the document in force. */
    synchronized List<Input> inputs() {
        return spec.inputs();
    }
}
