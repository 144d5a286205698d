package io.wadi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Any bytes: a result or {@link MalformedException}, nothing else, and no reading outside. */
class CodecFuzzTest {
    private interface Parser {
        void parse(ByteBuf bytes) throws MalformedException;
    }

    /** The bytes lie in the middle of a larger buffer, whose rest must not matter. */
    private static void feed(byte[] bytes, Parser parser) {
        ByteBuf buf = Unpooled.buffer(bytes.length + 16);
        buf.writeZero(8).writeBytes(bytes).readerIndex(8);
        try {
            parser.parse(buf);
        } catch (MalformedException e) {
            assertThat(e).hasMessageContaining("expected");
        }
        assertThat(buf.readerIndex()).isEqualTo(8);
    }

    private static void config(CodecId codec, byte[] bytes) {
        feed(
                bytes,
                buf -> {
                    TrackFormat format = TrackFormat.of(codec, CodecConfig.copyOf(buf));
                    assertThat(TrackFormat.of(codec, format.config())).isEqualTo(format);
                });
    }

    @FuzzTest
    void h264Sps(byte[] bytes) {
        feed(bytes, buf -> H264Sps.parse(buf, 8, bytes.length));
    }

    @FuzzTest
    void h265Sps(byte[] bytes) {
        feed(bytes, buf -> H265Sps.parse(buf, 8, bytes.length));
    }

    @FuzzTest
    void obus(byte[] bytes) {
        feed(
                bytes,
                buf -> {
                    Av1.isRandomAccess(buf);
                    Av1.afterTemporalDelimiter(buf);
                    Av1.formatOfTemporalUnit(buf);
                });
    }

    @FuzzTest
    void audioSpecificConfig(byte[] bytes) {
        feed(
                bytes,
                buf -> {
                    AudioSpecificConfig config = AudioSpecificConfig.parse(buf);
                    if (config.fitsAdts()) {
                        ByteBuf frame = Unpooled.buffer();
                        config.writeAdtsHeader(frame, 1);
                        frame.writeByte(0);
                        assertThat(Aac.audioSpecificConfig(frame).channels())
                                .isPositive()
                                .isLessThanOrEqualTo(config.channels());
                    }
                });
    }

    @FuzzTest
    void adts(byte[] bytes) {
        feed(
                bytes,
                buf -> {
                    Aac.nextFrame(buf, buf.readerIndex(), buf.writerIndex());
                    Aac.audioSpecificConfig(buf);
                });
    }

    @FuzzTest
    void annexB(byte[] bytes) {
        feed(
                bytes,
                buf -> {
                    ByteBuf out = Unpooled.buffer();
                    AnnexB.toLengthPrefixed(CodecId.H264, buf, out, false);
                    assertThat(AnnexB.fromLengthPrefixedInPlace(out)).isTrue();
                    AnnexB.fromLengthPrefixedInPlace(buf.copy());
                    H264.isRandomAccess(buf);
                    H265.isRandomAccess(buf);
                    FormatProbe.of(CodecId.H264).inspect(buf);
                    FormatProbe.of(CodecId.H265).inspect(buf);
                });
    }

    @FuzzTest
    void audioFrames(byte[] bytes) {
        feed(
                bytes,
                buf -> {
                    for (CodecId codec : CodecId.values()) {
                        FormatProbe.of(codec).inspect(buf);
                        codec.isRandomAccess(buf);
                    }
                });
    }

    @FuzzTest
    void avcC(byte[] bytes) {
        config(CodecId.H264, bytes);
    }

    @FuzzTest
    void hvcC(byte[] bytes) {
        config(CodecId.H265, bytes);
    }

    @FuzzTest
    void av1C(byte[] bytes) {
        config(CodecId.AV1, bytes);
    }

    @FuzzTest
    void vpcC(byte[] bytes) {
        config(CodecId.VP9, bytes);
    }

    @FuzzTest
    void dac3(byte[] bytes) {
        config(CodecId.AC3, bytes);
    }

    @FuzzTest
    void dec3(byte[] bytes) {
        config(CodecId.EAC3, bytes);
    }

    @FuzzTest
    void dOps(byte[] bytes) {
        config(CodecId.OPUS, bytes);
    }

    @FuzzTest
    void dfLa(byte[] bytes) {
        config(CodecId.FLAC, bytes);
    }
}
