package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.stream.FailoverDecision.Reason;
import io.wadi.stream.FailoverInput.Role;
import io.wadi.stream.StreamSpec.FailoverMode;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

class FailoverTest {
    private static final long MS = 1_000_000;
    private static final Role LISTENER = new Role(true, false);
    private static final Role COLD = new Role(false, false);
    private static final Role HOT = new Role(false, true);

    /** An input that plays as the test says, a unit every 20 ms while it is alive. */
    private static final class Source {
        boolean alive;
        boolean pictures = true;
        double rate = 1;
        int sources;
        long units;
        long pictureCount;
        long last;
        long lastPicture;
        double ticks;
        long lost;
        boolean failed;
        String gone = "";

        void publish() {
            alive = true;
            sources++;
            gone = "";
            ticks = 0;
            pictureCount = 0;
        }

        void end(boolean broken, String why) {
            alive = false;
            failed = broken;
            gone = why;
        }

        void play(long now) {
            if (!alive) {
                return;
            }
            units++;
            last = now;
            ticks += 1800 * rate;
            if (pictures) {
                pictureCount++;
                lastPicture = now;
            }
        }

        InputSample sample() {
            return new InputSample(
                    units,
                    last,
                    sources,
                    pictureCount,
                    lastPicture,
                    (long) ticks,
                    lost,
                    failed,
                    gone);
        }
    }

    private final List<Source> sources = new ArrayList<>();
    private final List<FailoverDecision> decisions = new ArrayList<>();
    private final Source slate = new Source();
    private Optional<Duration> slateAfter = Optional.empty();
    private Failover failover;
    private long now = 1_000_000 * MS;

    private FailoverPolicy policy(FailoverMode mode) {
        return new FailoverPolicy(
                mode,
                Duration.ofMillis(200),
                true,
                Duration.ofSeconds(8),
                Duration.ofSeconds(12),
                100,
                slateAfter);
    }

    private void start(FailoverMode mode, Role... roles) {
        for (int i = 0; i < roles.length; i++) {
            sources.add(new Source());
        }
        failover = new Failover(policy(mode), List.of(roles), now);
    }

    /** Plays for a while, looking as often as units come and whenever a deadline says so. */
    private void run(Duration length) {
        long end = now + length.toNanos();
        long look = failover.deadline(now);
        while (now < end) {
            now += 10 * MS;
            boolean healthy = true;
            for (int i = 0; i < sources.size(); i++) {
                if (now / MS % 20 == 0 && failover.connects(i)) {
                    sources.get(i).play(now);
                }
                healthy &= failover.health(i).isHealthy();
            }
            if (now / MS % 20 == 0 && failover.connects(Failover.SLATE)) {
                slate.play(now);
            }
            if (now >= look || !healthy) {
                look();
                look = failover.deadline(now);
                assertThat(look).as("a deadline that is past would spin").isGreaterThan(now);
            }
        }
    }

    private void look() {
        List<InputSample> samples = sources.stream().map(Source::sample).toList();
        decisions.addAll(failover.advance(samples, slate.sample(), onAir(), now));
    }

    private int onAir() {
        return failover.isSlateOnAir() ? Failover.SLATE : failover.active();
    }

    private List<FailoverDecision.Switch> switches() {
        return decisions.stream()
                .filter(FailoverDecision.Switch.class::isInstance)
                .map(FailoverDecision.Switch.class::cast)
                .toList();
    }

    private void publishAll() {
        sources.forEach(Source::publish);
        run(Duration.ofSeconds(1));
        decisions.clear();
    }

    @Test
    void silenceIsLeftAtTheTimeoutAndTheInputComesBackWhenItWasWellForAWhile() {
        start(FailoverMode.PRIORITY, LISTENER, LISTENER);
        publishAll();
        sources.get(0).alive = false;
        long died = now;
        run(Duration.ofMillis(230));
        assertThat(switches())
                .singleElement()
                .matches(s -> s.from() == 0 && s.to() == 1 && s.urgent())
                .matches(s -> s.reason() == Reason.TIMEOUT);
        assertThat(now - died).isLessThanOrEqualTo(240 * MS);
        sources.get(0).alive = true;
        run(Duration.ofSeconds(7));
        assertThat(failover.active()).isEqualTo(1);
        run(Duration.ofSeconds(6));
        assertThat(switches()).hasSize(2);
        assertThat(switches().getLast().reason()).isEqualTo(Reason.FAILBACK);
        assertThat(switches().getLast().urgent()).isFalse();
    }

