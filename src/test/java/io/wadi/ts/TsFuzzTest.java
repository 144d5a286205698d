package io.wadi.ts;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** No input makes the demultiplexer, the cutter or the in-place writers throw or hang. */
class TsFuzzTest {
    @FuzzTest
    void demuxer(byte[] stream) {
        Samples.demux(stream);
    }

    @FuzzTest
    void cutter(byte[] stream) {
        TsUnitCutter cutter =
                new TsUnitCutter(
                        (buf, offset, length, pts, dts, randomAccess, video) -> {
                            for (int at = offset; at < offset + length; at += TsPacket.SIZE) {
                                if (buf.getByte(at) != TsPacket.SYNC) {
                                    throw new AssertionError("no packet at " + at);
                                }
                            }
                        });
        ByteBuf buf = Unpooled.copiedBuffer(stream);
        for (int at = 0; at < stream.length; at += 1000) {
            cutter.push(buf, at, Math.min(1000, stream.length - at));
        }
        cutter.flush();
        int whole = stream.length / TsPacket.SIZE * TsPacket.SIZE;
        TsTimestamps.shift(buf, 0, whole, 12_345);
        new ContinuityCounters().rewrite(buf, 0, whole);
    }
}
