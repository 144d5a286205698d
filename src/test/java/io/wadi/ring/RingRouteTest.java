package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The ring: endpoint in routes: fused, with a step between, and queued give the same units. */
class RingRouteTest {
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final UnitWriter writer = new UnitWriter();
    private RingEntry entry;
    private long next;

    @BeforeEach
    void start() {
        context.start();
        entry = Rings.of(context).acquire("in");
    }

    @AfterEach
    void stop() {
        context.stop();
        Rings.of(context).release("in");
        writer.close();
        assertThat(Rings.of(context).ids()).isEmpty();
    }

    private void append(int flags) {
        Units.append(writer, entry.ring()::append, next++, 2, flags);
    }

    private void route(String from, String to, boolean withStep) throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        var route = from(from).errorHandler(noErrorHandler());
                        if (withStep) {
                            route = route.process(exchange -> steps.incrementAndGet());
                        }
                        route.to(to);
                    }
                });
    }

    private final AtomicInteger steps = new AtomicInteger();

    private List<Long> collect(String ringId) {
        List<Long> seen = new CopyOnWriteArrayList<>();
        Rings.of(context)
                .find(ringId)
                .orElseThrow()
                .ring()
                .addSink(unit -> seen.add(Units.number(unit)));
        return seen;
    }

    @Test
    void fusedRouteHandsUnitsOnWithoutAnExchange() throws Exception {
        route("ring:in", "ring:out", false);
        List<Long> seen = collect("out");
        append(Unit.RANDOM_ACCESS);
        append(0);
        append(0);
        assertThat(seen).containsExactly(0L, 1L, 2L);
        assertThat(context.getInflightRepository().size()).isZero();
        assertThat(steps).hasValue(0);
    }

    @Test
    void routeWithAStepGivesTheSameUnitsThroughExchanges() throws Exception {
        route("ring:in", "ring:out", true);
        List<Long> seen = collect("out");
        append(Unit.RANDOM_ACCESS);
        append(0);
        append(0);
        assertThat(seen).containsExactly(0L, 1L, 2L);
        assertThat(steps).hasValue(3);
    }

    @Test
    void queuedRouteFollowsOnAThreadOfItsOwn() throws Exception {
        route("ring:in?delivery=queued", "ring:out", false);
        List<Long> seen = collect("out");
        List<Long> sent = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            append(i % 10 == 0 ? Unit.RANDOM_ACCESS : 0);
            sent.add((long) i);
        }
        Awaitility.await().untilAsserted(() -> assertThat(seen).isEqualTo(sent));
    }

    @Test
    void onlyTheActiveInputPasses() throws Exception {
        RingEntry out = Rings.of(context).acquire("two");
        List<Long> seen = new CopyOnWriteArrayList<>();
        out.ring().addSink(unit -> seen.add(Units.number(unit)));
        Units.append(writer, out.input(0), 0, 1, Unit.RANDOM_ACCESS);
        Units.append(writer, out.input(1), 1, 1, Unit.RANDOM_ACCESS);
        out.activate(1);
        Units.append(writer, out.input(0), 2, 1, 0);
        Units.append(writer, out.input(1), 3, 1, 0);
        Units.append(writer, out.input(1), 4, 1, Unit.RANDOM_ACCESS);
        assertThat(seen).containsExactly(0L, 1L, 3L, 4L);
        assertThat(out.input(0).stats().units()).isEqualTo(2);
        assertThat(out.ring().stats().discontinuities()).isEqualTo(1);
        Rings.of(context).release("two");
    }

    /** A packet with the start of a PES packet whose PTS is 0. */
    private static final String TIMED_PACKET = "47410010" + "000001e0000080800521000100010000";

    @Test
    void aCopyDoesNotTouchWhatItCopies() throws Exception {
        RingEntry second = Rings.of(context).acquire("second");
        route("ring:in", "ring:out", false);
        route("ring:out", "ring:second", false);
        List<String> copied = new CopyOnWriteArrayList<>();
        second.ring()
                .addSink(
                        unit ->
                                copied.add(
                                        ByteBufUtil.hexDump(
                                                unit.slab(), unit.offset(), unit.length())));
        try (RingReader reader = entry.ring().openReader(() -> {})) {
            ByteBuf room = writer.begin(Units.PACKET);
            room.writeBytes(ByteBufUtil.decodeHexDump(TIMED_PACKET)).writeZero(168);
            writer.end(0, 0, System.nanoTime(), Unit.RANDOM_ACCESS, entry.ring()::append);
            Unit unit = reader.poll();
            assertThat(ByteBufUtil.hexDump(unit.slab(), unit.offset(), 20)).isEqualTo(TIMED_PACKET);
        }
        assertThat(copied).hasSize(1);
        assertThat(copied.getFirst())
                .as("has the time of its own stream")
                .doesNotStartWith(TIMED_PACKET);
        Rings.of(context).release("second");
    }
}
