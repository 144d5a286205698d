package io.wadi.stream;

import io.wadi.stream.FailoverDecision.Reason;
import io.wadi.stream.FailoverInput.Role;
import io.wadi.stream.InputHealth.State;
import io.wadi.stream.StreamSpec.FailoverMode;
import io.wadi.stream.StreamSpec.Slate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/**
 * Decides which input of a stream is on air, and which ones are connected. Pure: samples and time
 * come in, decisions come out. One thread at a time.
 *
 * <p>The preferred healthy input is on air: the one with the lowest number, or, round robin, the
 * next in turn. An input that is unfit is left at once. A preferred one that came back has to be
 * well for a while, and the last switch some time ago. An input that an operator chose comes before
 * all others for as long as it is healthy. The slate, if there is one, is on air while no input is
 * healthy.
 */
final class Failover {
    /** The slate among the inputs. */
    static final int SLATE = Slate.PRIORITY;

    private static final long PROBE = FailoverPolicy.PROBE_TIMEOUT.toNanos();
    private static final long FAR = Duration.ofHours(1).toNanos();

    private final List<FailoverInput> inputs = new ArrayList<>();
    private FailoverPolicy policy;
    private int active;
    private OptionalInt override = OptionalInt.empty();
    private boolean exhausted;
    private boolean settled;
    private boolean removed;

    /** How the slate is; it has no role, and is connected while it is needed. */
    private final InputHealth slate;

    /** Whether the slate is on air instead of the active input. */
    private boolean slateOnAir;

    /** Whether the input on air was healthy at the last look. */
    private boolean wasFit;

    private long searchSince;
    private long lastSwitch;
    private BitSet connected = new BitSet();

    Failover(FailoverPolicy policy, List<Role> roles, long now) {
        this.policy = policy;
        this.searchSince = now + startGrace();
        this.lastSwitch = now - policy.switchCooldown().toNanos();
        this.slate = new InputHealth();
        roles.forEach(role -> inputs.add(new FailoverInput(role, false, now)));
        connected = plan(active, now);
    }

    private Failover(Failover other) {
        this.policy = other.policy;
        this.active = other.active;
        this.override = other.override;
        this.exhausted = other.exhausted;
        this.settled = other.settled;
        this.removed = other.removed;
        this.searchSince = other.searchSince;
        this.lastSwitch = other.lastSwitch;
        this.slate = other.slate;
        this.slateOnAir = other.slateOnAir;
        this.wasFit = other.wasFit;
        other.inputs.forEach(input -> inputs.add(new FailoverInput(input)));
    }

    /** Which inputs would be connected if the document changed; changes nothing. */
    BitSet preview(FailoverPolicy changed, List<Role> roles, long now) {
        Failover copy = new Failover(this);
        copy.configure(changed, roles, now);
        return copy.connected;
    }

    /** At the start a preferred input may be a little slower than the others. */
    private long startGrace() {
        return Math.min(PROBE, policy.packetTimeout().toNanos());
    }

    int active() {
        return active;
    }

    OptionalInt override() {
        return override;
    }

    boolean isExhausted() {
        return exhausted;
    }

    /**
     * @param input the slate too
     */
    InputHealth health(int input) {
        return input == SLATE ? slate : inputs.get(input).health;
    }

    boolean hasSlate() {
        return policy.slateAfter().isPresent();
    }

    /** Whether the slate is on air, rather than the active input. */
    boolean isSlateOnAir() {
        return slateOnAir;
    }

    /** How many inputs there are, without the slate. */
    int size() {
        return inputs.size();
    }

    /** Whether an input's route is to run. */
    boolean connects(int input) {
        return connected.get(input);
    }

    /** The document changed. */
    void configure(FailoverPolicy changed, List<Role> roles, long now) {
        policy = changed;
        for (int i = 0; i < roles.size(); i++) {
            if (i < inputs.size()) {
                FailoverInput input = inputs.get(i);
                input.renewed |= !input.role.source().equals(roles.get(i).source());
                input.role = roles.get(i);
            } else {
                inputs.add(new FailoverInput(roles.get(i), true, now));
            }
        }
        while (inputs.size() > roles.size()) {
            inputs.removeLast();
        }
        if (override.isPresent() && override.getAsInt() >= inputs.size()) {
            override = OptionalInt.empty();
        }
        removed = active >= inputs.size();
        if (!slateOnAir && !removed && inputs.get(active).renewed && best(now, false) < 0) {
            // As at the start: the preferred one may be a little slower than the others.
            settled = false;
            wasFit = false;
            searchSince = now + startGrace();
        }
        exhausted &= !inputs.isEmpty();
        connected = plan(active, now);
    }

    /**
     * The routes of the document in force run: what an input brings now is of its new source.
     *
     * @param samples one for each input
     */
    void settleRoutes(List<InputSample> samples, long now) {
        for (int i = 0; i < inputs.size(); i++) {
            FailoverInput input = inputs.get(i);
            if (input.renewed) {
                input.renewed = false;
                input.health.renew(samples.get(i), now);
            }
        }
    }

