package io.wadi.fmp4;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mp4parser.IsoFile;
import org.mp4parser.boxes.iso14496.part12.MovieExtendsBox;
import org.mp4parser.boxes.iso14496.part12.MovieFragmentBox;
import org.mp4parser.boxes.iso14496.part12.SampleDescriptionBox;
import org.mp4parser.boxes.iso14496.part12.SampleFlags;
import org.mp4parser.boxes.iso14496.part12.TrackFragmentBaseMediaDecodeTimeBox;
import org.mp4parser.boxes.iso14496.part12.TrackFragmentBox;
import org.mp4parser.boxes.iso14496.part12.TrackFragmentHeaderBox;
import org.mp4parser.boxes.iso14496.part12.TrackRunBox;
import org.mp4parser.tools.Path;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Random;

class FragmentTest {
    record Plan(int duration, int size, boolean sync, int offset) {}

    @Provide
    Arbitrary<List<Plan>> runs() {
        Arbitrary<Plan> varied =
                Combinators.combine(
                                Arbitraries.integers().between(0, 1 << 20),
                                Arbitraries.integers().between(1, 300),
                                Arbitraries.of(true, false),
                                Arbitraries.integers().between(-90_000, 900_000))
                        .as(Plan::new);
        Arbitrary<Plan> audio =
                Arbitraries.integers().between(1, 300).map(size -> new Plan(1024, size, true, 0));
        Arbitrary<Plan> equal = Arbitraries.just(new Plan(3600, 7, false, 0));
        return Arbitraries.oneOf(
                varied.list().ofMinSize(1).ofMaxSize(80),
                audio.list().ofMinSize(1).ofMaxSize(80),
                equal.list().ofMinSize(1).ofMaxSize(80));
    }

    private static ByteBuf write(List<Plan> plans, long time, boolean startsSegment) {
        SampleRun run = new SampleRun();
        plans.forEach(p -> run.add(p.duration(), p.size(), p.sync(), p.offset()));
        FragmentWriter writer = new FragmentWriter(3);
        ByteBuf out = Unpooled.buffer();
        writer.writeHeader(out, 9, time, run, startsSegment);
        assertThat(out.readableBytes()).isEqualTo(writer.headerSize(run, startsSegment));
        for (int i = 0; i < plans.size(); i++) {
            for (int b = 0; b < plans.get(i).size(); b++) {
                out.writeByte(i);
            }
        }
        return out;
    }

    @Property(tries = 300)
    void readsBackWhatWasWritten(@ForAll("runs") List<Plan> plans, @ForAll boolean startsSegment)
            throws MalformedException {
        long time = 158_670_000_133_200L;
        ByteBuf out = write(plans, time, startsSegment);
        List<Fragment> fragments = FragmentReader.read(out, List.of());
        assertThat(fragments).hasSize(1);
        Fragment fragment = fragments.getFirst();
        assertThat(fragment.trackId()).isEqualTo(3);
        assertThat(fragment.sequence()).isEqualTo(9);
        assertThat(fragment.baseDecodeTime()).isEqualTo(time);
        assertThat(fragment.samples()).hasSameSizeAs(plans);
        long decodeTime = time;
        for (int i = 0; i < plans.size(); i++) {
            Plan plan = plans.get(i);
            Fragment.Sample sample = fragment.samples().get(i);
            assertThat(sample.decodeTime()).isEqualTo(decodeTime);
            assertThat(sample.duration()).isEqualTo(plan.duration());
            assertThat(sample.compositionOffset()).isEqualTo(plan.offset());
            assertThat(sample.sync()).isEqualTo(plan.sync());
            assertThat(sample.size()).isEqualTo(plan.size());
            assertThat(out.getByte(sample.offset())).isEqualTo((byte) i);
            assertThat(out.getByte(sample.offset() + sample.size() - 1)).isEqualTo((byte) i);
            decodeTime += plan.duration();
        }
    }

    @Property(tries = 100)
    void anotherReaderAgrees(@ForAll("runs") List<Plan> plans) throws IOException {
        byte[] bytes = ByteBufUtil.getBytes(write(plans, 1L << 40, true));
        try (IsoFile file = new IsoFile(Channels.newChannel(new ByteArrayInputStream(bytes)))) {
            MovieFragmentBox moof = file.getBoxes(MovieFragmentBox.class).getFirst();
            TrackFragmentBox traf = moof.getBoxes(TrackFragmentBox.class).getFirst();
            TrackFragmentHeaderBox tfhd = traf.getTrackFragmentHeaderBox();
            assertThat(tfhd.isDefaultBaseIsMoof()).isTrue();
            assertThat(
                            traf.getBoxes(TrackFragmentBaseMediaDecodeTimeBox.class)
                                    .getFirst()
                                    .getBaseMediaDecodeTime())
                    .isEqualTo(1L << 40);
            TrackRunBox trun = traf.getBoxes(TrackRunBox.class).getFirst();
            assertThat(trun.getDataOffset()).isEqualTo(moof.getSize() + 8);
            assertThat(trun.getEntries()).hasSameSizeAs(plans);
            for (int i = 0; i < plans.size(); i++) {
                TrackRunBox.Entry entry = trun.getEntries().get(i);
                Plan plan = plans.get(i);
                long duration =
                        trun.isSampleDurationPresent()
                                ? entry.getSampleDuration()
                                : tfhd.getDefaultSampleDuration();
                long size =
                        trun.isSampleSizePresent()
                                ? entry.getSampleSize()
                                : tfhd.getDefaultSampleSize();
                SampleFlags flags =
                        i == 0 && trun.isFirstSampleFlagsPresent()
                                ? trun.getFirstSampleFlags()
                                : trun.isSampleFlagsPresent()
                                        ? entry.getSampleFlags()
                                        : tfhd.getDefaultSampleFlags();
                assertThat(duration).isEqualTo(plan.duration());
                assertThat(size).isEqualTo(plan.size());
                assertThat(flags.isSampleIsDifferenceSample()).isEqualTo(!plan.sync());
                long offset =
                        trun.isSampleCompositionTimeOffsetPresent()
                                ? entry.getSampleCompositionTimeOffset()
                                : 0;
                assertThat(offset).isEqualTo(plan.offset());
            }
        }
    }

