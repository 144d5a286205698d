package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

class TimelineTest {
    private static final long START = 1_000_000;
    private static final long MS = Timeline.TICKS_PER_MS;
    private static final int VIDEO = 0;
    private static final int AUDIO = 1;

    private final Timeline timeline = new Timeline(START);
    private long arrivalMs;

    private long out(int kind, long dtsMs) {
        return out(kind, dtsMs, 40);
    }

    private long out(int kind, long dtsMs, long elapsedMs) {
        arrivalMs += elapsedMs;
        return dtsMs * MS + timeline.offsetFor(kind, dtsMs * MS, arrivalMs * 1_000_000);
    }

    @Test
    void startsAtTheStreamsTimeWhateverTheSourceSays() {
        assertThat(out(VIDEO, 5_000_000)).isEqualTo(START);
        assertThat(out(AUDIO, 5_000_010)).isEqualTo(START + 10 * MS);
        assertThat(out(VIDEO, 5_000_040)).isEqualTo(START + 40 * MS);
        assertThat(timeline.isDiscontinuity()).isFalse();
    }

    @Test
    void restartedPublisherGoesOnAfterThePauseThatItMade() {
        out(VIDEO, 0);
        long last = out(VIDEO, 40);
        timeline.sourceChanged();
        assertThat(out(VIDEO, 77_000, 2_000)).isEqualTo(last + 2_000 * MS);
        assertThat(timeline.isDiscontinuity()).isTrue();
        assertThat(out(AUDIO, 77_005)).isEqualTo(last + 2_005 * MS);
        assertThat(timeline.isDiscontinuity()).isFalse();
    }

    @Test
    void jumpOfHoursIsOneDiscontinuityForBothKinds() {
        out(VIDEO, 0);
        out(AUDIO, 10);
        long last = out(VIDEO, 40);
        long jumped = out(VIDEO, 36_000_080);
        assertThat(timeline.isDiscontinuity()).isTrue();
        assertThat(jumped).isEqualTo(last + 40 * MS);
        assertThat(out(AUDIO, 50)).as("audio that has not jumped yet").isEqualTo(START + 50 * MS);
        assertThat(timeline.isDiscontinuity()).isFalse();
        assertThat(out(AUDIO, 36_000_090)).isEqualTo(jumped + 10 * MS);
        assertThat(timeline.isDiscontinuity()).isFalse();
    }

    @Test
    void jumpBackwardsNeverShowsTimeGoingBack() {
        out(VIDEO, 600_000);
        long last = out(VIDEO, 600_040);
        assertThat(out(VIDEO, 0)).isGreaterThan(last);
        assertThat(timeline.isDiscontinuity()).isTrue();
    }

    @Test
    void stallOfTheSourceIsNoDiscontinuity() {
        out(VIDEO, 0);
        long last = out(VIDEO, 40);
        assertThat(out(VIDEO, 20_040, 20_000)).isEqualTo(last + 20_000 * MS);
        assertThat(timeline.isDiscontinuity()).isFalse();
    }

    record Step(int kind, long inMs, long elapsedMs, boolean restart) {}