    @Test
    void endAndErrorAreLeftAtOnce() {
        start(FailoverMode.PRIORITY, LISTENER, LISTENER);
        publishAll();
        sources.get(0).end(false, "the publisher stopped");
        look();
        assertThat(switches()).singleElement().matches(s -> s.reason() == Reason.ERROR);
        assertThat(switches().getFirst().detail()).isEqualTo("the publisher stopped");
        sources.get(1).end(true, "the connection broke");
        look();
        assertThat(decisions).contains(new FailoverDecision.Exhausted());
        assertThat(failover.isExhausted()).isTrue();
        sources.get(1).publish();
        run(Duration.ofMillis(100));
        assertThat(failover.isExhausted()).isFalse();
        assertThat(switches()).hasSize(1);
        sources.get(1).end(true, "again");
        look();
        sources.get(0).publish();
        run(Duration.ofMillis(100));
        assertThat(switches().getLast().reason()).isEqualTo(Reason.RECOVERY);
        assertThat(failover.active()).isZero();
    }

    private void startWithSlate(Duration after, Role... roles) {
        slateAfter = Optional.of(after);
        start(FailoverMode.PRIORITY, roles);
        slate.publish();
    }

    @Test
    void slateIsOnAirWhileNoInputIsFit() {
        startWithSlate(Duration.ofSeconds(2), LISTENER, LISTENER);
        publishAll();
        assertThat(failover.connects(Failover.SLATE)).isFalse();
        sources.get(0).end(false, "the publisher stopped");
        sources.get(1).alive = false;
        run(Duration.ofMillis(1900));
        assertThat(failover.connects(Failover.SLATE)).as("got ready").isTrue();
        assertThat(failover.isSlateOnAir()).isFalse();
        run(Duration.ofMillis(400));
        assertThat(failover.isSlateOnAir()).isTrue();
        assertThat(switches().getLast())
                .matches(s -> s.to() == Failover.SLATE && s.urgent())
                .matches(s -> s.reason() == Reason.TIMEOUT || s.reason() == Reason.ERROR)
                .matches(s -> s.detail().startsWith("no input is fit"));
        assertThat(failover.isExhausted()).isTrue();
        run(Duration.ofSeconds(30));
        int before = switches().size();
        sources.get(1).alive = true;
        run(Duration.ofMillis(50));
        assertThat(switches()).hasSize(before + 1);
        assertThat(switches().getLast())
                .matches(s -> s.from() == Failover.SLATE && s.to() == 1)
                .matches(s -> s.reason() == Reason.RECOVERY);
        assertThat(failover.isExhausted()).isFalse();
        assertThat(failover.connects(Failover.SLATE)).isFalse();
    }

    @Test
    void shortOutageBringsNoSlate() {
        startWithSlate(Duration.ofSeconds(2), LISTENER);
        publishAll();
        sources.getFirst().end(false, "the publisher stopped");
        run(Duration.ofMillis(1500));
        sources.getFirst().publish();
        run(Duration.ofSeconds(5));
        assertThat(switches()).isEmpty();
        assertThat(failover.connects(Failover.SLATE)).isFalse();
    }

    @Test
    void slateIsOnAirBeforeAnythingCame() {
        startWithSlate(Duration.ofSeconds(1), LISTENER);
        run(Duration.ofSeconds(2));
        assertThat(failover.isSlateOnAir()).isTrue();
        assertThat(switches()).singleElement().matches(s -> s.reason() == Reason.INITIAL);
        sources.getFirst().publish();
        run(Duration.ofMillis(100));
        assertThat(failover.isSlateOnAir()).isFalse();
        assertThat(switches().getLast().from()).isEqualTo(Failover.SLATE);
    }

    @Test
    void slateTakenOutOfTheDocumentLeavesTheAir() {
        startWithSlate(Duration.ZERO, LISTENER);
        publishAll();
        sources.getFirst().end(true, "broken");
        run(Duration.ofSeconds(1));
        assertThat(failover.isSlateOnAir()).isTrue();
        slateAfter = Optional.empty();
        failover.configure(policy(FailoverMode.PRIORITY), List.of(LISTENER), now);
        look();
        assertThat(failover.isSlateOnAir()).isFalse();
        assertThat(switches().getLast())
                .matches(s -> s.to() == 0 && s.reason() == Reason.INPUT_REMOVED);
        assertThat(failover.connects(Failover.SLATE)).isFalse();
    }

