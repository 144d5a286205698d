package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Optional;

class StartWatchTest {
    private static final long LOOK = Duration.ofMillis(200).toNanos();

    private final Fake process = new Fake();

    private static final class Fake implements StartWatch.Signs {
        private long cpuMs;
        private long waitedMs;
        private long wakes;

        @Override
        public Duration cpu() {
            return Duration.ofMillis(cpuMs);
        }

        @Override
        public Duration waited() {
            return Duration.ofMillis(waitedMs);
        }

        @Override
        public long wakes() {
            return wakes;
        }
    }

    /** When it is found out, in looks; -1 for never in 10 s. */
    private int lives(boolean onCard, boolean reads, long cpuMsALook, long wakesALook) {
        StartWatch watch = new StartWatch(process, onCard, 0);
        for (int i = 1; i <= 50; i++) {
            process.cpuMs += cpuMsALook;
            process.wakes += wakesALook;
            Optional<String> problem = watch.look(reads, i * LOOK);
            if (problem.isPresent()) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void whatSleepsIsFoundInThreeSeconds() {
        assertThat(lives(false, false, 0, 0)).isEqualTo(13);
        assertThat(13 * LOOK).isLessThan(Duration.ofSeconds(3).toNanos());
    }

    @Test
    void whatWakesAndDoesNothingIsFoundToo() {
        assertThat(lives(false, false, 0, 1)).isEqualTo(13);
    }

    @Test
    void whatStandsStillAfterItHasReadIsFound() {
        assertThat(lives(false, true, 0, 0)).isBetween(13, 14);
    }

    @Test
    void whatWorksIsLeftAlone() {
        assertThat(lives(false, false, 20, 5)).isEqualTo(-1);
    }

    /** Others have the processors: it gets as much time as it would alone. */
    @Test
    void whatWaitsForAProcessorIsNotBlamed() {
        StartWatch watch = new StartWatch(process, false, 0);
        for (int i = 1; i <= 25; i++) {
            process.wakes++;
            process.waitedMs += 100;
            assertThat(watch.look(false, i * LOOK)).as("look " + i).isEmpty();
        }
        process.wakes++;
        assertThat(watch.look(false, 27 * LOOK)).isPresent();
    }

    @Test
    void whatWaitsForMoreOfItsInputIsLeftAlone() {
        assertThat(lives(false, true, 0, 2)).isEqualTo(-1);
    }

    @Test
    void cardsTakeLonger() {
        assertThat(lives(true, false, 0, 0)).isBetween(40, 42);
    }

    @Test
    void whereNothingIsKnownOfWakesThatCountsForNothing() {
        process.wakes = -1;
        assertThat(lives(false, true, 0, 0)).isEqualTo(-1);
    }

    @Test
    void timeWithoutInputOrWithoutLooksDoesNotCount() {
        StartWatch watch = new StartWatch(process, false, 0);
        watch.look(true, LOOK);
        watch.excuse(14 * LOOK);
        assertThat(watch.look(true, 15 * LOOK)).isEmpty();
        assertThat(watch.look(true, 40 * LOOK)).isEmpty(); // this machine was stopped
        assertThat(watch.look(true, 41 * LOOK)).isEmpty();
    }

    @Test
    void aRealProcessShowsSigns() throws Exception {
        long began = System.nanoTime();
        Process sleeping = new ProcessBuilder("sleep", "60").start();
        try {
            StartWatch.Signs signs = StartWatch.of(sleeping.toHandle());
            assertThat(signs.wakes()).isNotNegative();
            // It has one thread.
            assertThat(signs.waited()).isLessThan(Duration.ofNanos(System.nanoTime() - began));
            assertThat(signs.cpu()).isLessThan(Duration.ofSeconds(1));
        } finally {
            sleeping.destroyForcibly().waitFor();
        }
    }
}
