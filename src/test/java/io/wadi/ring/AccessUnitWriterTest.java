package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.ts.TsTrack;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class AccessUnitWriterTest {
    private static final TsTrack VIDEO = TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, "");
    private static final TsTrack AUDIO = TsTrack.of(TsTrack.AUDIO_PID, CodecId.AAC, "");

    private record Seen(boolean video, long dts, int flags, int pmtVersion) {
        boolean is(int flag) {
            return (flags & flag) != 0;
        }
    }

    private final List<Seen> units = new ArrayList<>();
    private final AccessUnitWriter writer =
            new AccessUnitWriter(
                    new UnitWriter(),
                    unit ->
                            units.add(
                                    new Seen(
                                            unit.isVideo(),
                                            unit.dts(),
                                            unit.flags(),
                                            pmtVersion(unit))));

    @AfterEach
    void close() {
        writer.close();
    }

    /** version_number of the PMT in a unit, -1 when it has none. */
    private static int pmtVersion(Unit unit) {
        ByteBuf slab = unit.slab();
        for (int at = unit.offset(); at < unit.offset() + unit.length(); at += 188) {
            if ((slab.getUnsignedShort(at + 1) & 0x1FFF) == TsTrack.PMT_PID) {
                return slab.getByte(at + 10) >> 1 & 0x1F;
            }
        }
        return -1;
    }

    private void write(TsTrack track, long dts, boolean randomAccess) {
        ByteBuf payload = Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 1, 0x65, 1, 2, 3});
        writer.write(track, dts, dts, randomAccess, 0, Unpooled.EMPTY_BUFFER, payload);
    }

    @Test
    void holdsTheStartUntilBothKindsAreKnown() {
        writer.track(VIDEO);
        write(VIDEO, 0, true);
        write(VIDEO, 3600, false);
        assertThat(units).isEmpty();
        writer.track(AUDIO);
        write(AUDIO, 3600, true);
        assertThat(units).extracting(Seen::video).containsExactly(true, true, false);
        assertThat(units.getFirst().is(Unit.NEW_SOURCE)).isTrue();
        assertThat(units.getFirst().is(Unit.RANDOM_ACCESS)).isTrue();
        assertThat(units.getLast().is(Unit.RANDOM_ACCESS)).isFalse();
    }

    @Test
    void doesNotWaitForAudioThatNeverComes() {
        writer.track(VIDEO);
        for (int i = 0; i < 10; i++) {
            write(VIDEO, 3600L * i, i == 0);
        }
        assertThat(units).hasSize(10);
        int version = units.getFirst().pmtVersion();
        assertThat(version).isNotNegative();
        writer.track(AUDIO);
        write(VIDEO, 36_000, true);
        assertThat(units.getLast().pmtVersion()).isEqualTo(version + 1);
    }

    @Test
    void holdsNothingForWhatTheSourceSaysItLacks() {
        writer.expect(false, true);
        writer.track(VIDEO);
        write(VIDEO, 0, true);
        assertThat(units).hasSize(1);
    }

    @Test
    void nextSourceWithTheSameTracksKeepsThePmt() {
        for (int source = 0; source < 3; source++) {
            writer.startSource();
            writer.track(VIDEO);
            writer.track(AUDIO);
            write(VIDEO, 0, true);
            write(AUDIO, 0, true);
        }
        assertThat(units).hasSize(6);
        assertThat(units.stream().filter(unit -> unit.is(Unit.NEW_SOURCE))).hasSize(3);
        assertThat(units.stream().map(Seen::pmtVersion).filter(v -> v >= 0).distinct()).hasSize(1);
    }

    @Test
    void audioAloneIsRandomAccess() {
        writer.expect(true, false);
        writer.track(AUDIO);
        write(AUDIO, 0, true);
        assertThat(units.getFirst().is(Unit.RANDOM_ACCESS)).isTrue();
    }

    @Test
    void dropsWhatIsLargerThanAUnitMayBe() {
        writer.expect(false, true);
        writer.track(VIDEO);
        ByteBuf payload = Unpooled.buffer().writeZero(MediaMemory.MAX_UNIT_BYTES - 100);
        writer.write(VIDEO, 0, 0, true, 0, Unpooled.EMPTY_BUFFER, payload);
        write(VIDEO, 3600, true);
        assertThat(writer.droppedUnits()).isEqualTo(1);
        assertThat(units).hasSize(1);
    }
}
