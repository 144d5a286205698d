package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.ts.Samples.AccessUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

class TsMuxerTest {
    private static final TsTrack VIDEO = TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, "");
    private static final TsTrack AUDIO = TsTrack.of(TsTrack.AUDIO_PID, CodecId.AAC, "deu");
    private static final TsTrack DATA = new TsTrack(0x180, 6, Optional.empty(), "", "");

    private final TsMuxer muxer = new TsMuxer();
    private final ByteBuf out = Unpooled.buffer();

    @ParameterizedTest
    @ValueSource(strings = {"h264-aac.ts", "h264-bframes.ts", "hevc-ac3.ts", "mp3.ts", "eac3.ts"})
    void ffprobeReadsWhatItReadsInTheOriginal(String sample, @TempDir Path folder)
            throws Exception {
        byte[] original = Samples.read(sample);
        Samples.Collector source = Samples.demux(original);
        muxer.tracks(source.programs.getFirst().tracks());
        for (AccessUnit unit : source.units) {
            write(unit.track(), unit.pts(), unit.dts(), unit.randomAccess(), unit.array());
        }
        Path file = folder.resolve("muxed.ts");
        Files.write(file, ByteBufUtil.getBytes(out));
        Path originalFile = folder.resolve("original.ts");
        Files.write(originalFile, original);
        assertThat(Ffprobe.packets(file))
                .hasSize(source.units.size())
                .containsExactlyInAnyOrderElementsOf(Ffprobe.packets(originalFile));
        TsChecker checker = TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        assertThat(checker.maxPcrGapMs()).isLessThanOrEqualTo(40);
        assertThat(checker.maxTablesGapMs()).isLessThanOrEqualTo(100);
        assertThat(checker.minLead).isPositive();
    }

    @Test
    void ffprobeReadsOpus(@TempDir Path folder) throws Exception {
        Samples.Collector source = Samples.demux(Samples.read("opus.ts"));
        TsTrack track = TsTrack.opus(TsTrack.AUDIO_PID, 1, "eng");
        muxer.tracks(List.of(track));
        for (AccessUnit unit : source.units) {
            write(track, unit.pts(), unit.dts(), true, unit.array());
        }
        Path file = folder.resolve("muxed.ts");
        Files.write(file, ByteBufUtil.getBytes(out));
        assertThat(
                        Ffprobe.run(
                                file,
                                "-show_entries",
                                "stream=codec_name,channels:stream_tags=language",
                                "-of",
                                "csv=p=0"))
                .contains("opus,1,eng");
        assertThat(Samples.demux(ByteBufUtil.getBytes(out)).units)
                .extracting(AccessUnit::bytes)
                .containsExactlyElementsOf(source.units.stream().map(AccessUnit::bytes).toList());
    }

    @ParameterizedTest
    @CsvSource({"0, 420", "65480, 65560", "131000, 131100"})
    void stuffsEverySizeRight(int from, int to) {
        muxer.tracks(List.of(VIDEO, AUDIO, DATA));
        List<AccessUnit> written = new ArrayList<>();
        Random random = new Random(from);
        long time = 0;
        for (int size = from; size < to; size += from == 0 ? 1 : 7) {
            boolean key = size % 25 == 0;
            byte[] video = new byte[Math.max(size, 7)];
            random.nextBytes(video);
            escape(video, key);
            written.add(unit(VIDEO, time, time - (size % 2 == 0 ? 0 : 3600), key, video));
            if (from == 0 && size > 0) {
                byte[] data = new byte[size];
                random.nextBytes(data);
                written.add(unit(DATA, time, time, true, data));
            }
            time += 3600;
        }
        written.forEach(u -> write(u.track(), u.pts(), u.dts(), u.randomAccess(), u.array()));
        TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        List<AccessUnit> read = Samples.demux(ByteBufUtil.getBytes(out)).units;
        assertThat(read.stream().filter(u -> u.track().equals(VIDEO)))
                .containsExactlyElementsOf(
                        written.stream().filter(u -> u.track().equals(VIDEO)).toList());
        assertThat(read.stream().filter(u -> u.track().equals(DATA)))
                .containsExactlyElementsOf(
                        written.stream().filter(u -> u.track().equals(DATA)).toList());
    }

    @Test
    void splitsWhatIsNoVideoAndTooLongForOnePesPacket() {
        muxer.tracks(List.of(DATA));
        byte[] data = new byte[200_000];
        new Random(1).nextBytes(data);
        write(DATA, 90_000, 90_000, true, data);
        TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        ByteBuf all = Unpooled.buffer();
        Samples.demux(ByteBufUtil.getBytes(out)).units.forEach(u -> all.writeBytes(u.array()));
        assertThat(ByteBufUtil.getBytes(all)).isEqualTo(data);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 12, 24, 25, 30, 50, 60})
    void keepsTheIntervalsAtAnyPictureRate(int rate) {
        muxer.tracks(List.of(VIDEO, AUDIO));
        long audioTime = 0;
        for (int i = 0; i < 10 * rate; i++) {
            long time = i * 90_000L / rate;
            boolean joinable = write(VIDEO, time, time, i % rate == 0, picture(i % rate == 0));
            assertThat(joinable).isEqualTo(i % rate == 0);
            while (rate > 5 && audioTime < time + 90_000 / rate) {
                write(AUDIO, audioTime, audioTime, true, new byte[100]);
                audioTime += 1920;
            }
        }
        TsChecker checker = TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        assertThat(checker.maxPcrGapMs()).isLessThanOrEqualTo(40);
        assertThat(checker.minLead).isPositive();
        if (rate >= 12) {
            assertThat(checker.maxTablesGapMs()).isLessThanOrEqualTo(100);
        }
    }

    @Test
    void sendsClocksWhileTheVideoIsSilent() {
        muxer.tracks(List.of(VIDEO, AUDIO));
        write(VIDEO, 0, 0, true, picture(true));
        for (long time = 0; time < 900_000; time += 1920) {
            write(AUDIO, time, time, true, new byte[200]);
        }
        TsChecker checker = TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        assertThat(checker.maxPcrGapMs()).isLessThanOrEqualTo(40);
        assertThat(checker.maxTablesGapMs()).isLessThanOrEqualTo(100);
        assertThat(checker.pcrs).isGreaterThan(240);
    }

    @Test
    void joinsAnAudioProgramWhereTheTablesAre() {
        muxer.tracks(List.of(AUDIO));
        int joins = 0;
        for (int i = 0; i < 470; i++) {
            joins += write(AUDIO, i * 1920L, i * 1920L, true, new byte[50]) ? 1 : 0;
        }
        assertThat(joins).isBetween(100, 160);
    }

    @Test
    void wrapsAndAnnouncesAnotherTimeline() {
        muxer.tracks(List.of(VIDEO));
        long start = Pts33.MODULUS - 90_000;
        for (int i = 0; i < 50; i++) {
            long dts = start + i * 3600L;
            write(VIDEO, dts + 7200, dts, i == 0, picture(i == 0));
        }
        for (int i = 0; i < 50; i++) {
            write(VIDEO, i * 3600L, i * 3600L, i == 0, picture(i == 0));
        }
        TsChecker checker = TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        assertThat(checker.maxPcrGapMs()).isLessThanOrEqualTo(40);
        List<AccessUnit> units = Samples.demux(ByteBufUtil.getBytes(out)).units;
        for (int i = 0; i < 50; i++) {
            assertThat(units.get(i).dts()).isEqualTo(start + i * 3600L);
            assertThat(units.get(i).pts()).isEqualTo(start + i * 3600L + 7200);
        }
    }

    @Test
    void bumpsTheVersionAndKeepsTheCounters() {
        muxer.tracks(List.of(VIDEO));
        write(VIDEO, 0, 0, true, picture(true));
        muxer.tracks(List.of(VIDEO));
        write(VIDEO, 3600, 3600, false, picture(false));
        muxer.tracks(List.of(VIDEO, AUDIO));
        write(VIDEO, 7200, 7200, false, picture(false));
        write(AUDIO, 7200, 7200, true, new byte[3]);
        TsChecker.check(ByteBufUtil.getBytes(out), TsTrack.PMT_PID);
        Samples.Collector read = Samples.demux(ByteBufUtil.getBytes(out));
        assertThat(read.programs).extracting(TsProgram::version).containsExactly(0, 1);
        assertThat(read.programs.getLast().tracks()).containsExactly(VIDEO, AUDIO);
        assertThat(read.losses).isEmpty();
    }

    @Test
    void putsThePrefixInFront() {
        muxer.tracks(List.of(VIDEO));
        ByteBuf prefix = Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 1, 9, (byte) 0xF0});
        ByteBuf payload = Unpooled.wrappedBuffer(picture(true)).readerIndex(2);
        muxer.write(VIDEO, 0, 0, true, prefix, payload, out);
        assertThat(prefix.readerIndex()).isZero();
        assertThat(payload.readerIndex()).isEqualTo(2);
        byte[] read = Samples.demux(ByteBufUtil.getBytes(out)).units.getFirst().array();
        assertThat(read)
                .isEqualTo(
                        ByteBufUtil.getBytes(
                                Unpooled.wrappedBuffer(prefix.slice(), payload.slice())));
    }

    @ParameterizedTest
    @EnumSource(CodecId.class)
    void everyCodecIsReadAsItWasDeclared(CodecId codec) {
        TsTrack track = TsTrack.of(0x123, codec, "fra");
        muxer.tracks(List.of(track));
        write(track, 0, 0, true, new byte[8]);
        assertThat(Samples.demux(ByteBufUtil.getBytes(out)).programs.getFirst().tracks())
                .containsExactly(track);
    }

    @Test
    void refusesTracksThatCannotBe() {
        assertThatThrownBy(() -> muxer.tracks(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> muxer.tracks(List.of(VIDEO, VIDEO))).hasMessageContaining("0x100");
        muxer.tracks(List.of(VIDEO));
        assertThatThrownBy(() -> write(AUDIO, 0, 0, true, new byte[1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private boolean write(TsTrack track, long pts, long dts, boolean key, byte[] bytes) {
        int room = muxer.maxSize(bytes.length, dts);
        int before = out.writerIndex();
        ByteBuf payload = Unpooled.wrappedBuffer(bytes);
        boolean joinable = muxer.write(track, pts, dts, key, Unpooled.EMPTY_BUFFER, payload, out);
        assertThat(out.writerIndex() - before).isLessThanOrEqualTo(room);
        assertThat((out.writerIndex() - before) % TsPacket.SIZE).isZero();
        return joinable;
    }

    private static AccessUnit unit(TsTrack track, long pts, long dts, boolean key, byte[] bytes) {
        return new AccessUnit(track, pts, dts, key, Unpooled.wrappedBuffer(bytes));
    }

    static byte[] picture(boolean key) {
        byte[] bytes = new byte[300];
        escape(bytes, key);
        return bytes;
    }

    /** Makes one slice of the bytes: a start code at the front and none behind. */
    private static void escape(byte[] bytes, boolean key) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] |= 0x10;
        }
        byte[] head = {0, 0, 0, 1, (byte) (key ? 0x65 : 0x41), (byte) 0x80};
        System.arraycopy(head, 0, bytes, 0, head.length);
    }
}
