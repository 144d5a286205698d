package io.wadi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Parameter sets that come late, apart or changed. */
class FormatProbeTest {
    /** The NAL units of one type of a sample, each with a start code. */
    private static ByteBuf only(Sample sample, int... types) {
        ByteBuf unit = sample.unitBuf();
        ByteBuf out = Unpooled.buffer();
        int to = unit.writerIndex();
        for (int nal = AnnexB.nalStart(unit, 0, to); nal >= 0; ) {
            int end = AnnexB.nalEnd(unit, nal, to);
            int header = unit.getByte(nal);
            int type = sample.codec() == CodecId.H264 ? H264.nalType(header) : H265.nalType(header);
            for (int wanted : types) {
                if (type == wanted) {
                    out.writeInt(1).writeBytes(unit, nal, end - nal);
                }
            }
            nal = AnnexB.nalStart(unit, end, to);
        }
        assertThat(out.isReadable()).isTrue();
        return out;
    }

    @Test
    void waitsForAllSetsOfH264() {
        Sample sample = Sample.of("h264-high-odd-sar");
        FormatProbe probe = FormatProbe.of(CodecId.H264);

        assertThat(probe.inspect(only(sample, H264.NAL_IDR))).isFalse();
        assertThat(probe.inspect(only(sample, H264.NAL_SPS))).isFalse();
        assertThat(probe.inspect(only(sample, H264.NAL_IDR))).isFalse();
        assertThat(probe.inspect(only(sample, H264.NAL_PPS))).isFalse();
        assertThat(probe.format()).isEmpty();
        assertThat(probe.inspect(only(sample, H264.NAL_IDR))).isTrue();
        assertThat(probe.format()).hasValue(sample.format());
    }

    @Test
    void waitsForAllSetsOfH265() {
        Sample sample = Sample.of("h265-main");
        FormatProbe probe = FormatProbe.of(CodecId.H265);
        int[] slices = {H265.NAL_IDR_W_RADL, H265.NAL_IDR_N_LP, H265.NAL_CRA};

        assertThat(probe.inspect(only(sample, H265.NAL_PPS))).isFalse();
        assertThat(probe.inspect(only(sample, H265.NAL_SPS))).isFalse();
        assertThat(probe.inspect(only(sample, slices))).isFalse();
        assertThat(probe.inspect(only(sample, H265.NAL_VPS))).isFalse();
        assertThat(probe.format()).isEmpty();
        // A PPS before its SPS is good unless the SPS replaced another.
        assertThat(probe.inspect(only(sample, slices))).isTrue();
        assertThat(probe.format()).hasValue(sample.format());
    }

    @Test
    void announcesAChangeMidStreamAndBack() {
        Sample first = Sample.of("h264-main-1080p");
        Sample second = Sample.of("h264-high10");
        FormatProbe probe = FormatProbe.of(CodecId.H264);

        assertThat(probe.inspect(first.unitBuf())).isTrue();
        assertThat(probe.inspect(second.unitBuf())).isTrue();
        assertThat(probe.format()).hasValue(second.format());
        assertThat(probe.inspect(first.unitBuf())).isTrue();
        assertThat(probe.format()).hasValue(first.format());
        assertThat(probe.inspect(first.unitBuf())).isFalse();
    }

    @Test
    void doesNotPairANewSpsWithAnOldPps() {
        Sample first = Sample.of("h265-main");
        Sample second = Sample.of("h265-main10-1080p");
        FormatProbe probe = FormatProbe.of(CodecId.H265);
        int[] slices = {H265.NAL_IDR_W_RADL, H265.NAL_IDR_N_LP, H265.NAL_CRA};

        assertThat(probe.inspect(first.unitBuf())).isTrue();
        probe.inspect(only(second, H265.NAL_VPS, H265.NAL_SPS));
        assertThat(probe.inspect(only(second, slices))).isFalse();
        assertThat(probe.format()).hasValue(first.format());
        probe.inspect(only(second, H265.NAL_PPS));
        assertThat(probe.inspect(only(second, slices))).isTrue();
        assertThat(probe.format()).hasValue(second.format());
    }

    @ParameterizedTest
    @EnumSource(CodecId.class)
    void ignoresEmptyAndForeignUnits(CodecId codec) {
        FormatProbe probe = FormatProbe.of(codec);
        assertThat(probe.inspect(Unpooled.EMPTY_BUFFER)).isFalse();
        codec.isRandomAccess(Unpooled.EMPTY_BUFFER);
        if (codec != CodecId.OPUS) { // nearly any byte is an Opus packet
            assertThat(probe.inspect(Unpooled.wrappedBuffer(new byte[64]))).isFalse();
        }
        assertThat(codec.isVideo() && codec.isRandomAccess(Unpooled.wrappedBuffer(new byte[64])))
                .isFalse();
    }

    @Test
    void findsOpenGopsAndRefusesOtherPictures() {
        // recovery point SEI, then a non-IDR slice
        assertThat(randomAccess("0000000109f0" + "000001060601c480" + "000001419a")).isTrue();
        // buffering period SEI (with an emulation prevention byte), then the recovery point
        assertThat(randomAccess("00000106" + "0004" + "000003012a" + "0601c480" + "000001419a"))
                .isTrue();
        // SPS and an I slice; SPS and a P slice; an I slice alone
        assertThat(randomAccess("000001674d401e" + "000001" + "4188" + "84")).isTrue();
        assertThat(randomAccess("000001674d401e" + "000001" + "419a" + "84")).isFalse();
        assertThat(randomAccess("000001" + "418884")).isFalse();
        assertThat(randomAccess("00000165b8")).isTrue();
    }

    private static boolean randomAccess(String hex) {
        return H264.isRandomAccess(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }
}
