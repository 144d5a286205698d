package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

class RingTest {
    private static final int CAPACITY_PACKETS = 100;

    private final MediaMemory memory = new MediaMemory(64L * 1024 * 1024);
    private final UnitWriter writer = new UnitWriter(memory);
    private final Ring ring = new Ring("test", CAPACITY_PACKETS);
    private long next;

    @AfterEach
    void giveMemoryBack() {
        ring.close();
        writer.close();
    }

    private void append(int packets, int flags) {
        Units.append(writer, ring::append, next++, packets, flags);
    }

    private void gop(int units, int packets) {
        append(packets, Unit.RANDOM_ACCESS | Unit.VIDEO);
        for (int i = 1; i < units; i++) {
            append(packets, Unit.VIDEO);
        }
    }

    private static List<Long> drain(RingReader reader) {
        List<Long> numbers = new ArrayList<>();
        for (Unit unit = reader.poll(); unit != null; unit = reader.poll()) {
            numbers.add(Units.number(unit));
        }
        return numbers;
    }

    @Test
    void newReaderStartsAtTheNewestRandomAccessPoint() {
        gop(5, 3);
        gop(3, 3);
        try (RingReader reader = ring.openReader(() -> {})) {
            assertThat(drain(reader)).containsExactly(5L, 6L, 7L);
            assertThat(reader.lostUnits()).isZero();
        }
    }

    @Test
    void aReaderMayStartBeforeTheNewestRandomAccessPoint() {
        gop(5, 1);
        gop(5, 1);
        gop(5, 1);
        // 3600 ticks a unit; the newest is 14.
        assertThat(startsBack(0)).isEqualTo(10);
        assertThat(startsBack(4 * 3600)).isEqualTo(10);
        assertThat(startsBack(4 * 3600 + 1)).isEqualTo(5);
        assertThat(startsBack(1_000_000)).isEqualTo(0);
    }

    @Test
    void aReaderStartsBackToADiscontinuityAtMost() {
        gop(5, 1);
        append(1, Unit.RANDOM_ACCESS); // tables of their own
        append(1, Unit.DISCONTINUITY);
        append(1, 0);
        gop(5, 1);
        assertThat(startsBack(4 * 3600)).isEqualTo(8);
        assertThat(startsBack(1_000_000)).isEqualTo(5);
    }

    private long startsBack(long ticks) {
        try (RingReader reader = ring.openReader(() -> {}, ring.randomAccessBefore(ticks))) {
            return drain(reader).getFirst();
        }
    }

    /** Takes nothing and says for how long already. */
    private static final class Idle implements UnitSink {
        private final long nanos;
        private int forgotten;

        Idle(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public void onUnit(Unit unit) {}

        @Override
        public void forget() {
            forgotten++;
        }

        @Override
        public long idleNanos() {
            return nanos;
        }
    }

    @Test
    void isAsIdleAsTheBusiestThatFollowsIt() {
        assertThat(ring.idleNanos()).isEqualTo(Long.MAX_VALUE);
        ring.addSink(new Idle(70));
        assertThat(ring.idleNanos()).isEqualTo(70); // before the first unit, too
        append(1, Unit.RANDOM_ACCESS);
        ring.addSink(new Idle(30));
        assertThat(ring.idleNanos()).isEqualTo(30);
        try (RingReader _ = ring.openReader(() -> {})) {
            assertThat(ring.idleNanos()).isZero();
        }
        UnitSink unknown = unit -> {};
        ring.addSink(unknown);
        assertThat(ring.idleNanos()).isZero();
        ring.removeSink(unknown);
        assertThat(ring.idleNanos()).isEqualTo(30);
    }

    @Test
    void sinksForgetWithTheRing() {
        Idle sink = new Idle(0);
        ring.addSink(sink);
        append(1, Unit.RANDOM_ACCESS);
        ring.clear();
        assertThat(sink.forgotten).isEqualTo(1);
        assertThat(ring.randomAccessBefore(0)).isEqualTo(1);
    }