    @Test
    void slateOnAirStaysWhenInputsAreTakenOut() {
        startWithSlate(Duration.ZERO, LISTENER, LISTENER);
        publishAll();
        sources.get(0).end(true, "broken");
        look();
        sources.get(1).end(true, "broken too");
        run(Duration.ofSeconds(1));
        assertThat(failover.isSlateOnAir()).isTrue();
        int before = switches().size();
        for (int left = 1; left >= 0; left--) {
            sources.removeLast();
            failover.configure(
                    policy(FailoverMode.PRIORITY), Collections.nCopies(left, LISTENER), now);
            run(Duration.ofSeconds(1));
            assertThat(failover.isSlateOnAir()).isTrue();
        }
        assertThat(switches()).hasSize(before);
        sources.add(new Source());
        failover.configure(policy(FailoverMode.PRIORITY), List.of(LISTENER), now);
        sources.getFirst().publish();
        run(Duration.ofSeconds(1));
        assertThat(switches().getLast()).matches(s -> s.from() == Failover.SLATE && s.to() == 0);
    }

    private void edit(String... sources) {
        List<Role> roles =
                Arrays.stream(sources).map(source -> new Role(true, false, source)).toList();
        failover.configure(policy(FailoverMode.PRIORITY), roles, now);
    }

    private void routesRun() {
        failover.settleRoutes(sources.stream().map(Source::sample).toList(), now);
    }

    @Test
    void inputOnAirThatIsEditedIsLeftAtOnceForOneThatIsFit() {
        start(FailoverMode.PRIORITY, new Role(true, false, "a"), new Role(true, false, "b"));
        publishAll();
        edit("c", "b");
        look();
        assertThat(switches())
                .singleElement()
                .matches(s -> s.to() == 1 && s.reason() == Reason.INPUT_REMOVED && s.urgent());
        sources.get(0).alive = false;
        routesRun();
        run(Duration.ofSeconds(30));
        assertThat(switches()).hasSize(1);
        assertThat(decisions).noneMatch(FailoverDecision.Lost.class::isInstance);
        sources.get(0).publish();
        run(Duration.ofSeconds(15));
        assertThat(switches().getLast().reason()).isEqualTo(Reason.FAILBACK);
    }

    @Test
    void swappedInputsAreNoFailover() {
        start(FailoverMode.PRIORITY, new Role(true, false, "a"), new Role(true, false, "b"));
        publishAll();
        edit("b", "a");
        sources.forEach(source -> source.alive = false);
        look();
        routesRun();
        sources.get(1).publish();
        run(Duration.ofMillis(150));
        assertThat(switches()).as("the preferred one may be a little slower").isEmpty();
        sources.get(0).publish();
        run(Duration.ofSeconds(20));
        assertThat(switches()).isEmpty();
        assertThat(failover.active()).isZero();
    }

    @Test
    void onlyInputThatIsEditedWaitsForItsSource() {
        start(FailoverMode.PRIORITY, new Role(true, false, "a"));
        publishAll();
        edit("b");
        sources.getFirst().alive = false;
        routesRun();
        run(Duration.ofSeconds(60));
        assertThat(decisions).isEmpty();
        sources.getFirst().publish();
        run(Duration.ofSeconds(1));
        assertThat(decisions).containsExactly(new FailoverDecision.Found(0));
    }

    @Test
    void picturesThatStopAreBadMediaAndSoIsMediaThatComesTooSlowly() {
        start(FailoverMode.PRIORITY, LISTENER, LISTENER);
        publishAll();
        sources.get(0).pictures = false;
        run(Duration.ofSeconds(2));
        assertThat(switches()).singleElement().matches(s -> s.detail().contains("pictures"));
        sources.get(1).rate = 0.5;
        sources.get(0).pictures = true;
        run(Duration.ofSeconds(4));
        assertThat(switches().getLast().detail()).contains("slower");
        assertThat(failover.active()).isZero();
    }

    @Test
    void packetsThatAreMissingAreBadMedia() {
        start(FailoverMode.PRIORITY, LISTENER, LISTENER);
        publishAll();
        sources.get(0).lost += 90;
        run(Duration.ofSeconds(1));
        assertThat(switches()).isEmpty();
        sources.get(0).lost += 90;
        run(Duration.ofMillis(1100));
        assertThat(switches()).singleElement().matches(s -> s.detail().contains("missing"));
    }