    @Provide
    Arbitrary<List<Step>> sources() {
        Arbitrary<Long> times =
                Arbitraries.oneOf(
                        Arbitraries.longs().between(0, 10_000),
                        Arbitraries.longs().between(0, 1L << 40));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 1),
                        times,
                        Arbitraries.longs().between(0, 30_000),
                        Arbitraries.integers().between(0, 20).map(n -> n == 0))
                .as(Step::new)
                .list()
                .ofMinSize(2)
                .ofMaxSize(200);
    }

    @Property(tries = 500)
    void timeOfVideoNeverGoesBackWhateverTheSourceDoes(@ForAll("sources") List<Step> steps) {
        Timeline any = new Timeline(START);
        long now = 0;
        long lastVideo = 0;
        long lastAudio = 0;
        for (Step step : steps) {
            now += step.elapsedMs();
            if (step.restart()) {
                any.sourceChanged();
            }
            long dts = step.inMs() * MS;
            long out = dts + any.offsetFor(step.kind(), dts, now * 1_000_000);
            if (step.kind() == VIDEO) {
                assertThat(out).isGreaterThanOrEqualTo(lastVideo);
                lastVideo = out;
            } else {
                assertThat(out).isGreaterThanOrEqualTo(lastAudio - Timeline.TICKS_PER_SECOND / 2);
                lastAudio = Math.max(lastAudio, out);
            }
        }
    }

    @Property(tries = 300)
    void evenSourceKeepsItsOwnDistances(@ForAll long seed) {
        Timeline even = new Timeline(START);
        long base = (seed >>> 1) % (1L << 50);
        long now = 0;
        for (int i = 0; i < 100; i++) {
            now += 20;
            int kind = i % 2;
            long dts = base + i * 20L * MS;
            long out = dts + even.offsetFor(kind, dts, now * 1_000_000);
            assertThat(out).isEqualTo(START + i * 20L * MS);
            assertThat(even.isDiscontinuity()).isFalse();
        }
    }

    private static final long FRAME = 40 * MS;

    /**
     * Plays pictures with a delay of two between decoding and showing, and returns the last out.
     */
    private long play(Timeline on, long fromDts, int pictures, long arrival) {
        long last = 0;
        for (int i = 0; i < pictures; i++) {
            long dts = fromDts + i * FRAME;
            long delay = 2 * FRAME;
            last = dts + on.offsetFor(VIDEO, dts + delay, dts, arrival + i * 40_000_000L);
        }
        return last;
    }

    @Test
    void heldGopEndsAtThePresentAndStartsBehindWhatWasShown() {
        long last = play(timeline, 0, 50, 0);
        // Another source, 30 pictures into its GOP, takes over 300 ms after the last picture.
        long present = 49 * 40_000_000L + 300_000_000L;
        Timeline.CatchUp times = timeline.catchUp(7_000_000, 7_000_000 + 29 * FRAME, present, 30);
        long before = last + 2 * FRAME;
        for (int i = 0; i < 30; i++) {
            long dts = 7_000_000 + i * FRAME;
            long out = times.picture(dts);
            assertThat(out).isGreaterThan(before);
            times.passed(VIDEO, dts + 2 * FRAME, dts);
            before = out;
        }
        assertThat(before).isEqualTo(last + 300 * MS);
        assertThat(play(timeline, 7_000_000 + 30 * FRAME, 1, present + 40_000_000L))
                .isEqualTo(last + 340 * MS);
        assertThat(timeline.isDiscontinuity()).isFalse();
    }

    @Property(tries = 300)
    void switchesNeitherGoBackNorRunAwayFromTheClock(@ForAll Random random) {
        Timeline on = new Timeline(START);
        long arrival = 0;
        long last = play(on, 0, 10, arrival);
        arrival += 9 * 40_000_000L;
        for (int round = 0; round < 40; round++) {
            long pauseMs = 10L + random.nextInt(500);
            int held = 1 + random.nextInt(60);
            long first = random.nextLong(1L << 40);
            arrival += pauseMs * 1_000_000;
            Timeline.CatchUp times = on.catchUp(first, first + (held - 1) * FRAME, arrival, held);
            long shown = last + 2 * FRAME;
            for (int i = 0; i < held; i++) {
                long dts = first + i * FRAME;
                long pts = dts + 2 * FRAME;
                assertThat(times.picture(dts)).isGreaterThan(i == 0 ? shown : last);
                assertThat(times.picture(pts)).isGreaterThanOrEqualTo(times.picture(dts));
                assertThat(times.clock(dts)).isLessThanOrEqualTo(times.picture(dts));
                times.passed(VIDEO, pts, dts);
                last = times.picture(dts);
            }
            int live = 1 + random.nextInt(50);
            long next = play(on, first + held * FRAME, live, arrival + 40_000_000L);
            assertThat(next).isGreaterThan(last);
            last = next;
            arrival += live * 40_000_000L;
        }
        long ahead = last - START - arrival * 9 / 100_000;
        assertThat(ahead).isBetween(-MS, 500 * MS);
    }
}