    @Test
    void readerOfARingWithoutRandomAccessPointStartsAtTheHead() {
        append(1, 0);
        append(1, 0);
        try (RingReader reader = ring.openReader(() -> {})) {
            assertThat(reader.poll()).isNull();
            append(1, 0);
            assertThat(drain(reader)).containsExactly(2L);
        }
    }

    @Test
    void keepsTheWholeGopEvenAboveItsCapacity() {
        gop(200, 3);
        assertThat(ring.stats().depthUnits()).isEqualTo(200);
        try (RingReader reader = ring.openReader(() -> {})) {
            assertThat(drain(reader)).hasSize(200).startsWith(0L);
        }
    }

    @Test
    void givesBackWhatIsOlderThanCapacityAndGop() {
        for (int i = 0; i < 50; i++) {
            gop(10, 3);
        }
        assertThat(ring.stats().depthUnits()).isBetween(30, 44);
        assertThat(ring.stats().depthBytes())
                .isLessThanOrEqualTo((CAPACITY_PACKETS + 30L) * Units.PACKET);
    }

    @Test
    void overtakenReaderGoesOnAtTheNewestRandomAccessPointAndCountsItsLoss() {
        gop(5, 3);
        try (RingReader reader = ring.openReader(() -> {})) {
            assertThat(Units.number(reader.poll())).isZero();
            for (int i = 0; i < 40; i++) {
                gop(5, 3);
            }
            List<Long> rest = drain(reader);
            assertThat(rest.getFirst() % 5).isZero();
            assertThat(rest.getLast()).isEqualTo(204L);
            assertThat(reader.lostUnits()).isEqualTo(204 - rest.size());
            assertThat(ring.stats().lostUnits()).isEqualTo(reader.lostUnits());
        }
    }

    @Test
    void overtakenInAnEndlessGopAReaderWaitsForTheNextRandomAccessPoint() {
        append(1, Unit.RANDOM_ACCESS);
        try (RingReader reader = ring.openReader(() -> {})) {
            for (int i = 0; i < 2 * Ring.MAX_UNITS; i++) {
                append(1, 0);
            }
            assertThat(reader.poll()).isNull();
            append(1, 0);
            assertThat(reader.poll()).as("the middle of a GOP").isNull();
            append(1, Unit.RANDOM_ACCESS);
            append(1, 0);

            Unit next = reader.poll();

            assertThat(next.isRandomAccess()).isTrue();
            assertThat(next.isDiscontinuity()).as("told where something is missing").isTrue();
            assertThat(reader.lostUnits()).isEqualTo(next.sequence());
            assertThat(reader.poll().isDiscontinuity()).isFalse();
            assertThat(reader.poll()).isNull();
        }
    }

    @Test
    void overtakenReaderOfARingWithoutRandomAccessPointsGoesOnAnywhere() {
        append(1, 0);
        try (RingReader reader = ring.openReader(() -> {}, 0)) {
            for (int i = 0; i < 2 * CAPACITY_PACKETS; i++) {
                append(1, 0);
            }
            assertThat(reader.poll()).isNull();
            append(1, 0);
            assertThat(reader.poll().isDiscontinuity()).isTrue();
        }
    }

    @Test
    void clearedRingIsJoinedAtItsNextRandomAccessPoint() {
        gop(5, 1);
        try (RingReader reader = ring.openReader(() -> {})) {
            append(1, 0);
            ring.clear();
            append(1, 0);
            assertThat(reader.poll()).isNull();
            append(1, Unit.RANDOM_ACCESS);
            assertThat(reader.poll().isRandomAccess()).isTrue();
        }
    }

    @Test
    void neverHoldsMoreThanItsByteLimitHoweverLongTheGop() {
        append(1, Unit.RANDOM_ACCESS);
        int packets = 340;
        for (int i = 0; i < 700; i++) {
            append(packets, 0);
            assertThat(ring.stats().depthBytes()).isLessThanOrEqualTo(Ring.MAX_BYTES);
        }
        assertThat(ring.stats().depthUnits()).isGreaterThan(400);
    }

