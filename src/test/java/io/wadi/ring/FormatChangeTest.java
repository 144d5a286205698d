package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.codec.VideoFormat;
import io.wadi.ts.TsTrack;
import io.wadi.ts.TsUnitCutter;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;

/** A publisher that goes on with another picture size is marked for players. */
class FormatChangeTest {
    private static final TsTrack VIDEO = TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, "");

    private static ByteBuf keyPicture(String sample) throws Exception {
        Properties properties = new Properties();
        Path file = Path.of("src/test/resources/codec/samples/" + sample + ".txt");
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(properties.getProperty("unit")));
    }

    @Test
    void marksThePictureThatIsAnother() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            RingEntry entry = Rings.of(context).acquire("cam");
            List<Integer> marked = new ArrayList<>();
            int[] count = {0};
            entry.ring()
                    .addSink(
                            unit -> {
                                if (unit.isDiscontinuity()) {
                                    marked.add(count[0]);
                                }
                                count[0]++;
                            });
            try (AccessUnitWriter writer = new AccessUnitWriter(new UnitWriter(), entry.input(0))) {
                writer.startSource();
                writer.expect(false, true);
                writer.track(VIDEO);
                String[] pictures = {
                    "h264-main-1080p", "h264-main-1080p", "h264-baseline", "h264-baseline"
                };
                long arrival = System.nanoTime();
                for (int i = 0; i < pictures.length; i++) {
                    writer.write(
                            VIDEO,
                            i * 3600L,
                            i * 3600L,
                            true,
                            arrival + i * 40_000_000L,
                            Unpooled.EMPTY_BUFFER,
                            keyPicture(pictures[i]));
                }

                assertThat(count[0]).isEqualTo(4);
                assertThat(marked).containsExactly(2);
                assertThat(((VideoFormat) entry.tracks().getFirst()).height()).isLessThan(1080);
            } finally {
                Rings.of(context).release("cam");
            }
        }
    }

    /** The bytes of a source with these key pictures, 40 ms apart. */
    private static byte[] stream(CodecId codec, String... samples) throws Exception {
        ByteBuf[] pictures = new ByteBuf[samples.length];
        for (int i = 0; i < samples.length; i++) {
            pictures[i] = keyPicture(samples[i]);
        }
        return stream(TsTrack.of(TsTrack.VIDEO_PID, codec, ""), 0, pictures);
    }

    private static byte[] stream(TsTrack track, long firstDts, ByteBuf... pictures) {
        ByteBuf stream = Unpooled.buffer();
        UnitSink bytes = unit -> stream.writeBytes(unit.slab(), unit.offset(), unit.length());
        try (AccessUnitWriter writer = new AccessUnitWriter(new UnitWriter(), bytes)) {
            writer.startSource();
            writer.expect(false, true);
            writer.track(track);
            long dts = firstDts;
            for (ByteBuf picture : pictures) {
                writer.write(track, dts, dts, true, dts, Unpooled.EMPTY_BUFFER, picture);
                dts += 3600;
            }
        }
        return ByteBufUtil.getBytes(stream);
    }

    private static byte[] together(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** The same without PAT and PMT but for those at the start: players join at inserted ones. */
    private static byte[] withoutTables(byte[] stream) {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        for (int at = 0; at < stream.length; at += 188) {
            int pid = (stream[at + 1] & 0x1F) << 8 | (stream[at + 2] & 0xFF);
            if (at < 2 * 188 || pid == TsTrack.VIDEO_PID) {
                rest.write(stream, at, 188);
            }
        }
        return rest.toByteArray();
    }

    /** A transport stream says only with the next picture that one is whole. */
    @ParameterizedTest
    @CsvSource({
        "H264, h264-main-1080p, h264-baseline",
        "H264, h264-hrd-4k, h264-no-vui",
        "H265, h265-main10-1080p, h265-main",
        "AV1, av1-aom-10, av1-svt",
        "VP9, vp9-profile1, vp9",
    })
    void marksItInATransportStreamToo(CodecId codec, String before, String after) throws Exception {
        byte[] own = stream(codec, before, before, after, after);
        for (byte[] stream : List.of(own, withoutTables(own))) {
            for (int size : new int[] {1, 100, 188, 7 * 188, stream.length}) {
                assertThat(marked(stream, size)).as("in parts of %d", size).containsExactly(7200L);
            }
        }
    }

    /** Wherever the arrival of bytes splits the picture, its tables and parameter sets. */
    @ParameterizedTest
    @CsvSource({
        "H264, h264-main-1080p, h264-baseline",
        "H265, h265-main10-1080p, h265-main",
        "AV1, av1-aom-10, av1-svt",
        "VP9, vp9-profile1, vp9",
    })
    void marksItWhereverItIsSplit(CodecId codec, String before, String after) throws Exception {
        byte[] own = stream(codec, before, after, after);
        int tables = stream(codec, before).length;
        for (byte[] stream : List.of(own, withoutTables(own))) {
            int to = Math.min(stream.length, tables + 12 * 188);
            for (int at = tables - 2 * 188; at < to; at++) {
                assertThat(changes(stream, at, stream.length))
                        .as("split at %d", at)
                        .containsExactly(3600L);
                int more = Math.min(at + 190, stream.length);
                assertThat(changes(stream, at, more, stream.length))
                        .as("split at %d and %d", at, more)
                        .containsExactly(3600L);
            }
        }
    }

    /** Much may stand in front of the parameter sets: captions, HDR metadata, time codes. */
    @Test
    void marksItBehindALongSei() throws Exception {
        ByteBuf sei = Unpooled.buffer();
        sei.writeInt(1).writeByte(6).writeByte(5);
        int size = 5000;
        for (int left = size; left >= 0; left -= 255) {
            sei.writeByte(Math.min(left, 255));
        }
        sei.writeBytes("x".repeat(size).getBytes(StandardCharsets.US_ASCII)).writeByte(0x80);
        ByteBuf picture = Unpooled.wrappedBuffer(sei, keyPicture("h264-baseline"));
        byte[] all =
                together(
                        stream(CodecId.H264, "h264-main-1080p", "h264-main-1080p"),
                        stream(VIDEO, 7200, picture, picture.duplicate()));
        for (int part : new int[] {188, 1000, all.length}) {
            assertThat(marked(all, part)).as("in parts of %d", part).containsExactly(7200L);
        }
    }

    /** A source that begins anew often has another PMT too: its version, PIDs or codec. */
    @Test
    void marksAnotherCodecOnAnotherPid() throws Exception {
        TsTrack other = TsTrack.of(0x140, CodecId.H265, "");
        byte[] all =
                together(
                        stream(CodecId.H264, "h264-main-1080p", "h264-main-1080p"),
                        stream(other, 7200, keyPicture("h265-main"), keyPicture("h265-main")));
        for (int part : new int[] {188, 1000, all.length}) {
            assertThat(marked(all, part)).as("in parts of %d", part).containsExactly(7200L);
        }
    }

    /** The same as {@link #marked} without a ring and its memory. */
    private static List<Long> changes(byte[] stream, int... ends) {
        List<Long> changes = new ArrayList<>();
        TrackProbe probe = new TrackProbe();
        Unit unit = new Unit();
        TsUnitCutter cutter =
                new TsUnitCutter(
                        (buf, offset, length, pts, dts, joins, video) -> {
                            int flags = joins ? Unit.RANDOM_ACCESS : 0;
                            if (probe.onUnit(unit.set(buf, offset, length, pts, dts, 0, flags, 0))
                                    && joins) {
                                changes.add(dts);
                            }
                        });
        int at = 0;
        for (int end : ends) {
            cutter.push(Unpooled.copiedBuffer(stream, at, end - at), 0, end - at);
            at = end;
        }
        cutter.flush();
        return changes;
    }

    private static List<Long> marked(byte[] stream, int size) {
        int count = (stream.length + size - 1) / size;
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            ends[i] = Math.min(stream.length, (i + 1) * size);
        }
        return marked(stream, ends);
    }

    /**
     * Decoding times of marked units, counted from the first.
     *
     * @param ends where each part that arrives ends
     */
    private static List<Long> marked(byte[] stream, int... ends) {
        Ring ring = new Ring("cam", 1000);
        RingEntry entry = new RingEntry(ring);
        List<Long> marked = new ArrayList<>();
        long[] first = {Unit.NO_TIME};
        ring.addSink(
                unit -> {
                    if (first[0] == Unit.NO_TIME) {
                        first[0] = unit.dts();
                    }
                    if (unit.isDiscontinuity()) {
                        assertThat(unit.isRandomAccess()).isTrue();
                        marked.add(unit.dts() - first[0]);
                    }
                });
        try (TsIntake intake = new TsIntake(entry.input(0))) {
            int at = 0;
            for (int end : ends) {
                intake.begin(end - at).writeBytes(stream, at, end - at);
                intake.end(1_000_000_000L + at);
                at = end;
            }
            intake.newSource();
        } finally {
            entry.close();
        }
        return marked;
    }
}
