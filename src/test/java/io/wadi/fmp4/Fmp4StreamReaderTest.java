package io.wadi.fmp4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class Fmp4StreamReaderTest {
    /** Made by FFmpeg as rungs are: two tracks, a fragment a packet. */
    private static final String[] SAMPLES = {"av1-opus.mp4", "vp9-aac.mp4", "h264-mp3.mp4"};

    private static final int PICTURE = 3600;

    /** Writes down what is found. */
    private static final class Log implements Fmp4StreamReader.Sink {
        final List<String> lines = new ArrayList<>();
        final List<Long> times = new ArrayList<>();

        @Override
        public void onTracks(List<TrackHeader> tracks) {
            tracks.forEach(t -> lines.add(t.id() + " " + t.codec() + " " + t.config()));
        }

        @Override
        public void onSample(TrackHeader track, long pts, long dts, boolean sync, ByteBuf sample) {
            times.add(dts);
            // Few accesses: each one is noted by the leak detection of tests.
            int size = sample.readableBytes();
            int last = size == 0 ? 0 : sample.getByte(sample.writerIndex() - 1);
            String key = sync ? "key" : "-";
            lines.add("%d %d %d %s %d %d".formatted(track.id(), pts, dts, key, size, last));
        }
    }

    private static List<String> read(byte[] stream, int... cuts) throws MalformedException {
        Log log = new Log();
        try (Fmp4StreamReader reader = new Fmp4StreamReader(log)) {
            int from = 0;
            for (int cut : cuts) {
                push(reader, stream, from, cut);
                from = cut;
            }
            push(reader, stream, from, stream.length);
        }
        return log.lines;
    }

    private static void push(Fmp4StreamReader reader, byte[] stream, int from, int to)
            throws MalformedException {
        reader.begin(to - from).writeBytes(stream, from, to - from);
        reader.end();
    }

    private static byte[] sample(String name) throws IOException {
        try (InputStream in = Fmp4StreamReaderTest.class.getResourceAsStream("/fmp4/" + name)) {
            return in.readAllBytes();
        }
    }

    private static ByteBuf init() {
        ByteBuf out = Unpooled.buffer();
        InitSegment.write(
                out,
                List.of(
                        Fmp4Track.of(1, FragmentTest.format(CodecId.AV1), ""),
                        Fmp4Track.of(2, FragmentTest.format(CodecId.OPUS), "deu")));
        return out;
    }

    private static ByteBuf fragment(int track, long time, int duration, int... sizes) {
        SampleRun run = new SampleRun();
        for (int i = 0; i < sizes.length; i++) {
            run.add(duration, sizes[i], i == 0, 0);
        }
        FragmentWriter writer = new FragmentWriter(track);
        ByteBuf out = Unpooled.buffer();
        writer.writeHeader(out, 1, time, run, false);
        for (int size : sizes) {
            out.writeByte(size).writeZero(size - 2).writeByte(size);
        }
        return out;
    }

    private static ByteBuf box(String type, int body) {
        return Unpooled.buffer().writeInt(8 + body).writeInt(FourCc.of(type)).writeZero(body);
    }

    private static byte[] stream(ByteBuf... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }

    private static byte[] plain() {
        return stream(
                box("ftyp", 12),
                init(),
                box("free", 3),
                fragment(1, 7, PICTURE, 40),
                fragment(2, 960, 960, 9),
                box("sidx", 24),
                fragment(1, 7 + PICTURE, PICTURE, 11, 12, 13),
                box("mfra", 16));
    }

    @Test
    void findsTracksAndSamples() throws MalformedException {
        assertThat(read(plain()))
                .map(line -> line.replaceAll(" \\d+ -?\\d+$", ""))
                .containsExactly(
                        "1 Optional[AV1] 81040c00",
                        "2 Optional[OPUS] 000200780000bb80000000",
                        "1 7 7 key",
                        "2 1800 1800 key",
                        "1 3607 3607 key",
                        "1 7207 7207 -",
                        "1 10807 10807 -");
    }

    @Test
    void aCutAtAnyByteChangesNothing() throws MalformedException {
        byte[] stream = plain();
        List<String> whole = read(stream);
        for (int cut = 0; cut <= stream.length; cut++) {
            assertThat(read(stream, cut)).isEqualTo(whole);
        }
        int[] every = new int[stream.length];
        for (int i = 0; i < every.length; i++) {
            every[i] = i;
        }
        assertThat(read(stream, every)).isEqualTo(whole);
    }

    @Property(tries = 60)
    void soDoCutsOfWhatFfmpegSends(
            @ForAll @IntRange(max = 2) int which,
            @ForAll @Size(max = 40) List<@IntRange(max = 1 << 20) Integer> cuts)
            throws Exception {
        byte[] stream = sample(SAMPLES[which]);
        int[] sorted = cuts.stream().mapToInt(cut -> cut % stream.length).sorted().toArray();
        assertThat(read(stream, sorted)).isEqualTo(read(stream));
    }

    @ParameterizedTest
    @ValueSource(strings = {"av1-opus.mp4", "vp9-aac.mp4", "h264-mp3.mp4"})
    void samplesOfAllTracksComeInOrder(String name) throws Exception {
        Log log = new Log();
        byte[] stream = sample(name);
        try (Fmp4StreamReader reader = new Fmp4StreamReader(log)) {
            push(reader, stream, 0, stream.length);
        }
        // Between fragments a track may be ahead by what the multiplexer gathered of the other.
        assertThat(log.times).hasSizeGreaterThan(20);
        for (int i = 1; i < log.times.size(); i++) {
            assertThat(log.times.get(i)).isGreaterThan(log.times.get(i - 1) - 9000);
        }
    }

    @Test
    void aFragmentOfSeveralTracksIsPassedOnInTheOrderOfTime() throws MalformedException {
        ByteBuf moof = Unpooled.buffer();
        int start = BoxWriter.begin(moof, FourCc.MOOF);
        traf(moof, 1, 9000, PICTURE, 2, 0);
        traf(moof, 2, 4800, 960, 3, 2);
        BoxWriter.end(moof, start);
        int data = moof.readableBytes() + 8;
        moof.setInt(indexOfOffset(moof, 0), data);
        moof.setInt(indexOfOffset(moof, 1), data + 2);
        byte[] stream = stream(init(), moof, box("mdat", 5));
        assertThat(read(stream).subList(2, 7))
                .map(line -> line.substring(0, 6))
                .containsExactly("1 9000", "2 9000", "2 1080", "1 1260", "2 1260");
    }

    private static void traf(
            ByteBuf out, int track, long time, int duration, int count, int firstByte) {
        int traf = BoxWriter.begin(out, FourCc.TRAF);
        int tfhd = BoxWriter.begin(out, FourCc.TFHD, 0, 0x020018);
        out.writeInt(track).writeInt(duration).writeInt(1);
        BoxWriter.end(out, tfhd);
        int tfdt = BoxWriter.begin(out, FourCc.TFDT, 1, 0);
        out.writeLong(time);
        BoxWriter.end(out, tfdt);
        int trun = BoxWriter.begin(out, FourCc.TRUN, 0, 1);
        out.writeInt(count).writeInt(firstByte);
        BoxWriter.end(out, trun);
        BoxWriter.end(out, traf);
    }

    /** Of the n-th trun's data_offset. */
    private static int indexOfOffset(ByteBuf moof, int n) {
        int index = 0;
        for (int seen = -1; seen < n; index++) {
            seen += moof.getInt(index) == FourCc.TRUN ? 1 : 0;
        }
        return index - 1 + 12;
    }

    @Test
    void whatNobodyNeedsTakesNoMemory() throws MalformedException {
        Log log = new Log();
        try (Fmp4StreamReader reader = new Fmp4StreamReader(log)) {
            // An mdat without a moof, of 8 GiB: a plain MP4 that was opened by mistake.
            ByteBuf head = Unpooled.buffer().writeInt(1).writeInt(FourCc.MDAT);
            byte[] bytes = stream(head.writeLong(8L << 30));
            push(reader, bytes, 0, bytes.length);
            byte[] some = new byte[1 << 20];
            for (int i = 0; i < 64; i++) {
                push(reader, some, 0, some.length);
                assertThat(reader.begin(1).capacity()).isLessThanOrEqualTo(2 << 20);
            }
        }
        assertThat(log.lines).isEmpty();
    }

    @Test
    void aLargeFragmentDoesNotKeepItsMemory() throws MalformedException {
        int large = 3 << 20;
        byte[] stream = stream(init(), fragment(1, 0, PICTURE, large));
        Log log = new Log();
        try (Fmp4StreamReader reader = new Fmp4StreamReader(log)) {
            for (int from = 0; from < stream.length; from += 1 << 16) {
                push(reader, stream, from, Math.min(stream.length, from + (1 << 16)));
            }
            assertThat(log.times).hasSize(1);
            assertThat(reader.begin(16).capacity()).isLessThan(1 << 20);
        }
    }

    @Test
    void limitsHoldBeforeTheBytesCome() {
        ByteBuf largeInit = Unpooled.buffer().writeInt(1 << 21).writeInt(FourCc.MOOV);
        refuses("at most 1048576", largeInit);
        ByteBuf moof = fragment(1, 0, PICTURE, 2);
        ByteBuf largeData = moof.slice(0, moof.readableBytes() - 10);
        ByteBuf head = Unpooled.buffer().writeInt(1 << 27).writeInt(FourCc.MDAT);
        refuses("at most 67108864", init(), largeData, head);
        ByteBuf huge = Unpooled.buffer().writeInt(1).writeInt(FourCc.MOOF).writeLong(1L << 62);
        refuses("at most 67108864", init(), huge);
    }

    @Test
    void saysWhatIsWrong() {
        refuses("expected at least 8", Unpooled.buffer().writeInt(0).writeInt(FourCc.MDAT));
        refuses("expected at least 8", Unpooled.buffer().writeInt(7).writeInt(FourCc.FREE));
        ByteBuf negative = Unpooled.buffer().writeInt(1).writeInt(FourCc.FREE).writeLong(-1);
        refuses("expected at least 16", negative);
        refuses("expected moov with a track", fragment(1, 0, PICTURE, 5));
        refuses("expected one of the moov", init(), fragment(9, 0, PICTURE, 5));
        refuses("expected at most", init(), fragment(1, Long.MAX_VALUE / 2, PICTURE, 5));
        ByteBuf moof = fragment(1, 0, PICTURE, 5);
        ByteBuf alone = moof.slice(0, moof.readableBytes() - 13);
        refuses("expected mdat", init(), alone, init());
        refuses("expected inside", init(), alone, fragment(1, 0, PICTURE, 5));
    }

    private static void refuses(String why, ByteBuf... parts) {
        byte[] stream = stream(parts);
        Log log = new Log();
        try (Fmp4StreamReader reader = new Fmp4StreamReader(log)) {
            assertThatThrownBy(() -> push(reader, stream, 0, stream.length))
                    .isInstanceOf(MalformedException.class)
                    .hasMessageContaining(why);
            int before = log.lines.size();
            byte[] more = plain();
            push(reader, more, 0, more.length);
            assertThat(log.lines).as("after that nothing is read").hasSize(before);
        } catch (MalformedException e) {
            throw new AssertionError("thrown once only", e);
        }
    }

    @Test
    void survivesFlippedBits() throws IOException {
        Random random = new Random(3);
        List<byte[]> streams = new ArrayList<>(List.of(plain()));
        for (String name : SAMPLES) {
            streams.add(sample(name));
        }
        for (int i = 0; i < 300; i++) {
            byte[] damaged = streams.get(i % streams.size()).clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                int at = random.nextInt(Math.min(damaged.length, 4000));
                damaged[at] ^= (byte) (1 << random.nextInt(8));
            }
            readAnything(damaged);
        }
    }

    @FuzzTest
    void fuzz(FuzzedDataProvider input) {
        readAnything(input.consumeRemainingAsBytes());
    }

    /** Either it is read, or it is malformed; nothing else may happen, wherever it is cut. */
    private static void readAnything(byte[] stream) {
        Log whole = new Log();
        String failure = failure(stream, whole, stream.length);
        Log pieces = new Log();
        assertThat(failure(stream, pieces, 997)).isEqualTo(failure);
        assertThat(pieces.lines).isEqualTo(whole.lines);
    }

    private static String failure(byte[] stream, Log log, int piece) {
        try (Fmp4StreamReader reader = new Fmp4StreamReader(log)) {
            for (int from = 0; from < stream.length; from += piece) {
                push(reader, stream, from, Math.min(stream.length, from + piece));
            }
            return "";
        } catch (MalformedException expected) {
            assertThat(expected.getMessage()).contains("expected");
            return expected.getMessage();
        }
    }
}