    @Test
    void neverHoldsMoreUnitsThanItsLimit() {
        append(1, Unit.RANDOM_ACCESS);
        for (int i = 0; i < Ring.MAX_UNITS * 2; i++) {
            append(1, 0);
        }
        assertThat(ring.stats().depthUnits()).isEqualTo(Ring.MAX_UNITS);
    }

    @Test
    void sinkGetsTheGopInProgressFirstAndThenEveryUnit() {
        gop(4, 2);
        append(2, Unit.VIDEO);
        List<Long> seen = new ArrayList<>();
        ring.addSink(unit -> seen.add(Units.number(unit)));
        append(2, Unit.VIDEO);
        append(2, Unit.VIDEO);
        assertThat(seen).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void removedSinkIsNotCalledAgain() {
        List<Long> seen = new ArrayList<>();
        UnitSink sink = unit -> seen.add(Units.number(unit));
        ring.addSink(sink);
        append(1, Unit.RANDOM_ACCESS);
        ring.removeSink(sink);
        append(1, 0);
        assertThat(seen).containsExactly(0L);
    }

    @Test
    void sinkThatThrowsCostsTheOthersNothing() {
        List<Long> seen = new ArrayList<>();
        ring.addSink(
                unit -> {
                    throw new IllegalStateException("broken sink");
                });
        ring.addSink(unit -> seen.add(Units.number(unit)));
        gop(3, 1);
        assertThat(seen).containsExactly(0L, 1L, 2L);
    }

    @Test
    void armedReaderIsWokenOnce() {
        AtomicInteger wakes = new AtomicInteger();
        try (RingReader reader = ring.openReader(wakes::incrementAndGet)) {
            assertThat(reader.arm()).isTrue();
            gop(3, 1);
            assertThat(wakes).hasValue(1);
            assertThat(reader.arm()).as("there is something to poll").isFalse();
            assertThat(drain(reader)).hasSize(3);
        }
        append(1, 0);
        assertThat(wakes).hasValue(1);
    }

    @Test
    void bytesStayValidWhileAReaderHoldsThem() {
        gop(1, 3);
        try (RingReader reader = ring.openReader(() -> {})) {
            Unit held = reader.poll();
            for (int i = 0; i < 200; i++) {
                gop(10, 30);
            }
            assertThat(Units.number(held)).isZero();
        }
    }

    @Test
    void memoryIsUsedAgainInsteadOfGrowing() {
        for (int i = 0; i < 500; i++) {
            gop(10, 10);
        }
        assertThat(memory.usedBytes()).isLessThanOrEqualTo(8L * MediaMemory.SLAB_BYTES);
    }

    @Test
    void unitThatFindsNoMemoryIsDroppedAndCounted() {
        try (UnitWriter small = new UnitWriter(new MediaMemory(MediaMemory.SLAB_BYTES))) {
            assertThat(small.begin(1000)).isNotNull();
            assertThat(small.begin(2 * MediaMemory.SLAB_BYTES)).isNull();
            assertThat(small.droppedUnits()).isEqualTo(1);
            assertThatThrownBy(() -> small.begin(MediaMemory.MAX_UNIT_BYTES + 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void unitLargerThanASlabGetsOneOfItsOwn() {
        int packets = 3 * MediaMemory.SLAB_BYTES / Units.PACKET;
        append(packets, Unit.RANDOM_ACCESS);
        append(1, 0);
        try (RingReader reader = ring.openReader(() -> {})) {
            assertThat(reader.poll().length()).isEqualTo(packets * Units.PACKET);
            assertThat(Units.number(reader.poll())).isEqualTo(1);
        }
    }

    @Test
    void closedRingGivesItsMemoryBackAndIgnoresUnits() {
        gop(5, 3);
        ring.close();
        append(1, Unit.RANDOM_ACCESS);
        try (RingReader reader = ring.openReader(() -> {})) {
            assertThat(reader.poll()).isNull();
        }
    }
}
