package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

class RenditionDemandTest {
    private final RenditionDemand demand = new RenditionDemand(Optional::empty);

    @Test
    void whatNobodyAskedForIsIdleForEver() {
        assertThat(demand.idleNanos()).isEqualTo(Long.MAX_VALUE);
    }

    /** 0 is for who is connected: nobody is, over HTTP. */
    @Test
    void itIsIdleFromTheLastRequestOn() {
        demand.asked();
        assertThat(demand.idleNanos()).isBetween(1L, 60_000_000_000L);
    }

    @Test
    void itIsNotIdleWhileSomebodyWaits() {
        AtomicInteger answers = new AtomicInteger();
        Runnable first = demand.waits(answers::incrementAndGet);
        Runnable second = demand.waits(answers::incrementAndGet);
        assertThat(demand.idleNanos()).isEqualTo(1);
        first.run();
        assertThat(demand.idleNanos()).isEqualTo(1);
        second.run();
        assertThat(answers).hasValue(2);
        long idle = demand.idleNanos();
        assertThat(idle).isLessThan(60_000_000_000L);
        assertThat(demand.idleNanos()).isGreaterThanOrEqualTo(idle);
    }
}
