package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** When a process counts as hanging, told by looks every 200 ms at a clock that is a number. */
class HangWatchTest {
    private static final long LOOK = Duration.ofMillis(200).toNanos();
    private static final int LOOKS_A_SECOND = 5;

    private final Fake large = new Fake("track_1");
    private final Fake small = new Fake("track_2");
    private boolean works = true;
    private boolean sourceSends = true;
    private long arrivedNanos;
    private long nowNanos;

    private static final class Fake implements HangWatch.Output {
        private final String name;
        private long advancedNanos;
        private boolean delivered;
        private boolean sends;

        Fake(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long advancedNanos() {
            return advancedNanos;
        }

        @Override
        public boolean hasDelivered() {
            return delivered;
        }

        @Override
        public void excuse(long nowNanos) {
            advancedNanos = nowNanos;
        }
    }

    private final StartWatch start =
            new StartWatch(
                    new StartWatch.Signs() {
                        private long wakes;

                        @Override
                        public Duration cpu() {
                            return works ? Duration.ofSeconds(1) : Duration.ZERO;
                        }

                        @Override
                        public Duration waited() {
                            return Duration.ZERO;
                        }

                        @Override
                        public long wakes() {
                            return works ? wakes++ : wakes;
                        }
                    },
                    false,
                    0);

    private HangWatch watch() {
        return new HangWatch(List.of(large, small), OptionalInt.empty(), () -> arrivedNanos, 0);
    }

    private HangWatch stillsEvery(int seconds) {
        return new HangWatch(List.of(), OptionalInt.of(seconds), () -> arrivedNanos, 0);
    }

    /** Looks for so long, or until it hangs: what is said then. */
    private Optional<String> look(HangWatch watch, double seconds) {
        for (long looks = Math.round(seconds * LOOKS_A_SECOND); looks > 0; looks--) {
            nowNanos += LOOK;
            arrivedNanos = sourceSends ? nowNanos : arrivedNanos;
            for (Fake output : List.of(large, small)) {
                if (output.sends) {
                    output.advancedNanos = nowNanos;
                    output.delivered = true;
                }
            }
            Optional<String> problem = watch.look(start, works, nowNanos);
            if (problem.isPresent()) {
                return problem;
            }
        }
        return Optional.empty();
    }

    private double nowSeconds() {
        return nowNanos / 1e9;
    }

    @Test
    void aRungWhoseTimeDoesNotAdvanceIsNamed() {
        HangWatch watch = watch();
        large.sends = true;
        small.sends = true;
        assertThat(look(watch, 60)).isEmpty();
        small.sends = false; // it may send: what counts is its time
        assertThat(look(watch, 10)).contains("nothing of track_2");
        assertThat(nowSeconds()).isBetween(62.5, 62.9);
    }

    @Test
    void theFirstPictureMayTakeLonger() {
        HangWatch watch = watch();
        large.sends = true;
        assertThat(look(watch, 20)).contains("nothing of track_2");
        assertThat(nowSeconds()).isBetween(15.0, 15.4);
    }

    @Test
    void whatDoesNothingFromItsStartOnIsFoundSooner() {
        works = false;
        assertThat(look(watch(), 20)).contains("it does nothing and has not taken up its input");
        assertThat(nowSeconds()).isLessThan(3);
    }

    @Test
    void whatHasSentIsNotAskedForSignsOfItsStart() {
        HangWatch watch = watch();
        large.sends = true;
        small.sends = true;
        assertThat(look(watch, 1)).isEmpty();
        works = false;
        assertThat(look(watch, 20)).isEmpty();
    }

    @Test
    void aPauseOfTheSourceCountsForNothing() {
        HangWatch watch = watch();
        large.sends = true;
        small.sends = true;
        assertThat(look(watch, 5)).isEmpty();
        large.sends = false;
        small.sends = false;
        sourceSends = false;
        assertThat(look(watch, 600)).isEmpty();
        sourceSends = true;
        assertThat(look(watch, 2)).isEmpty();
        assertThat(look(watch, 1)).contains("nothing of track_1");
    }

    @Test
    void aPauseBeforeTheFirstPictureCountsForNothingEither() {
        HangWatch watch = watch();
        works = false;
        sourceSends = false;
        assertThat(look(watch, 60)).isEmpty();
        works = true;
        sourceSends = true;
        assertThat(look(watch, 14)).isEmpty();
        assertThat(look(watch, 2)).contains("nothing of track_1");
    }

    @Test
    void stillPicturesMayBeLateWhereKeyPicturesAreFarApart() {
        HangWatch watch = stillsEvery(10);
        assertThat(look(watch, 39)).isEmpty();
        watch.onStill(nowNanos);
        assertThat(look(watch, 39.8)).isEmpty();
        assertThat(look(watch, 1)).contains("nothing of still pictures");
    }

    @Test
    void whoTakesStillPicturesOnlyMustStartToo() {
        HangWatch watch = stillsEvery(10);
        works = false;
        assertThat(look(watch, 5)).contains("it does nothing and has not taken up its input");
    }
}
