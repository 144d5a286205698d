package io.wadi.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What becomes of viewers when their route stops, and another may follow. */
class SuccessionsTest {
    private static final class Viewers implements Successions.Output {
        final AtomicInteger successors = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();

        @Override
        public void succeed(FanOutOptions options) {
            successors.incrementAndGet();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Successions successions = Successions.of(context);
    private final Viewers viewers = new Viewers();
    private final UnitWriter writer = new UnitWriter();
    private final AtomicInteger hopeless = new AtomicInteger();
    private final Continuation continuation = new Continuation(hopeless::incrementAndGet);
    private final List<Long> admitted = new ArrayList<>();

    @BeforeEach
    void start() {
        context.start();
    }

    @AfterEach
    void stop() throws Exception {
        writer.close();
        context.close();
    }

    private Optional<Viewers> take(String name) {
        return successions.take(name, Viewers.class, FanOutOptions.DEFAULT);
    }

    @Test
    void aSuccessorUnderTheSameNameGetsThem() {
        successions.keep("rtmp:a", viewers);
        assertThat(take("rtmp:b")).isEmpty();
        assertThat(take("rtmp:a")).containsSame(viewers);
        assertThat(take("rtmp:a")).as("once").isEmpty();
        assertThat(viewers.successors).hasValue(1);
        assertThat(viewers.closed).hasValue(0);
    }

    @Test
    void theyAreDisconnectedWhenNoneComes() {
        successions.keep("rtmp:a", viewers);
        await().until(() -> viewers.closed.get() == 1);
        assertThat(take("rtmp:a")).isEmpty();
    }

    @Test
    void aStoppingContextKeepsNobody() {
        context.stop();
        successions.keep("rtmp:a", viewers);
        assertThat(viewers.closed).hasValue(1);
    }

    private void unit(long dts, int flags) {
        writer.begin(188).writeZero(188);
        UnitSink sink =
                unit -> {
                    if (continuation.admits(unit)) {
                        admitted.add(unit.dts());
                    }
                };
        writer.end(dts, dts, 0, flags, sink);
    }

    @Test
    void theyGoOnBehindWhatTheyHave() {
        unit(90_000, Unit.RANDOM_ACCESS);
        unit(93_600, 0);
        unit(92_000, 0);
        continuation.next();
        unit(86_400, Unit.RANDOM_ACCESS);
        unit(97_200, 0);
        unit(93_600, Unit.RANDOM_ACCESS);
        unit(Unit.NO_TIME, Unit.RANDOM_ACCESS);
        unit(94_000, Unit.RANDOM_ACCESS);
        unit(92_500, 0);
        assertThat(admitted).containsExactly(90_000L, 93_600L, 92_000L, 94_000L, 92_500L);
        assertThat(hopeless).hasValue(0);
    }

    @Test
    void timeThatBeganAnewIsNotWaitedFor() {
        unit(9_000_000, Unit.RANDOM_ACCESS);
        continuation.next();
        unit(3_600, 0);
        unit(7_200, Unit.RANDOM_ACCESS);
        unit(10_800, 0);
        assertThat(admitted).containsExactly(9_000_000L, 7_200L, 10_800L);
        assertThat(hopeless).hasValue(1);
    }

    @Test
    void whoHasNothingYetTakesAnything() {
        continuation.next();
        unit(3_600, 0);
        assertThat(admitted).containsExactly(3_600L);
    }
}