    @Test
    void coldInputIsConnectedWhenItIsNeededAndNotBefore() {
        start(FailoverMode.PRIORITY, COLD, COLD, COLD);
        publishAll();
        assertThat(failover.connects(1)).isFalse();
        sources.get(0).end(true, "gone");
        sources.get(1).alive = false;
        look();
        assertThat(failover.connects(1)).isTrue();
        assertThat(failover.connects(2)).isFalse();
        run(Duration.ofSeconds(4));
        assertThat(failover.active()).isEqualTo(2);
        assertThat(failover.connects(1)).isFalse();
        // The better ones are looked at every eight seconds.
        run(Duration.ofSeconds(30));
        assertThat(failover.active()).isEqualTo(2);
        sources.get(0).publish();
        run(Duration.ofSeconds(30));
        assertThat(failover.active()).isZero();
        assertThat(failover.connects(2)).isFalse();
        assertThat(switches().getLast().reason()).isEqualTo(Reason.FAILBACK);
    }

    @Test
    void operatorsChoiceStaysAndIsLeftOnlyWhenItIsUnfit() {
        start(FailoverMode.PRIORITY, LISTENER, HOT, HOT);
        publishAll();
        failover.choose(2);
        look();
        assertThat(switches()).singleElement().matches(s -> s.reason() == Reason.MANUAL);
        run(Duration.ofSeconds(60));
        assertThat(failover.active()).isEqualTo(2);
        sources.get(2).alive = false;
        run(Duration.ofSeconds(1));
        assertThat(failover.active()).isZero();
        sources.get(2).alive = true;
        run(Duration.ofSeconds(20));
        assertThat(failover.active()).isEqualTo(2);
        failover.chooseNone();
        run(Duration.ofSeconds(20));
        assertThat(failover.active()).isZero();
    }

    @Test
    void roundRobinTakesTheNextAndNeverGoesBack() {
        start(FailoverMode.ROUND_ROBIN, HOT, HOT, HOT);
        publishAll();
        sources.get(0).alive = false;
        run(Duration.ofSeconds(1));
        sources.get(0).alive = true;
        run(Duration.ofSeconds(60));
        assertThat(failover.active()).isEqualTo(1);
        sources.get(1).alive = false;
        run(Duration.ofSeconds(1));
        sources.get(2).alive = false;
        run(Duration.ofSeconds(1));
        assertThat(failover.active()).isZero();
    }

    @Test
    void preferredInputMayBeALittleSlowerAtTheStart() {
        start(FailoverMode.PRIORITY, HOT, HOT);
        sources.get(1).publish();
        run(Duration.ofMillis(150));
        sources.get(0).publish();
        run(Duration.ofSeconds(1));
        assertThat(switches()).isEmpty();
    }

    @Test
    void inputThatIsTakenOutOfTheDocumentIsLeft() {
        start(FailoverMode.PRIORITY, HOT, HOT);
        publishAll();
        sources.get(0).alive = false;
        run(Duration.ofSeconds(1));
        sources.get(0).alive = true;
        sources.removeLast();
        failover.configure(policy(FailoverMode.PRIORITY), List.of(HOT), now);
        run(Duration.ofMillis(100));
        assertThat(failover.active()).isZero();
        assertThat(switches().getLast().reason()).isEqualTo(Reason.INPUT_REMOVED);
    }

    /** Whatever inputs do: a fit one is on air soon, and switches that are not forced are rare. */
    @Property(tries = 60)
    void fitInputIsOnAir(
            @ForAll @Size(min = 1, max = 25) List<@IntRange(max = 11) Integer> story,
            @ForAll boolean roundRobin,
            @ForAll boolean cold) {
        sources.clear();
        decisions.clear();
        FailoverMode mode = roundRobin ? FailoverMode.ROUND_ROBIN : FailoverMode.PRIORITY;
        Role role = cold ? COLD : HOT;
        start(mode, role, role, role);
        sources.forEach(Source::publish);
        for (int step : story) {
            Source source = sources.get(step % 3);
            switch (step / 3) {
                case 0 -> source.alive = false;
                case 1 -> source.end(true, "broken");
                case 2 -> source.publish();
                default -> run(Duration.ofSeconds(15));
            }
            run(Duration.ofMillis(300));
        }
        run(Duration.ofSeconds(10));
        boolean anyAlive = sources.stream().anyMatch(source -> source.alive);
        if (anyAlive) {
            assertThat(sources.get(failover.active()).alive).isTrue();
        } else {
            assertThat(failover.health(failover.active()).isHealthy()).isFalse();
        }
        long forced = switches().stream().filter(FailoverDecision.Switch::urgent).count();
        assertThat(switches().size() - forced).isLessThanOrEqualTo(story.size() * 15L / 12 + 2);
        assertThat(switches()).allMatch(change -> change.from() != change.to());
        assertThat(forced).isLessThanOrEqualTo(3L * story.size() + 3);
    }
}
