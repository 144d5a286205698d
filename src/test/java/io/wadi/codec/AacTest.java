package io.wadi.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

class AacTest {
    private static AudioSpecificConfig parse(String hex) throws MalformedException {
        return AudioSpecificConfig.parse(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    @Property
    void adtsAndConfigSayTheSame(
            @ForAll @IntRange(max = 12) int rate,
            @ForAll @IntRange(min = 1, max = 7) int channels,
            @ForAll @IntRange(max = 8184) int size)
            throws MalformedException {
        AudioSpecificConfig config = AudioSpecificConfig.aacLc(Aac.rateOf(rate), channels);
        ByteBuf frame = Unpooled.buffer();
        config.writeAdtsHeader(frame, size);

        assertThat(frame.readableBytes()).isEqualTo(config.adtsOverhead());
        assertThat(Aac.isAdts(frame, 0, frame.writerIndex())).isTrue();
        assertThat(Aac.frameLength(frame, 0)).isEqualTo(size + Aac.ADTS_HEADER_SIZE);
        assertThat(Aac.headerSize(frame, 0)).isEqualTo(Aac.ADTS_HEADER_SIZE);
        assertThat(Aac.sampleRate(frame, 0)).isEqualTo(config.coreSampleRate());
        assertThat(Aac.channelConfiguration(frame, 0)).isEqualTo(channels);
        assertThat(Aac.samples(frame, 0)).isEqualTo(1024);
        assertThat(Aac.audioSpecificConfig(frame)).isEqualTo(config);
    }

    @Test
    void readsLowComplexity() throws MalformedException {
        AudioSpecificConfig lc = parse("1190");
        assertThat(lc.codecString()).isEqualTo("mp4a.40.2");
        assertThat(lc.sampleRate()).isEqualTo(48_000);
        assertThat(lc.channels()).isEqualTo(2);
        assertThat(lc.samplesPerFrame()).isEqualTo(1024);
        assertThat(parse("1194").samplesPerFrame()).isEqualTo(960);
        assertThat(parse("1194").fitsAdts()).isFalse();
    }

    @Test
    void readsExplicitSbrAndPs() throws MalformedException {
        // AOT 5, 22050 Hz, stereo, extension 44100 Hz, AOT 2
        AudioSpecificConfig sbr = parse("2b920800");
        assertThat(sbr.codecString()).isEqualTo("mp4a.40.5");
        assertThat(sbr.objectType()).isEqualTo(2);
        assertThat(sbr.coreSampleRate()).isEqualTo(22_050);
        assertThat(sbr.sampleRate()).isEqualTo(44_100);
        assertThat(sbr.samplesPerFrame()).isEqualTo(2048);
        assertThat(sbr.fitsAdts()).isTrue();
        // AOT 29, 24000 Hz, mono, extension 48000 Hz, AOT 2
        AudioSpecificConfig ps = parse("eb098800");
        assertThat(ps.codecString()).isEqualTo("mp4a.40.29");
        assertThat(ps.channelConfiguration()).isEqualTo(1);
        assertThat(ps.channels()).isEqualTo(2);
        assertThat(ps.sampleRate()).isEqualTo(48_000);
    }

    @Test
    void readsBackwardCompatibleSbrAndPs() throws MalformedException {
        AudioSpecificConfig sbr = parse("131056e598");
        assertThat(sbr.objectType()).isEqualTo(2);
        assertThat(sbr.codecString()).isEqualTo("mp4a.40.5");
        assertThat(sbr.coreSampleRate()).isEqualTo(24_000);
        assertThat(sbr.sampleRate()).isEqualTo(48_000);
        AudioSpecificConfig ps = parse("130856e59d4880");
        assertThat(ps.codecString()).isEqualTo("mp4a.40.29");
        assertThat(ps.sampleRate()).isEqualTo(48_000);
        assertThat(ps.channels()).isEqualTo(2);
        // The extension that says there is no SBR
        assertThat(parse("119056e500").codecString()).isEqualTo("mp4a.40.2");
    }

    @Test
    void readsEscapedObjectTypesAndRates() throws MalformedException {
        ByteBuf usac = Unpooled.buffer();
        new BitWriter(usac).bits(5, 31).bits(6, 10).bits(4, 15).bits(24, 12_345).bits(4, 2).align();
        AudioSpecificConfig config = AudioSpecificConfig.parse(usac);
        assertThat(config.codecString()).isEqualTo("mp4a.40.42");
        assertThat(config.sampleRate()).isEqualTo(12_345);
        assertThat(config.fitsAdts()).isFalse();
    }

    @Test
    void carriesTheProgramConfigElementOver() throws MalformedException {
        ByteBuf asc = Unpooled.buffer();
        BitWriter bits = new BitWriter(asc).bits(5, 2).bits(4, 3).bits(4, 0).bits(3, 0);
        bits.bits(4, 0).bits(2, 1).bits(4, 3); // tag, LC, 48 kHz
        bits.bits(4, 2).bits(4, 0).bits(4, 1).bits(2, 1).bits(3, 0).bits(4, 0).bits(3, 0);
        bits.bits(5, 0).bits(5, 0x10).bits(5, 0x11).bits(4, 0).align(); // SCE, CPE, CPE, LFE
        bits.bits(8, 2).bits(8, 'h').bits(8, 'i');
        AudioSpecificConfig config = AudioSpecificConfig.parse(asc);
        assertThat(config.channels()).isEqualTo(6);

        ByteBuf frame = Unpooled.buffer();
        config.writeAdtsHeader(frame, 3);
        frame.writeMedium(0x010203);
        assertThat(Aac.frameLength(frame, 0)).isEqualTo(frame.readableBytes());
        assertThat(Aac.audioSpecificConfig(frame)).isEqualTo(config);
        FormatProbe probe = FormatProbe.of(CodecId.AAC);
        assertThat(probe.inspect(frame)).isTrue();
        assertThat(probe.format()).hasValue(config.format());
    }

    @Test
    void findsBackAfterGarbage() throws MalformedException {
        AudioSpecificConfig config = AudioSpecificConfig.aacLc(44_100, 2);
        ByteBuf buf = Unpooled.buffer();
        buf.writeMedium(0xFFF150).writeByte(0xFF);
        int start = buf.writerIndex();
        for (int i = 0; i < 2; i++) {
            config.writeAdtsHeader(buf, 5);
            buf.writeZero(5);
        }
        assertThat(Aac.nextFrame(buf, 0, buf.writerIndex())).isEqualTo(start);
        assertThat(Aac.nextFrame(buf, start + 1, buf.writerIndex())).isEqualTo(start + 12);
        assertThat(Aac.nextFrame(buf, start + 1, buf.writerIndex() - 1)).isEqualTo(-1);
    }

    @Test
    void refusesWhatAdtsCannotSay() throws MalformedException {
        AudioSpecificConfig config = AudioSpecificConfig.aacLc(44_100, 2);
        assertThatThrownBy(() -> config.writeAdtsHeader(Unpooled.buffer(), 8185))
                .isInstanceOf(MalformedException.class);
        AudioSpecificConfig odd = AudioSpecificConfig.aacLc(12_345, 2);
        assertThatThrownBy(() -> odd.writeAdtsHeader(Unpooled.buffer(), 1))
                .isInstanceOf(IllegalStateException.class);
    }
}
