package io.wadi.codec;

import static io.wadi.testing.Golden.assertGolden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Real headers against FFmpeg's configuration records and ffprobe's reading of the stream. */
class SampleTest {
    static List<Sample> samples() {
        return Sample.all();
    }

    static List<Sample> videos() {
        return samples().stream().filter(sample -> sample.codec().isVideo()).toList();
    }

    static List<Sample> audios() {
        return samples().stream().filter(sample -> !sample.codec().isVideo()).toList();
    }

    @Test
    void readsTheFormats() throws Exception {
        StringBuilder formats = new StringBuilder();
        for (Sample sample : samples()) {
            formats.append(sample).append(": ").append(sample.format()).append('\n');
        }
        assertGolden("codec/formats.txt", formats.toString());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void announcesTheFormatOnce(Sample sample) {
        FormatProbe probe = FormatProbe.of(sample.codec());
        ByteBuf unit = sample.unitBuf();

        assertThat(probe.format()).isEmpty();
        assertThat(probe.inspect(unit)).isTrue();
        assertThat(probe.inspect(unit)).isFalse();
        assertThat(unit.readerIndex()).isZero();
        assertThat(probe.format().orElseThrow().codec()).isEqualTo(sample.codec());
        assertThat(sample.codec().isRandomAccess(unit)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void worksAtAnyOffset(Sample sample) {
        ByteBuf shifted = Unpooled.buffer();
        shifted.writeZero(13).writeBytes(sample.unit()).skipBytes(13);
        FormatProbe probe = FormatProbe.of(sample.codec());

        assertThat(probe.inspect(shifted)).isTrue();
        assertThat(probe.format()).hasValue(sample.format());
        assertThat(sample.codec().isRandomAccess(shifted)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void makesTheRecordThatFfmpegMakes(Sample sample) {
        byte[] ours = sample.format().config().toArray();
        byte[] theirs = sample.config().clone();
        switch (sample.codec()) {
            case VP9 -> {
                // level: a frame does not tell its rate; colours: the container's tags
                ours[5] = theirs[5];
            }
            case OPUS -> {
                // pre-skip and input rate are the encoder's, a packet does not tell
                Arrays.fill(ours, 2, 8, (byte) 0);
                Arrays.fill(theirs, 2, 8, (byte) 0);
            }
            case FLAC -> {
                // block and frame sizes, number of samples and MD5 are the encoder's
                Arrays.fill(ours, 8, 18, (byte) 0);
                Arrays.fill(theirs, 8, 18, (byte) 0);
                for (int i = 22; i < ours.length; i++) {
                    ours[i] = theirs[i];
                }
                ours[21] = (byte) (ours[21] & 0xF0);
                theirs[21] = (byte) (theirs[21] & 0xF0);
            }
            case AAC -> {
                // FFmpeg appends the extension that says there is no SBR
                assertThat(theirs).startsWith(ours);
                theirs = ours;
            }
            case H265 -> {
                // FFmpeg adds the encoder's SEI messages as a fourth array
                if (theirs.length > ours.length) {
                    assertThat(theirs[22]).isEqualTo((byte) 4);
                    theirs = Arrays.copyOf(theirs, ours.length);
                    theirs[22] = 3;
                }
            }
            case H264, AV1, MP3, AC3, EAC3 -> {
                // byte for byte
            }
        }
        assertThat(ours).asHexString().isEqualTo(hex(theirs));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void recordAndStreamDeclareTheSame(Sample sample) throws MalformedException {
        TrackFormat fromStream = sample.format();
        if (fromStream.config().length() == 0) {
            return; // MPEG audio
        }
        TrackFormat fromRecord = TrackFormat.of(sample.codec(), fromStream.config());
        assertThat(fromRecord.config()).isEqualTo(fromStream.config());
        assertThat(fromRecord.codecString()).isEqualTo(fromStream.codecString());
        if (sample.codec() != CodecId.VP9) {
            assertThat(fromRecord).isEqualTo(fromStream);
        }
        assertThat(TrackFormat.of(sample.codec(), sample.codecConfig()).codec())
                .isEqualTo(sample.codec());
    }

    @ParameterizedTest
    @MethodSource("videos")
    void readsPicturesAsFfprobeDoes(Sample sample) {
        VideoFormat format = (VideoFormat) sample.format();

        assertThat(format.width()).isEqualTo(sample.number("width"));
        assertThat(format.height()).isEqualTo(sample.number("height"));
        if (sample.codec() == CodecId.H264 || sample.codec() == CodecId.H265) {
            assertThat((double) format.sarWidth() / format.sarHeight())
                    .isCloseTo(sample.ratio("sample_aspect_ratio"), within(1e-9));
            assertThat(format.frameRate()).isCloseTo(sample.ratio("r_frame_rate"), within(0.001));
        }
    }

    @ParameterizedTest
    @MethodSource("audios")
    void readsSoundAsFfprobeDoes(Sample sample) {
        AudioFormat format = (AudioFormat) sample.format();

        assertThat(format.sampleRate()).isEqualTo(sample.number("sample_rate"));
        assertThat(format.channels()).isEqualTo(sample.number("channels"));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void survivesTruncation(Sample sample) {
        for (int length = 0; length < sample.unit().length; length++) {
            inspect(sample, Arrays.copyOf(sample.unit(), length));
        }
        for (int length = 0; length < sample.config().length; length++) {
            parse(sample, Arrays.copyOf(sample.config(), length));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void survivesFlippedBits(Sample sample) {
        byte[] unit = sample.unit().clone();
        for (int bit = 0; bit < 8 * Math.min(unit.length, 400); bit++) {
            unit[bit >> 3] ^= (byte) (1 << (bit & 7));
            inspect(sample, unit);
            unit[bit >> 3] ^= (byte) (1 << (bit & 7));
        }
        byte[] config = sample.config().clone();
        for (int bit = 0; bit < 8 * config.length; bit++) {
            config[bit >> 3] ^= (byte) (1 << (bit & 7));
            parse(sample, config);
            config[bit >> 3] ^= (byte) (1 << (bit & 7));
        }
    }

    private static void inspect(Sample sample, byte[] unit) {
        FormatProbe probe = FormatProbe.of(sample.codec());
        ByteBuf buf = Unpooled.wrappedBuffer(unit);
        probe.inspect(buf);
        sample.codec().isRandomAccess(buf);
        assertThat(buf.readerIndex()).isZero();
        assertThat(buf.writerIndex()).isEqualTo(unit.length);
    }

    /** Anything but the typed exception fails the test. */
    private static void parse(Sample sample, byte[] config) {
        try {
            TrackFormat format = TrackFormat.of(sample.codec(), CodecConfig.copyOf(config));
            assertThat(TrackFormat.of(sample.codec(), format.config())).isEqualTo(format);
        } catch (MalformedException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    private static String hex(byte[] bytes) {
        return CodecConfig.copyOf(bytes).toString().toUpperCase(Locale.ROOT);
    }
}