    /** An operator chose an input, which goes on air as soon as it is healthy. */
    void choose(int input) {
        override = OptionalInt.of(input);
    }

    /** The choice is left to this again. */
    void chooseNone() {
        override = OptionalInt.empty();
    }

    /**
     * Looks at the inputs.
     *
     * @param samples one for each input
     * @param slateSample one for the slate, where there is one
     * @param onAir the input whose units pass; not yet the active one while a switch waits
     */
    List<FailoverDecision> advance(
            List<InputSample> samples, InputSample slateSample, int onAir, long now) {
        List<FailoverDecision> decisions = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            observe(i, samples.get(i), now, decisions);
        }
        if (hasSlate()) {
            observe(SLATE, slateSample, now, decisions);
        }
        if (!slateOnAir && !removed && isFit(active)) {
            stay(onAir, now, decisions);
        } else {
            leave(now, decisions);
        }
        connected = plan(onAir, now);
        return decisions;
    }

    private boolean isFit(int input) {
        return input < inputs.size() && inputs.get(input).isHealthy();
    }

    private void observe(int i, InputSample sample, long now, List<FailoverDecision> decisions) {
        InputHealth health = health(i);
        State before = health.state();
        health.observe(sample, connected.get(i), policy, now);
        State after = health.state();
        if (before == after) {
            return;
        }
        if (after == State.HEALTHY) {
            decisions.add(new FailoverDecision.Found(i));
        } else if (after != State.IDLE && after != State.CONNECTING) {
            decisions.add(new FailoverDecision.Lost(i, after, health.detail()));
        }
    }

    /** The active input is fit: is there a better one, fit for long enough? */
    private void stay(int onAir, long now, List<FailoverDecision> decisions) {
        settled = true;
        wasFit = true;
        searchSince = now;
        if (exhausted) {
            exhausted = false;
            decisions.add(new FailoverDecision.Recovered());
        }
        boolean chosen = override.isPresent() && override.getAsInt() != active;
        if (chosen && inputs.get(override.getAsInt()).isHealthy()) {
            change(override.getAsInt(), Reason.MANUAL, "", false, now, decisions);
            return;
        }
        int better = best(now, true);
        if (better >= 0 && better != active && mayFailBack(now)) {
            Reason reason = inputs.get(better).added ? Reason.INPUT_ADDED : Reason.FAILBACK;
            change(better, reason, "", false, now, decisions);
        } else if (onAir != active && onAir < inputs.size() && !inputs.get(onAir).isHealthy()) {
            decisions.add(new FailoverDecision.Hasten(active));
        }
    }

    private boolean mayFailBack(long now) {
        return policy.failback() && now - lastSwitch >= policy.switchCooldown().toNanos();
    }

    /** The active input is unfit, or gone from the document. */
    private void leave(long now, List<FailoverDecision> decisions) {
        if (wasFit) {
            wasFit = false;
            searchSince = now;
        }
        int best = best(now, false);
        boolean early = !settled && now - searchSince < 0;
        if (best >= 0 && early && best != first()) {
            return; // a moment more for the preferred one
        }
        if (best >= 0) {
            settled = true;
            boolean was = exhausted;
            exhausted = false;
            change(best, reason(was, best), detail(), true, now, decisions);
            if (was) {
                decisions.add(new FailoverDecision.Recovered());
            }
            return;
        }
        if (slateOnAir && !hasSlate()) {
            slateOnAir = false;
            decisions.add(
                    new FailoverDecision.Switch(SLATE, first(), Reason.INPUT_REMOVED, "", true));
            active = first();
        } else if (removed && !inputs.isEmpty()) {
            leaveRemoved(now, decisions);
        }
        boolean tried = inputs.stream().anyMatch(input -> isLost(input.health.state()));
        if (!exhausted && tried) {
            exhausted = true;
            decisions.add(new FailoverDecision.Exhausted());
        }
        if (isSlateDue(now) && slate.isHealthy()) {
            decisions.add(new FailoverDecision.Switch(active, SLATE, cause(), slateDetail(), true));
            slateOnAir = true;
            exhausted = true;
        }
    }

    /** The input on air is gone from the document, and no other is fit. */
    private void leaveRemoved(long now, List<FailoverDecision> decisions) {
        removed = false;
        if (slateOnAir) {
            active = first();
        } else {
            change(first(), Reason.INPUT_REMOVED, "", true, now, decisions);
        }
    }

    private boolean isSlateDue(long now) {
        return policy.slateAfter().isPresent()
                && !slateOnAir
                && now - searchSince >= policy.slateAfter().get().toNanos();
    }

    private String slateDetail() {
        String why = detail();
        return why.isEmpty() ? "no input brings anything" : "no input is fit: " + why;
    }

    private static boolean isLost(State state) {
        return switch (state) {
            case SILENT, ENDED, FAILED, BAD -> true;
            case IDLE, CONNECTING, HEALTHY -> false;
        };
    }

    private Reason reason(boolean wasExhausted, int to) {
        if (removed) {
            return Reason.INPUT_REMOVED;
        }
        if (wasExhausted) {
            return inputs.get(to).added ? Reason.INPUT_ADDED : Reason.RECOVERY;
        }
        return cause();
    }

    /** What became of the active input. */
    private Reason cause() {
        if (active >= inputs.size()) {
            return Reason.INITIAL;
        }
        if (inputs.get(active).renewed) {
            return Reason.INPUT_REMOVED;
        }
        return switch (inputs.get(active).health.state()) {
            case SILENT -> Reason.TIMEOUT;
            case ENDED, FAILED, BAD -> Reason.ERROR;
            case IDLE, CONNECTING, HEALTHY -> Reason.INITIAL;
        };
    }

    private String detail() {
        return active < inputs.size() ? inputs.get(active).health.detail() : "";
    }

    private void change(
            int to,
            Reason reason,
            String detail,
            boolean urgent,
            long now,
            List<FailoverDecision> into) {
        into.add(
                new FailoverDecision.Switch(
                        slateOnAir ? SLATE : active, to, reason, detail, urgent));
        slateOnAir = false;
        active = to;
        removed = false;
        inputs.get(to).added = false;
        lastSwitch = now;
        searchSince = now;
    }

    /** The input that comes before all others when all are healthy. */
    private int first() {
        return override.orElse(policy.mode() == FailoverMode.ROUND_ROBIN && !removed ? active : 0);
    }

    /** The place of an input in the order of preference. */
    private int rank(int input) {
        if (override.isPresent() && override.getAsInt() == input) {
            return -1;
        }
        return policy.mode() == FailoverMode.ROUND_ROBIN
                ? Math.floorMod(input - active, inputs.size())
                : input;
    }

    /** The preferred healthy input, or -1. */
    private int best(long now, boolean steady) {
        int best = -1;
        for (int i = 0; i < inputs.size(); i++) {
            FailoverInput input = inputs.get(i);
            long well = now - input.health.sinceNanos();
            boolean fit = input.isHealthy();
            if (steady && i != active) {
                fit &= well >= policy.failbackAfter().toNanos();
            }
            if (fit && (best < 0 || rank(i) < rank(best))) {
                best = i;
            }
        }
        return best;
    }

    /** Which routes are to run: see {@code standby} of an input. */
    private BitSet plan(int onAir, long now) {
        BitSet plan = new BitSet();
        boolean searching = !isFit(active);
        int turn = 0;
        for (int rank = -1; rank < inputs.size(); rank++) {
            int i = atRank(rank);
            if (i < 0) {
                continue;
            }
            FailoverInput input = inputs.get(i);
            boolean always = input.role.listens() || input.role.hot();
            boolean chosen = override.isPresent() && override.getAsInt() == i;
            boolean runs = always || i == active || i == onAir || chosen;
            if (!runs && searching) {
                runs = now - searchSince >= turn * PROBE;
                turn++;
            } else if (!runs) {
                runs = probes(i, input, now);
            }
            plan.set(i, runs);
        }
        plan.set(SLATE, hasSlate() && (slateOnAir || (best(now, false) < 0 && isSearching(now))));
        return plan;
    }

    /** The slate is got ready while it may still turn out that it is not needed. */
    private boolean isSearching(long now) {
        return !isFit(active) && now - searchSince >= 0;
    }

    private int atRank(int rank) {
        for (int i = 0; i < inputs.size(); i++) {
            if (rank(i) == rank) {
                return i;
            }
        }
        return -1;
    }

    /** A cold input that would be preferred is looked at from time to time. */
    private boolean probes(int i, FailoverInput input, long now) {
        if (!policy.failback() || rank(i) > rank(active)) {
            input.probeStart = now + policy.failbackAfter().toNanos();
            input.probeEnd = input.probeStart + PROBE;
            return false;
        }
        if (input.isHealthy()) {
            return true;
        }
        if (now - input.probeEnd >= 0) {
            input.probeStart = now + policy.failbackAfter().toNanos();
            input.probeEnd = input.probeStart + PROBE;
        }
        return now - input.probeStart >= 0;
    }

    /** When {@link #advance} is to be called at the latest. */
    long deadline(long now) {
        long next = now + FAR;
        boolean searching = !isFit(active);
        if (hasSlate() && searching) {
            next = InputHealth.earlier(next, slate.deadline(policy, now));
            next = after(next, searchSince, now);
            next = after(next, searchSince + policy.slateAfter().get().toNanos(), now);
        }
        for (int i = 0; i < inputs.size(); i++) {
            FailoverInput input = inputs.get(i);
            next = InputHealth.earlier(next, input.health.deadline(policy, now));
            if (input.isHealthy() && i != active && !searching) {
                next =
                        after(
                                next,
                                input.health.sinceNanos() + policy.failbackAfter().toNanos(),
                                now);
            }
            next = after(next, input.probeStart, now);
            next = after(next, input.probeEnd, now);
            if (searching) {
                next = after(next, searchSince + i * PROBE, now);
            }
        }
        return after(next, lastSwitch + policy.switchCooldown().toNanos(), now);
    }

    /** The earlier of both, but not what is past. */
    private static long after(long next, long candidate, long now) {
        return candidate - now > 0 ? InputHealth.earlier(next, candidate) : next;
    }
}
