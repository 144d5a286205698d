package io.wadi.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitWriter;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Units of one made-up access unit each: 25 pictures a second, 3600 ticks apart. */
class TsSegmenterTest {
    private static final int PACKET = 188;
    private static final int FRAME = 3600;
    private static final int PMT_PID = 0x1000;
    private static final int KEY = Unit.RANDOM_ACCESS | Unit.VIDEO | Unit.ACCESS_UNIT;
    private static final int PICTURE = Unit.VIDEO | Unit.ACCESS_UNIT;

    private final List<CutSegment> cuts = new ArrayList<>();
    private UnitWriter writer = new UnitWriter();
    private final ByteArrayOutputStream fed = new ByteArrayOutputStream();
    private TsSegmenter segmenter = segmenter(Duration.ofSeconds(2));
    private long counter;

    private TsSegmenter segmenter(Duration target) {
        return new TsSegmenter(SegmentLimits.of(target), cuts::add);
    }

    @AfterEach
    void release() {
        segmenter.close();
        cuts.forEach(cut -> cut.bytes().release());
        cuts.clear();
        writer.close();
        assertThat(writer.memory().usedBytes()).isZero();
    }

    private void unit(long dts, int flags, boolean tables) {
        ByteBuf room = writer.begin(4 * PACKET);
        int start = room.writerIndex();
        if (tables) {
            table(room, 0, new int[] {0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xF0, 0, 0, 0, 0, 0});
            table(
                    room,
                    PMT_PID,
                    new int[] {
                        2, 0xB0, 18, 0, 1, 0xC1, 0, 0, 0xE1, 0, 0xF0, 0, 0x1B, 0xE1, 0, 0xF0, 0, 0,
                        0, 0, 0
                    });
        }
        room.writeByte(0x47).writeShort(0x4100).writeByte(0x10).writeLong(counter++);
        room.writeZero(PACKET - 12);
        byte[] bytes = ByteBufUtil.getBytes(room, start, room.writerIndex() - start, true);
        fed.writeBytes(bytes);
        writer.end(dts, dts, 0, flags, segmenter);
    }

    private static void table(ByteBuf room, int pid, int[] section) {
        room.writeByte(0x47).writeShort(0x4000 | pid).writeByte(0x10).writeByte(0);
        for (int b : section) {
            room.writeByte(b);
        }
        int stuffing = PACKET - 5 - section.length;
        for (int i = 0; i < stuffing; i++) {
            room.writeByte(0xFF);
        }
    }

    private void key(long dts) {
        unit(dts, KEY, true);
    }

    /** Pictures from {@code from} on with a key picture every {@code gop}. */
    private void pictures(long from, int count, int gop) {
        for (int i = 0; i < count; i++) {
            if (i % gop == 0) {
                key(from + (long) i * FRAME);
            } else {
                unit(from + (long) i * FRAME, PICTURE, false);
            }
        }
    }

    private List<Double> seconds() {
        return cuts.stream().map(cut -> cut.durationTicks() / 90_000.0).toList();
    }

    @Test
    void cutsAtTheRandomAccessPointAtTheTarget() {
        pictures(0, 151, 25);
        assertThat(seconds()).containsExactly(2.0, 2.0, 2.0);
        assertThat(cuts).allMatch(CutSegment::independent).noneMatch(CutSegment::discontinuity);
        assertThat(cuts).allMatch(cut -> cut.pictures() == 50);
    }

    @Test
    void cutsJustBeforeTheTargetWhenTheNextPointIsFurtherAway() {
        pictures(0, 191, 38);
        assertThat(seconds()).containsExactly(1.52, 1.52, 1.52, 1.52, 1.52);
    }

    @Test
    void waitsForALongGop() {
        pictures(0, 501, 250);
        assertThat(seconds()).containsExactly(10.0, 10.0);
    }

    @Test
    void cutsWithoutARandomAccessPointOnlyAtTheLimit() {
        pictures(0, 1501, 100_000);
        assertThat(seconds()).containsExactly(30.0, 30.0);
        assertThat(cuts.get(0).independent()).isTrue();
        assertThat(cuts.get(1).independent()).isFalse();
        assertThat(cuts.get(1).bytes().getUnsignedShort(1) & 0x1FFF).as("PAT").isZero();
    }

    @Test
    void cutsAudioOnTimeAndPutsTablesInFront() {
        unit(0, Unit.RANDOM_ACCESS | Unit.ACCESS_UNIT, true);
        for (int i = 1; i < 300; i++) {
            unit(i * 1920L, Unit.RANDOM_ACCESS | Unit.ACCESS_UNIT, false);
        }
        assertThat(seconds()).allSatisfy(s -> assertThat(s).isBetween(1.98, 2.02)).hasSize(3);
        for (CutSegment cut : cuts) {
            assertThat(cut.bytes().getUnsignedShort(1) & 0x1FFF).as("PAT").isZero();
            assertThat(cut.bytes().getUnsignedShort(PACKET + 1) & 0x1FFF).isEqualTo(PMT_PID);
        }
    }