    static TrackFormat format(CodecId codec) {
        return switch (codec) {
            case H264, H265, AV1, VP9 ->
                    new VideoFormat(codec, 1280, 720, 4, 3, 25, config(codec), "x");
            case MP3 -> new AudioFormat(codec, 44_100, 2, 1152, CodecConfig.EMPTY, "mp3");
            case AAC, AC3, EAC3, OPUS, FLAC ->
                    new AudioFormat(codec, 48_000, 2, 1024, config(codec), "x");
        };
    }

    private static CodecConfig config(CodecId codec) {
        return CodecConfig.copyOf(
                ByteBufUtil.decodeHexDump(
                        switch (codec) {
                            case H264 ->
                                    "01640028ffe100196764001facd9405005bb011000000300100000030320f183196001000568ebecb22c";
                            case AAC -> "1190";
                            case AC3 -> "10 3c a0".replace(" ", "");
                            case EAC3 -> "0640200f00";
                            case OPUS -> "000200780000bb80000000";
                            case FLAC ->
                                    "0000000080000022100010000000000000000bb801f000000000"
                                            + "00000000000000000000000000000000";
                            case VP9 -> "010000000014820202020000";
                            case AV1 -> "81040c00";
                            case H265 -> "01016000000090000000000078f000fcfdf8f800000f00";
                            case MP3 -> "";
                        }));
    }

    @ParameterizedTest
    @EnumSource(CodecId.class)
    void initSegmentsReadBack(CodecId codec) throws Exception {
        TrackFormat format = format(codec);
        ByteBuf out = Unpooled.buffer();
        InitSegment.write(out, List.of(Fmp4Track.of(5, format, "deu")));
        List<TrackHeader> tracks = InitReader.read(out);
        assertThat(tracks).hasSize(1);
        TrackHeader track = tracks.getFirst();
        assertThat(track.id()).isEqualTo(5);
        assertThat(track.language()).isEqualTo("deu");
        assertThat(track.config()).isEqualTo(format.config());
        assertThat(track.timescale()).isEqualTo(Fmp4Track.timescaleOf(format));
        if (codec.isVideo()) {
            assertThat(track.width()).isEqualTo(1280);
            assertThat(track.height()).isEqualTo(720);
        } else {
            assertThat(track.channels()).isEqualTo(2);
        }
        try (IsoFile file =
                new IsoFile(
                        Channels.newChannel(new ByteArrayInputStream(ByteBufUtil.getBytes(out))))) {
            SampleDescriptionBox stsd =
                    Path.getPath(file, "moov[0]/trak[0]/mdia[0]/minf[0]/stbl[0]/stsd[0]");
            assertThat(stsd.getBoxes().getFirst().getType())
                    .isEqualTo(FourCc.toString(track.sampleEntry()));
            MovieExtendsBox mvex = Path.getPath(file, "moov[0]/mvex[0]");
            assertThat(mvex).isNotNull();
        }
    }

    @Test
    void survivesEveryTruncationAndManyFlippedBits() {
        ByteBuf init = Unpooled.buffer();
        InitSegment.write(
                init,
                List.of(
                        Fmp4Track.of(1, format(CodecId.H264), ""),
                        Fmp4Track.of(2, format(CodecId.AAC), "eng")));
        ByteBuf fragment =
                write(List.of(new Plan(1, 5, true, 0), new Plan(2, 6, false, -3)), 7, true);
        for (ByteBuf whole : List.of(init, fragment)) {
            for (int length = 0; length < whole.readableBytes(); length++) {
                readAnything(whole.slice(0, length));
            }
            Random random = new Random(11);
            for (int i = 0; i < 20_000; i++) {
                ByteBuf damaged = whole.copy();
                for (int flips = random.nextInt(4); flips >= 0; flips--) {
                    int at = random.nextInt(damaged.readableBytes());
                    damaged.setByte(at, damaged.getByte(at) ^ (1 << random.nextInt(8)));
                }
                readAnything(damaged);
            }
        }
    }

    @FuzzTest
    void fuzz(FuzzedDataProvider input) {
        readAnything(Unpooled.wrappedBuffer(input.consumeRemainingAsBytes()));
    }

    /** Either it is read, or it is malformed; nothing else may happen. */
    private static void readAnything(ByteBuf bytes) {
        List<TrackHeader> tracks = List.of();
        try {
            tracks = InitReader.read(bytes);
        } catch (MalformedException expected) {
            assertThat(expected.getMessage()).contains("expected");
        }
        try {
            FragmentReader.read(bytes, tracks);
        } catch (MalformedException expected) {
            assertThat(expected.getMessage()).contains("expected");
        }
    }
}
