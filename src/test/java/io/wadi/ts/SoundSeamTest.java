package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** Sound of every codec is heard once where one source follows another; nothing else is touched. */
class SoundSeamTest {
    private static final int STEP = 1920;
    private static final int STREAM_ID = 3;
    private static final int EXTENDED_STREAM = 0xFD;

    private final SoundSeam seam = new SoundSeam();

    /** A second of a key picture and packets of one other track. */
    private static ByteBuf second(TsTrack video, TsTrack other, long from) {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(video, other));
        ByteBuf out = Unpooled.buffer();
        ByteBuf picture = Unpooled.wrappedBuffer(TsMuxerTest.picture(true));
        muxer.write(video, from, from, true, Unpooled.EMPTY_BUFFER, picture, out);
        for (long at = from; at < from + 90_000; at += STEP) {
            ByteBuf frame = Unpooled.wrappedBuffer(new byte[700]);
            muxer.write(other, at, at, true, Unpooled.EMPTY_BUFFER, frame, out);
        }
        return out;
    }

    private static ByteBuf second(TsTrack other, long from) {
        return second(TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, ""), other, from);
    }

    private static TsTrack sound(CodecId codec) {
        return codec == CodecId.OPUS
                ? TsTrack.opus(TsTrack.AUDIO_PID, 2, "")
                : TsTrack.of(TsTrack.AUDIO_PID, codec, "");
    }

    private interface PesVisitor {
        void at(int packet, int pes);
    }

    private static void eachPes(ByteBuf packets, int pid, PesVisitor visitor) {
        for (int at = 0; at < packets.writerIndex(); at += TsPacket.SIZE) {
            int header = packets.getInt(at);
            if (TsPacket.pid(header) == pid && TsPacket.startsUnit(header)) {
                visitor.at(at, TsPacket.payloadIndex(packets, at, header));
            }
        }
    }

    private static List<Long> times(ByteBuf packets, int pid) {
        List<Long> times = new ArrayList<>();
        eachPes(packets, pid, (_, pes) -> times.add(TsTimestamps.timestamp(packets, pes + 9)));
        return times;
    }

    private static int packetsOf(ByteBuf packets, int pid) {
        int count = 0;
        for (int at = 0; at < packets.writerIndex(); at += TsPacket.SIZE) {
            count += TsPacket.pid(packets.getInt(at)) == pid ? 1 : 0;
        }
        return count;
    }

    private void pass(ByteBuf packets) {
        seam.pass(packets, 0, packets.writerIndex());
    }

    /** The first source ends at 88,320 ticks; the second begins half a second before that. */
    private static void assertHeardOnce(SoundSeam seam, ByteBuf first, ByteBuf second, int pid) {
        long newest = times(first, pid).getLast();
        List<Long> expected = new ArrayList<>(times(second, pid));
        expected.removeIf(time -> time <= newest);
        assertThat(expected).hasSizeBetween(10, times(second, pid).size() - 10);
        int all = packetsOf(second, pid);

        seam.pass(first, 0, first.writerIndex());
        seam.switchSource();
        seam.pass(second, 0, second.writerIndex());

        assertThat(times(second, pid)).containsExactlyElementsOf(expected);
        assertThat(packetsOf(second, TsPacket.NULL_PID))
                .as("whole PES packets")
                .isEqualTo(all - packetsOf(second, pid))
                .isEqualTo((all / (expected.size() + 24)) * 24);
        assertThat(packetsOf(second, TsTrack.VIDEO_PID)).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            value = CodecId.class,
            names = {"AAC", "MP3", "AC3", "EAC3", "OPUS"})
    void soundThatWasHeardIsLeftOut(CodecId codec) {
        TsTrack sound = sound(codec);
        assertHeardOnce(seam, second(sound, 0), second(sound, 45_120 - 1920), sound.pid());
    }

    @Test
    void soundWithAnExtendedStreamIdIsSoundToo() {
        TsTrack sound = sound(CodecId.EAC3);
        ByteBuf first = second(sound, 0);
        ByteBuf second = second(sound, 45_120 - 1920);
        for (ByteBuf packets : List.of(first, second)) {
            eachPes(
                    packets,
                    sound.pid(),
                    (_, pes) -> packets.setByte(pes + STREAM_ID, EXTENDED_STREAM));
        }
        assertHeardOnce(seam, first, second, sound.pid());
    }

    @Test
    void theNewSourceMayHaveAnotherCodecOnAnotherPid() {
        TsTrack before = TsTrack.of(0x120, CodecId.AC3, "");
        TsTrack after = TsTrack.opus(0x121, 2, "");
        ByteBuf second = second(after, 43_200);
        pass(second(before, 0));
        seam.switchSource();
        pass(second);
        assertThat(times(second, after.pid()).getFirst()).isGreaterThan(88_320);
    }

    @Test
    void whatIsNoSoundIsLeftAlone() {
        TsTrack subtitles = new TsTrack(0x102, 0x06, Optional.empty(), "", "");
        TsTrack picture = TsTrack.of(0x103, CodecId.AV1, "");
        for (TsTrack other : List.of(subtitles, picture)) {
            ByteBuf again = second(other, 0);
            List<Long> times = times(again, other.pid());
            pass(second(other, 0));
            seam.switchSource();
            pass(again);
            assertThat(times(again, other.pid())).as(other.toString()).isEqualTo(times);
        }
    }

    @Test
    void pidsOfTheSourceBeforeSayNothingOfTheNext() {
        TsTrack sound = TsTrack.of(0x110, CodecId.AC3, "");
        TsTrack picture = TsTrack.of(0x110, CodecId.VP9, "");
        ByteBuf second = second(picture, 0);
        List<Long> times = times(second, 0x110);
        pass(second(sound, 0));
        seam.switchSource();
        pass(second);
        assertThat(times(second, 0x110)).isEqualTo(times);
    }

    @Test
    void timesOfSoundAreMappedAsSound() {
        TsTrack sound = sound(CodecId.AC3);
        ByteBuf packets = second(sound, 900_000);
        List<Long> before = times(packets, sound.pid());
        LongUnaryOperator squeezed = ticks -> ticks + 7;
        seam.learn(packets, 0, packets.writerIndex());
        TsTimestamps.map(
                packets,
                0,
                packets.writerIndex(),
                900_000,
                seam,
                squeezed,
                LongUnaryOperator.identity(),
                squeezed);
        assertThat(times(packets, sound.pid())).isEqualTo(before);
        assertThat(times(packets, TsTrack.VIDEO_PID)).containsExactly(900_007L);
    }
}
