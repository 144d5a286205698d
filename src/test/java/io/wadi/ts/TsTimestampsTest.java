package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.ts.Samples.AccessUnit;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.BeforeContainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class TsTimestampsTest {
    private static byte[] sample;
    private static Samples.Collector before;

    @BeforeContainer
    static void readSample() {
        sample = Samples.read("hevc-ac3.ts");
        before = Samples.demux(sample);
    }

    @Property(tries = 30)
    void movesEveryTimeAndNothingElse(@ForAll long delta) {
        ByteBuf buf = Unpooled.copiedBuffer(sample);
        TsTimestamps.shift(buf, 0, sample.length, delta);
        Samples.Collector after = Samples.demux(ByteBufUtil.getBytes(buf));
        assertThat(after.units).hasSameSizeAs(before.units);
        for (int i = 0; i < before.units.size(); i++) {
            AccessUnit was = before.units.get(i);
            AccessUnit is = after.units.get(i);
            assertThat(is.bytes()).isEqualTo(was.bytes());
            assertThat(Pts33.wrap(is.pts())).isEqualTo(Pts33.wrap(was.pts() + delta));
            assertThat(Pts33.wrap(is.dts())).isEqualTo(Pts33.wrap(was.dts() + delta));
            assertThat(is.pts() - is.dts()).isEqualTo(was.pts() - was.dts());
        }
        long modulus = Pts33.MODULUS * 300;
        for (int i = 0; i < before.pcrs.size(); i++) {
            long expected = before.pcrs.get(i) + Pts33.wrap(delta) * 300;
            assertThat(Math.floorMod(after.pcrs.get(i) - expected, modulus)).isZero();
        }
        TsTimestamps.shift(buf, 0, sample.length, -delta);
        assertThat(ByteBufUtil.getBytes(buf)).isEqualTo(sample);
    }

    @Property
    void unwrapsAnyWalkOfLessThanHalfATurn(
            @ForAll @LongRange(min = -(1L << 40), max = 1L << 40) long start,
            @ForAll List<@LongRange(min = -(1L << 32), max = (1L << 32) - 1) Long> steps) {
        Pts33 clock = new Pts33();
        long offset = start - clock.unwrap(Pts33.wrap(start));
        assertThat(Pts33.wrap(offset)).isZero();
        long time = start;
        for (long step : steps) {
            time += step;
            assertThat(clock.unwrap(Pts33.wrap(time)) + offset).isEqualTo(time);
        }
    }

    @Test
    void ffprobeSeesTheMove(@TempDir Path folder) throws Exception {
        ByteBuf buf = Unpooled.wrappedBuffer(Samples.read("h264-aac.ts"));
        Path file = folder.resolve("moved.ts");
        TsTimestamps.shift(buf, 0, buf.readableBytes(), 900_000);
        Files.write(file, ByteBufUtil.getBytes(buf));
        assertThat(Ffprobe.packets(file)).contains("0,1027920,1027920,2077,K_");
    }

    @Test
    void continuesTheCountersOfTheSourceBefore() {
        byte[] first = Samples.read("h264-aac.ts");
        byte[] second = Samples.read("two-languages.ts");
        ByteBuf a = Unpooled.copiedBuffer(first);
        ByteBuf b = Unpooled.copiedBuffer(second);
        ContinuityCounters counters = new ContinuityCounters();
        counters.rewrite(a, 0, first.length);
        assertThat(ByteBufUtil.getBytes(a)).isEqualTo(first);
        for (int i = 0; i < 3; i++) {
            counters.switchSource();
            counters.rewrite(b, 0, second.length);
            byte[] both = ByteBufUtil.getBytes(Unpooled.wrappedBuffer(a.slice(), b.slice()));
            TsChecker checker = new TsChecker(TsTrack.PMT_PID);
            checker.clockMayJump = true;
            checker.continuing(both);
            a = Unpooled.copiedBuffer(b);
        }
    }

    @Test
    void leavesLossesVisible() {
        byte[] first = Samples.read("mp3.ts");
        ByteBuf a = Unpooled.copiedBuffer(first);
        ByteBuf b = Unpooled.buffer();
        int hole = 20 * TsPacket.SIZE;
        while (a.getShort(hole + 1) != 0x0100) { // a packet of the audio's, not its first
            hole += TsPacket.SIZE;
        }
        b.writeBytes(first, 0, hole);
        b.writeBytes(first, hole + TsPacket.SIZE, first.length - hole - TsPacket.SIZE);
        ContinuityCounters counters = new ContinuityCounters();
        counters.rewrite(a, 0, a.readableBytes());
        counters.switchSource();
        counters.rewrite(b, 0, b.readableBytes());
        Samples.Collector read = Samples.demux(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(a, b)));
        assertThat(read.losses).hasSize(1);
    }
}
