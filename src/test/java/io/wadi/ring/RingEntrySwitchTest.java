package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.ts.TsTrack;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a ring holds after its input changed: read packet by packet, with nothing of ours. */
class RingEntrySwitchTest {
    private static final TsTrack VIDEO = TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, "");
    private static final TsTrack AUDIO = TsTrack.of(TsTrack.AUDIO_PID, CodecId.AAC, "");
    private static final int GOP = 25;

    /** A source with pictures every 40 ms, two of them reordered, and sound every 20 ms. */
    private static final class Source implements AutoCloseable {
        final AccessUnitWriter writer;
        final long start;
        int pictures;

        Source(UnitSink input, long start, int phase) {
            this.writer = new AccessUnitWriter(new UnitWriter(), input);
            this.start = start;
            this.pictures = phase;
            writer.track(VIDEO);
            writer.track(AUDIO);
        }

        void play(long arrivalNanos) {
            long dts = start + pictures * 3600L;
            boolean key = pictures % GOP == 0;
            long delay = key ? 7200 : pictures % 3 == 1 ? 10_800 : 0;
            write(VIDEO, dts + delay, dts, key, arrivalNanos);
            write(AUDIO, dts, dts, true, arrivalNanos);
            write(AUDIO, dts + 1800, dts + 1800, true, arrivalNanos);
            pictures++;
        }

        private void write(TsTrack track, long pts, long dts, boolean key, long arrivalNanos) {
            ByteBuf payload = Unpooled.buffer().writeInt(1).writeByte(key ? 0x65 : 0x41);
            payload.writeZero(300);
            writer.write(track, pts, dts, key, arrivalNanos, Unpooled.EMPTY_BUFFER, payload);
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    /** Reads headers, PES times and PCRs. */
    private static final class Judge implements UnitSink {
        final Map<Integer, Integer> counters = new HashMap<>();
        final Map<Integer, Long> lastDts = new HashMap<>();
        long firstDts = Unit.NO_TIME;
        long newestDts;
        long lastPcr = Long.MIN_VALUE;
        long shownUntil = Long.MIN_VALUE;
        int breaks;
        int units;

        @Override
        public void onUnit(Unit unit) {
            units++;
            if (unit.isDiscontinuity()) {
                breaks++;
                assertThat(unit.isRandomAccess()).isTrue();
                assertThat(unit.pts()).as("shown after what was shown").isGreaterThan(shownUntil);
            }
            firstDts = firstDts == Unit.NO_TIME ? unit.dts() : firstDts;
            newestDts = unit.dts();
            if (unit.isVideo()) {
                shownUntil = Math.max(shownUntil, unit.pts());
            }
            assertThat(unit.pts()).isGreaterThanOrEqualTo(unit.dts());
            ByteBuf b = unit.slab();
            for (int at = unit.offset(); at < unit.offset() + unit.length(); at += 188) {
                packet(b, at, unit);
            }
        }

        private void packet(ByteBuf b, int at, Unit unit) {
            int pid = b.getUnsignedShort(at + 1) & 0x1FFF;
            int control = b.getByte(at + 3) >> 4 & 3;
            int counter = b.getByte(at + 3) & 15;
            Integer before = counters.put(pid, counter);
            if (before != null) {
                int expected = (control & 1) != 0 ? (before + 1 & 15) : before;
                assertThat(counter)
                        .as("counter of PID %x in unit %d", pid, units)
                        .isEqualTo(expected);
            }
            int payload = at + 4;
            if ((control & 2) != 0) {
                int length = b.getUnsignedByte(at + 4);
                if (length > 0 && (b.getByte(at + 5) & 0x10) != 0) {
                    long pcr = b.getUnsignedInt(at + 6) << 1 | b.getUnsignedByte(at + 10) >>> 7;
                    assertThat(pcr).as("PCR in unit %d", units).isGreaterThanOrEqualTo(lastPcr);
                    lastPcr = pcr;
                }
                payload += 1 + length;
            }
            boolean pes = (b.getByte(at + 1) & 0x40) != 0 && (pid == 0x100 || pid == 0x101);
            if (pes) {
                int flags = b.getUnsignedByte(payload + 7) >> 6;
                long pts = time(b, payload + 9);
                long dts = flags == 3 ? time(b, payload + 14) : pts;
                assertThat(pts).isEqualTo(unit.pts() & (1L << 33) - 1);
                assertThat(dts).isEqualTo(unit.dts() & (1L << 33) - 1);
                Long last = lastDts.put(pid, dts);
                assertThat(last == null || dts > last)
                        .as("PID %x: %d after %d in unit %d", pid, dts, last, units)
                        .isTrue();
                assertThat(dts).as("decoded after its clock").isGreaterThanOrEqualTo(lastPcr);
            }
        }

        private static long time(ByteBuf b, int at) {
            return (b.getByte(at) & 0x0EL) << 29
                    | (b.getUnsignedShort(at + 1) & 0xFFFEL) << 14
                    | (b.getUnsignedShort(at + 3) & 0xFFFEL) >>> 1;
        }
    }

    private static final class Rig implements AutoCloseable {
        final RingEntry entry = new RingEntry(new Ring("rig", 1000));
        final Judge judge = new Judge();
        final Source[] sources = new Source[3];
        long nanos = 5_000_000_000L;

        Rig() {
            entry.ring().addSink(judge);
            for (int i = 0; i < sources.length; i++) {
                sources[i] = new Source(entry.input(i), 1_000_000_000L * i, i * 7);
            }
        }

        /** Lets sources play in real time; {@code dead} is silent. */
        void play(int pictures, int dead) {
            for (int i = 0; i < pictures; i++) {
                nanos += 40_000_000;
                for (int s = 0; s < sources.length; s++) {
                    if (s != dead) {
                        sources[s].play(nanos);
                    } else {
                        sources[s].pictures++;
                    }
                }
            }
        }

        @Override
        public void close() {
            for (Source source : sources) {
                source.close();
            }
            entry.close();
        }
    }

    @Test
    void switchNeedsNoKeyPicture() {
        try (Rig rig = new Rig()) {
            rig.play(60, -1);
            rig.play(5, 0);
            int before = rig.judge.units;
            rig.entry.activate(1);
            assertThat(rig.judge.units).isGreaterThan(before);
            assertThat(rig.judge.breaks).isEqualTo(1);
            rig.play(60, -1);
            assertThat(rig.judge.breaks).isEqualTo(1);
        }
    }

    /** Forth and back twice within one group of pictures. */
    @Test
    void inputThatIsLeftWithinTheGopThatItCameWithIsStillThereAtOnce() {
        try (Rig rig = new Rig()) {
            rig.play(60, -1);
            for (int round = 1; round <= 4; round++) {
                rig.entry.activate(round % 2);
                assertThat(rig.judge.breaks).isEqualTo(round);
                rig.play(2, -1);
            }
            rig.play(60, -1);
            assertThat(rig.judge.breaks).isEqualTo(4);
        }
    }

    @Test
    void handOverWaitsForAKeyPictureAndTheOldInputGoesOnUntilThen() {
        try (Rig rig = new Rig()) {
            rig.play(55, -1);
            rig.entry.handOver(2);
            int before = rig.judge.units;
            rig.play(3, -1);
            assertThat(rig.entry.activeInput()).isZero();
            assertThat(rig.judge.units).isEqualTo(before + 9);
            rig.play(GOP, -1);
            assertThat(rig.entry.activeInput()).isEqualTo(2);
            assertThat(rig.judge.breaks).isEqualTo(1);
        }
    }

    @Test
    void inputThatHoldsNothingComesWithItsNextKeyPicture() {
        try (Rig rig = new Rig()) {
            rig.play(60, 1);
            rig.entry.activate(1);
            assertThat(rig.judge.breaks).isZero();
            rig.play(GOP, -1);
            assertThat(rig.judge.breaks).isEqualTo(1);
        }
    }

    /** Switches forth and back, in a hurry or not, with short and long outages before them. */
    @Property(tries = 20)
    void nothingGoesBackAndEverySwitchIsOneBreak(
            @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 359) Integer> story) {
        try (Rig rig = new Rig()) {
            rig.play(30, -1);
            for (int step : story) {
                int to = step % 3;
                boolean urgent = step / 3 % 2 == 0;
                int pause = step / 6 % 4;
                int then = 1 + step / 24 * 3;
                int from = rig.entry.activeInput();
                int breaks = rig.judge.breaks;
                if (urgent) {
                    rig.play(pause * 3, from);
                    rig.entry.activate(to);
                    rig.play(then, -1);
                }
                if (to != from && rig.judge.breaks == breaks) {
                    // Not urgent, or it came with a hand-over and was left before its next GOP.
                    rig.entry.handOver(to);
                    rig.play(GOP + 1, -1);
                }
                assertThat(rig.judge.breaks).isEqualTo(breaks + (to == from ? 0 : 1));
                assertThat(rig.entry.activeInput()).isEqualTo(to);
            }
            rig.play(GOP, -1);
            long media = rig.judge.newestDts - rig.judge.firstDts;
            long clock = (rig.nanos - 5_040_000_000L) / 100_000 * 9;
            assertThat(media - clock).as("off the clock").isBetween(-18_000L, 3 * 90_000L);
        }
    }
}
