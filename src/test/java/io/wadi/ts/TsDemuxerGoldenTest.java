package io.wadi.ts;

import static io.wadi.testing.Golden.assertGolden;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Random;

/** What FFmpeg wrote, as we take it apart: text under src/test/resources/ts, reviewed. */
class TsDemuxerGoldenTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264-aac.ts",
                "h264-bframes.ts",
                "hevc-ac3.ts",
                "mp3.ts",
                "opus.ts",
                "eac3.ts",
                "two-languages.ts",
                "h264-ac3.m2ts"
            })
    void takesFfmpegsStreamsApart(String sample) throws IOException {
        String dump = Samples.demux(Samples.read(sample)).dump.toString();
        assertGolden("ts/" + sample + ".txt", dump);
    }

    @ParameterizedTest
    @ValueSource(strings = {"h264-aac.ts", "hevc-ac3.ts", "opus.ts", "h264-ac3.m2ts"})
    void doesNotCareHowTheBytesAreCut(String sample) {
        byte[] stream = Samples.read(sample);
        String whole = Samples.demux(stream).dump.toString();
        assertThat(pushed(stream, new Random(1), 1)).isEqualTo(whole);
        assertThat(pushed(stream, new Random(2), 700)).isEqualTo(whole);
    }

    private static String pushed(byte[] stream, Random random, int most) {
        Samples.Collector collector = new Samples.Collector();
        TsDemuxer demuxer = new TsDemuxer(collector);
        ByteBuf buf = Unpooled.wrappedBuffer(stream);
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(1 + random.nextInt(most), stream.length - at);
            demuxer.push(buf, at, length);
            at += length;
        }
        demuxer.flush();
        return collector.dump.toString();
    }
}
