package io.wadi.flv;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.amf.AmfValue;
import io.wadi.codec.CodecId;
import io.wadi.ts.TsTrack;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class FlvDemuxerTest {
    private static final String SPS = "6742c01e8c8d40a0fd00f08846a0";
    private static final String PPS = "68ce3c80";
    private static final String AVCC = "0142c01effe1000e" + SPS + "010004" + PPS;
    private static final String AAC_LC_44100_STEREO = "1210";

    private final List<String> seen = new ArrayList<>();
    private final List<TsTrack> tracks = new ArrayList<>();
    private final FlvDemuxer demuxer =
            new FlvDemuxer(
                    new AccessUnits() {
                        @Override
                        public void onTrack(TsTrack track) {
                            tracks.add(track);
                        }

                        @Override
                        public void onAccessUnit(
                                TsTrack track,
                                long pts,
                                long dts,
                                boolean randomAccess,
                                ByteBuf prefix,
                                ByteBuf payload) {
                            seen.add(
                                    "%x %d %d %s %s|%s"
                                            .formatted(
                                                    track.pid(),
                                                    pts,
                                                    dts,
                                                    randomAccess ? "R" : "-",
                                                    ByteBufUtil.hexDump(prefix),
                                                    ByteBufUtil.hexDump(payload)));
                        }

                        @Override
                        public void onUnsupported(String what) {
                            seen.add("unsupported " + what);
                        }
                    });

    private static ByteBuf hex(String hex) {
        return Unpooled.copiedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
    }

    @Test
    void turnsLengthsIntoStartCodesAndAddsParameterSets() {
        demuxer.video(0, hex("17 00 000000" + AVCC));
        demuxer.video(40, hex("17 01 000050 00000003 658884"));
        demuxer.video(80, hex("27 01 000000 00000002 419a 00000002 419b"));
        String delimiter = "0000000109f0";
        assertThat(seen)
                .containsExactly(
                        "100 10800 3600 R "
                                + delimiter
                                + "00000001"
                                + SPS
                                + "00000001"
                                + PPS
                                + "|00000001658884",
                        "100 7200 7200 - " + delimiter + "|00000001419a00000001419b");
    }

    @Test
    void replacesTheEncodersOwnDelimiterAndKeepsItsParameterSets() {
        demuxer.video(0, hex("17 00 000000" + AVCC));
        demuxer.video(
                0,
                hex(
                        "17 01 000000 00000002 0910 0000000e"
                                + SPS
                                + "00000004"
                                + PPS
                                + "00000002 6588"));
        assertThat(seen)
                .containsExactly(
                        "100 0 0 R 0000000109f0|00000001"
                                + SPS
                                + "00000001"
                                + PPS
                                + "000000016588");
    }

    @Test
    void putsAdtsInFrontOfAac() {
        demuxer.audio(0, hex("af 00" + AAC_LC_44100_STEREO));
        demuxer.audio(23, hex("af 01 21aabb"));
        assertThat(seen).containsExactly("101 2070 2070 R fff15080015ffc|21aabb");
    }

    @Test
    void unwrapsTimesOver24And49Days() {
        demuxer.audio(0, hex("af 00" + AAC_LC_44100_STEREO));
        long[] times = {0x7FFF_FFF0L, 0x8000_0010L, 0xFFFF_FFF0L, 0x1_0000_0010L, 0x1_0000_0000L};
        // Steps of 24.8 days at most: from 0 to just below 2^31 is one.
        for (long time : times) {
            demuxer.audio((int) time, hex("af 01 21"));
        }
        assertThat(seen).hasSize(times.length);
        for (int i = 0; i < times.length; i++) {
            assertThat(seen.get(i)).startsWith("101 " + times[i] * 90 + " ");
        }
    }

    @Test
    void takesTracksAndLanguages() {
        AmfValue english = new AmfValue.Obj(Map.of("language", AmfValue.of("en")));
        demuxer.metadata(
                new AmfValue.Obj(
                        Map.of("audioTrackIdInfoMap", new AmfValue.Obj(Map.of("1", english)))));
        String start = "95 10 6d703461" + "00 000002" + AAC_LC_44100_STEREO + "01 000002" + "1190";
        demuxer.audio(0, hex(start));
        demuxer.audio(0, hex("95 11 6d703461 00 000001 aa 01 000001 bb"));
        assertThat(tracks)
                .containsExactly(
                        TsTrack.of(0x101, CodecId.AAC, ""), TsTrack.of(0x102, CodecId.AAC, "eng"));
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0)).startsWith("101 ").endsWith("|aa");
        assertThat(seen.get(1)).startsWith("102 ").endsWith("|bb");
    }

    @Test
    void takesManyCodecsAndOneTrack() {
        demuxer.audio(0, hex("95 21 4f707573 00 000002 fc00 61632d33 05 000002 0b77"));
        demuxer.audio(0, hex("95 01 4f707573 00 fc11"));
        assertThat(tracks)
                .containsExactly(TsTrack.opus(0x101, 2, ""), TsTrack.of(0x102, CodecId.AC3, ""));
        assertThat(seen).hasSize(3);
        assertThat(seen.get(2)).startsWith("101 ").endsWith("|fc11");
    }

    @Test
    void addsNanosecondsOfModEx() {
        // 500 000 ns are 45 ticks
        demuxer.audio(1, hex("97 02 07a120 01 4f707573 fc00"));
        assertThat(seen).containsExactly("101 135 135 R |fc00");
    }

    @Test
    void replacesTheTrackWhenTheCodecChanges() {
        demuxer.audio(0, hex("9 1".replace(" ", "") + "4f707573 fc00"));
        demuxer.audio(20, hex("91 61632d33 0b77"));
        assertThat(tracks)
                .containsExactly(TsTrack.opus(0x101, 2, ""), TsTrack.of(0x101, CodecId.AC3, ""));
    }

    @Test
    void tellsOnceOfWhatItCannotCarry() {
        demuxer.audio(0, hex("91 664c6143 ff"));
        demuxer.audio(20, hex("91 664c6143 ff"));
        demuxer.video(20, hex("24 00"));
        assertThat(seen).hasSize(2).allMatch(line -> line.startsWith("unsupported "));
    }

    @Test
    void takesNegativeCompositionTimes() {
        demuxer.video(0, hex("17 00 000000" + AVCC));
        demuxer.video(100, hex("17 01 ffffd8 00000003 658884"));
        assertThat(seen.getFirst()).startsWith("100 5400 5400 R");
        assertThat(demuxer.malformed()).isZero();
    }

    @Test
    void survivesEveryTruncation() {
        List<String> tags =
                List.of(
                        "17 00 000000" + AVCC,
                        "17 01 000000 00000003 658884",
                        "95 21 4f707573 00 000002 fc00 61632d33 05 000002 0b77",
                        "97 02 07a120 01 4f707573 fc00",
                        "af 00" + AAC_LC_44100_STEREO);
        for (String tag : tags) {
            ByteBuf whole = hex(tag);
            for (int length = 0; length < whole.readableBytes(); length++) {
                ByteBuf cut = whole.copy(0, length);
                demuxer.video(0, cut);
                demuxer.audio(0, cut);
                assertThat(cut.readableBytes()).isEqualTo(length);
            }
        }
        assertThat(demuxer.malformed()).isPositive();
        assertThat(demuxer.lastFailure().orElseThrow()).hasMessageContaining("expected");
    }
}