    @Test
    void repeatsTablesWithTheCountersSeenLast() {
        key(0);
        unit(90_000, PICTURE, false);
        unit(180_000, KEY, false);
        unit(360_000, KEY, false);
        ByteBuf first = cuts.get(0).bytes();
        ByteBuf second = cuts.get(1).bytes();
        assertThat(second.slice(0, 2 * PACKET)).isEqualTo(first.slice(0, 2 * PACKET));
    }

    @Test
    void waitsForAPictureBehindTablesOfTheirOwn() {
        unit(Unit.NO_TIME, Unit.RANDOM_ACCESS, true);
        unit(0, PICTURE, false);
        unit(Unit.NO_TIME, Unit.RANDOM_ACCESS, true);
        unit(180_000, PICTURE, false);
        assertThat(seconds()).containsExactly(2.0);
    }

    @Test
    void cutsAtOnceAtADiscontinuity() {
        pictures(0, 30, 50);
        unit(30 * FRAME, KEY | Unit.DISCONTINUITY, true);
        pictures(31 * FRAME, 60, 50);
        assertThat(seconds().getFirst()).isEqualTo(1.2);
        assertThat(cuts.get(0).discontinuity()).isFalse();
        assertThat(cuts.get(1).discontinuity()).isTrue();
    }

    @Test
    void cutsAtTheNextRandomAccessPointAfterADiscontinuityInAGop() {
        pictures(0, 10, 50);
        unit(10 * FRAME, PICTURE | Unit.DISCONTINUITY, false);
        key(11 * FRAME);
        pictures(12 * FRAME, 60, 50);
        assertThat(seconds().getFirst()).isEqualTo(0.44);
        assertThat(cuts.get(1).discontinuity()).isTrue();
    }

    @Test
    void doesNotCountTheSilenceOfALostPublisher() {
        pictures(0, 26, 50);
        long back = 40L * 90_000;
        unit(back, KEY | Unit.NEW_SOURCE | Unit.DISCONTINUITY, true);
        pictures(back + FRAME, 60, 50);
        assertThat(seconds().getFirst()).isEqualTo(1.04);
        assertThat(cuts.get(1).discontinuity()).isTrue();
        assertThat(cuts.get(1).startTicks()).isEqualTo(back);
    }

    @Test
    void survivesTimeThatJumpsBack() {
        pictures(1_000_000_000, 26, 50);
        pictures(0, 101, 50);
        assertThat(seconds()).containsExactly(1.04, 2.0, 2.0);
        assertThat(cuts.get(1).discontinuity()).isTrue();
    }

    @Test
    void neverAnnouncesTheFirstSegmentUnlessTold() {
        unit(0, KEY | Unit.NEW_SOURCE | Unit.DISCONTINUITY, true);
        key(180_000);
        assertThat(cuts.getFirst().discontinuity()).isFalse();
        segmenter.close();
        segmenter = segmenter(Duration.ofSeconds(2));
        segmenter.markDiscontinuity();
        key(0);
        key(180_000);
        assertThat(cuts.getLast().discontinuity()).isTrue();
    }

    @Test
    void sharesSlabsInsteadOfCopying() {
        pictures(0, 51, 50);
        assertThat(cuts.getFirst().bytes().nioBufferCount()).isEqualTo(1);
    }

    @Property(tries = 60)
    void losesAndInventsNoByte(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 1, max = 90) Integer> gops) {
        segmenter = segmenter(Duration.ofSeconds(2));
        writer = new UnitWriter();
        fed.reset();
        long at = 0;
        for (int gop : gops) {
            pictures(at, gop, gop);
            at += (long) gop * FRAME;
        }
        int before = fed.size();
        key(at + 4 * 90_000);
        ByteArrayOutputStream cut = new ByteArrayOutputStream();
        cuts.forEach(segment -> cut.writeBytes(ByteBufUtil.getBytes(segment.bytes())));
        assertThat(cut.toByteArray()).isEqualTo(Arrays.copyOf(fed.toByteArray(), before));
        long sum = cuts.stream().mapToLong(CutSegment::durationTicks).sum();
        assertThat(sum).isBetween(at, at + 4 * 90_000);
        for (int i = 1; i < cuts.size(); i++) {
            CutSegment last = cuts.get(i - 1);
            assertThat(cuts.get(i).startTicks())
                    .isEqualTo(last.startTicks() + last.durationTicks());
        }
        release();
    }
}
