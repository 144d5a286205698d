package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.ts.Samples.AccessUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class TsUnitCutterTest {
    /** One run, copied. */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    record Run(byte[] bytes, long pts, long dts, boolean randomAccess, boolean video) {}

    private final List<Run> runs = new ArrayList<>();
    private final TsUnitCutter cutter = new TsUnitCutter(this::onUnit);

    private void onUnit(
            ByteBuf buf, int offset, int length, long pts, long dts, boolean joins, boolean video) {
        assertThat(length).isPositive();
        byte[] bytes = ByteBufUtil.getBytes(buf, offset, length);
        runs.add(new Run(bytes, pts, dts, joins, video));
    }

    private void push(byte[] stream, Random random, int most) {
        ByteBuf buf = Unpooled.copiedBuffer(stream); // the cutter writes into it
        int at = 0;
        while (at < stream.length) {
            int length = Math.min(1 + random.nextInt(most), stream.length - at);
            cutter.push(buf, at, length);
            at += length;
        }
        cutter.flush();
    }

    private byte[] together() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        runs.forEach(run -> all.writeBytes(run.bytes()));
        return all.toByteArray();
    }

    private static int pid(byte[] bytes, int packet) {
        int at = packet * 188;
        return (bytes[at + 1] & 0x1F) << 8 | (bytes[at + 2] & 0xFF);
    }

    @ParameterizedTest
    @CsvSource({
        "h264-aac.ts,1316", "h264-aac.ts,1", "h264-aac.ts,100000", "h264-bframes.ts,188",
        "hevc-ac3.ts,1316", "hevc-ac3.ts,5000", "two-languages.ts,700", "opus.ts,1316",
        "mp3.ts,1316", "h264-ac3.m2ts,1000", "h264-ac3.m2ts,1"
    })
    void losesNothingAndMarksEveryRandomAccessPoint(String sample, int most) {
        byte[] stream = Samples.read(sample);
        push(stream, new Random(most), most);
        Samples.Collector source = Samples.demux(stream);
        int pmt = source.programs.getFirst().pmtPid();
        TsChecker.check(together(), pmt);
        Samples.Collector cut = Samples.demux(together());
        assertThat(cut.units).containsExactlyElementsOf(source.units);
        assertThat(cut.losses).isEmpty();

        TsTrack clock =
                source.programs.getFirst().tracks().stream()
                        .filter(TsTrack::isVideo)
                        .findFirst()
                        .orElse(source.programs.getFirst().tracks().getFirst());
        List<Long> joins =
                runs.stream().filter(Run::randomAccess).map(Run::pts).distinct().toList();
        if (clock.isVideo()) {
            assertThat(joins)
                    .containsExactlyElementsOf(
                            source.units.stream()
                                    .filter(u -> u.track().equals(clock) && u.randomAccess())
                                    .map(AccessUnit::pts)
                                    .toList());
        } else {
            assertThat(joins).hasSizeBetween(2, 6);
        }
        assertTimesOfPictures(source, clock);
        for (Run run : runs) {
            if (run.randomAccess()) {
                assertThat(pid(run.bytes(), 0)).isZero();
                assertThat(pid(run.bytes(), 1)).isEqualTo(pmt);
            }
        }
    }

    /**
     * No run hides a picture behind another: the newest time that was told is the newest there is.
     */
    private void assertTimesOfPictures(Samples.Collector source, TsTrack clock) {
        if (clock.isVideo()) {
            assertThat(runs.stream().filter(Run::video).map(Run::pts))
                    .containsExactlyElementsOf(
                            source.units.stream()
                                    .filter(u -> u.track().equals(clock))
                                    .map(AccessUnit::pts)
                                    .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 188, 1316, 1_000_000})
    void aViewerCanJoinAtEveryMarkedRun(int most) {
        byte[] stream = Samples.read("h264-aac.ts");
        push(stream, new Random(1), most);
        for (int i = 0; i < runs.size(); i++) {
            if (!runs.get(i).randomAccess()) {
                continue;
            }
            ByteArrayOutputStream rest = new ByteArrayOutputStream();
            runs.subList(i, runs.size()).forEach(run -> rest.writeBytes(run.bytes()));
            AccessUnit first =
                    Samples.demux(rest.toByteArray()).units.stream()
                            .filter(u -> u.track().isVideo())
                            .findFirst()
                            .orElseThrow();
            assertThat(first.randomAccess()).isTrue();
            assertThat(first.pts()).isEqualTo(runs.get(i).pts());
            assertThat(runs.get(i).video()).isTrue();
        }
    }

    @Test
    void takesTheSourcesOwnTablesWhereTheyStandRight() {
        TsMuxer muxer = new TsMuxer();
        TsTrack video = TsTrack.of(0x100, CodecId.H264, "");
        muxer.tracks(List.of(video));
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 50; i++) {
            ByteBuf picture = Unpooled.wrappedBuffer(TsMuxerTest.picture(i % 10 == 0));
            muxer.write(
                    video, i * 3600L, i * 3600L, i % 10 == 0, Unpooled.EMPTY_BUFFER, picture, out);
        }
        byte[] stream = ByteBufUtil.getBytes(out);
        push(stream, new Random(1), stream.length * 2);
        assertThat(together()).isEqualTo(stream);
        assertThat(runs.stream().filter(Run::randomAccess)).hasSize(5);
    }

    @Test
    void ffprobeReadsTheRuns(@TempDir Path folder) throws Exception {
        push(Samples.read("hevc-ac3.ts"), new Random(1), 1316);
        Path cut = folder.resolve("cut.ts");
        Files.write(cut, together());
        Path original = folder.resolve("original.ts");
        Files.write(original, Samples.read("hevc-ac3.ts"));
        assertThat(Ffprobe.packets(cut)).containsExactlyElementsOf(Ffprobe.packets(original));
    }

    @Test
    void handsOutNothingWithoutTables() {
        byte[] stream = Samples.read("h264-aac.ts");
        for (int at = 0; at < stream.length; at += 188) {
            if (pid(stream, at / 188) == 0) {
                stream[at + 10]++;
            }
        }
        push(stream, new Random(1), 1316);
        assertThat(runs).isEmpty();
    }

    @Test
    void doesNotMoveCountersBeforeSomethingWasPutIn() {
        byte[] stream = Samples.read("h264-aac.ts");
        ByteBuf buf = Unpooled.copiedBuffer(stream);
        cutter.push(buf, 0, 188 * 3);
        assertThat(ByteBufUtil.getBytes(buf)).isEqualTo(stream);
    }

    @Test
    void looksPastPacketsForTheFirstSlice() {
        // AUD, a long SEI, SPS, IDR; the random_access_indicator is taken away
        ByteBuf picture = Unpooled.buffer();
        picture.writeBytes(new byte[] {0, 0, 0, 1, 9, (byte) 0x10, 0, 0, 1, 6, 5, (byte) 200});
        for (int i = 0; i < 900; i++) {
            picture.writeByte(0x55);
        }
        picture.writeBytes(TsMuxerTest.picture(true));
        TsMuxer muxer = new TsMuxer();
        TsTrack video = TsTrack.of(0x100, CodecId.H264, "");
        muxer.tracks(List.of(video));
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 20; i++) {
            boolean key = i % 5 == 3;
            ByteBuf unit = key ? picture : Unpooled.wrappedBuffer(TsMuxerTest.picture(false));
            muxer.write(video, i * 3600L, i * 3600L, false, Unpooled.EMPTY_BUFFER, unit, out);
        }
        byte[] stream = ByteBufUtil.getBytes(out);
        for (int most : new int[] {1, 188, 400, 100_000}) {
            runs.clear();
            TsUnitCutter each = new TsUnitCutter(this::onUnit);
            ByteBuf buf = Unpooled.copiedBuffer(stream);
            for (int at = 0; at < stream.length; at += most) {
                each.push(buf, at, Math.min(most, stream.length - at));
            }
            each.flush();
            TsChecker.check(together(), TsTrack.PMT_PID);
            assertThat(runs.stream().filter(Run::randomAccess).map(Run::pts))
                    .containsExactly(10_800L, 28_800L, 46_800L, 64_800L);
            assertThat(Samples.demux(together()).units)
                    .containsExactlyElementsOf(Samples.demux(stream).units);
        }
    }
}
