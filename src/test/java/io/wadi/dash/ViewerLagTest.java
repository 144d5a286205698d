package io.wadi.dash;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

class ViewerLagTest {
    private final ViewerLag lag = new ViewerLag();

    private static long seconds(double seconds) {
        return Math.round(seconds * TimeUnit.SECONDS.toNanos(1));
    }

    @Test
    void whoIsFarthestBehindCounts() {
        assertThat(lag.farthest(seconds(100))).isEmpty();
        lag.fetched(500, seconds(100));
        lag.fetched(700, seconds(101));
        lag.fetched(0, seconds(104));
        assertThat(lag.farthest(seconds(104.5))).hasValue(700);
    }

    @Test
    void whoIsGoneIsForgotten() {
        lag.fetched(900, seconds(100));
        lag.fetched(500, seconds(106));
        assertThat(lag.farthest(seconds(106))).hasValue(900);
        assertThat(lag.farthest(seconds(111.5))).hasValue(500);
        assertThat(lag.farthest(seconds(116.9))).isEmpty();
    }

    @Test
    void aLongPauseForgetsAll() {
        lag.fetched(500, seconds(100));
        assertThat(lag.farthest(seconds(3600))).isEmpty();
        lag.fetched(300, seconds(3601));
        assertThat(lag.farthest(seconds(3602))).hasValue(300);
    }
}
