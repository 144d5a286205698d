package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.ts.Samples.AccessUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

class TsDemuxerTest {
    private static final TsTrack VIDEO = TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, "");

    private final Samples.Collector collector = new Samples.Collector();
    private final TsDemuxer demuxer = new TsDemuxer(collector);

    private void push(byte[] bytes) {
        demuxer.push(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
    }

    private static byte[] join(byte[]... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }

    @Test
    void findsThePacketsAgainBehindGarbage() {
        byte[] stream = Samples.read("h264-aac.ts");
        byte[] garbage = new byte[777];
        new Random(5).nextBytes(garbage);
        int half = stream.length / 188 / 2 * 188;
        push(garbage);
        push(join(slice(stream, 0, half), garbage, slice(stream, half, stream.length)));
        demuxer.flush();
        assertThat(collector.units).containsExactlyElementsOf(Samples.demux(stream).units);
        assertThat(demuxer.stats().skippedBytes()).isEqualTo(2 * 777);
        assertThat(demuxer.stats().syncLosses()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"h264-aac.ts", "opus.ts", "h264-ac3.m2ts"})
    void givesAPrefixOfTheUnitsWhenTruncatedAnywhere(String sample) {
        byte[] stream = Samples.read(sample);
        List<AccessUnit> all = Samples.demux(stream).units;
        for (int end = 0; end < stream.length; end += 187) {
            Samples.Collector read = new Samples.Collector();
            new TsDemuxer(read).push(Unpooled.wrappedBuffer(stream), 0, end);
            assertThat(read.units).isEqualTo(all.subList(0, read.units.size()));
        }
    }

    @Test
    void survivesFlippedBitsAndTellsOfThem() {
        byte[] stream = Samples.read("hevc-ac3.ts");
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            byte[] damaged = stream.clone();
            for (int i = 0; i < 1 + round; i++) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertThat(Samples.demux(damaged).programs).hasSizeLessThan(20);
        }
    }

    @Test
    void dropsThePesPacketThatWasHitAndNoOther() {
        byte[] stream = Samples.read("h264-aac.ts");
        List<AccessUnit> all = Samples.demux(stream).units;
        for (int packet = 3; packet < stream.length / 188; packet += 5) {
            Samples.Collector read =
                    Samples.demux(
                            join(
                                    slice(stream, 0, packet * 188),
                                    slice(stream, packet * 188 + 188, stream.length)));
            // an AAC PES packet holds up to 14 frames
            assertThat(read.units.size()).isBetween(all.size() - 32, all.size());
            assertThat(all).containsAll(read.units);
            if (read.units.size() < all.size()) {
                // nobody can see that the first or the last packet of a PID is missing
                assertThat(!read.losses.isEmpty() || isAtTheEdge(stream, packet)).isTrue();
            }
        }
    }

    private static boolean isAtTheEdge(byte[] stream, int packet) {
        int own = pid(stream, packet);
        boolean first = IntStream.range(0, packet).noneMatch(p -> pid(stream, p) == own);
        boolean last =
                IntStream.range(packet + 1, stream.length / 188)
                        .noneMatch(p -> pid(stream, p) == own);
        return first || last;
    }

    private static int pid(byte[] stream, int packet) {
        return (stream[packet * 188 + 1] & 0x1F) << 8 | (stream[packet * 188 + 2] & 0xFF);
    }

    @Test
    void takesPacketsSentTwiceOnce() {
        byte[] stream = Samples.read("h264-aac.ts");
        ByteBuf twice = Unpooled.buffer();
        for (int at = 0; at < stream.length; at += 188) {
            twice.writeBytes(stream, at, 188);
            twice.writeBytes(stream, at, 188);
        }
        push(ByteBufUtil.getBytes(twice));
        demuxer.flush();
        assertThat(collector.units).containsExactlyElementsOf(Samples.demux(stream).units);
        assertThat(collector.losses).isEmpty();
        assertThat(demuxer.stats().duplicates()).isPositive();
    }

    @Test
    void skipsScrambledPackets() {
        byte[] stream = Samples.read("h264-aac.ts");
        for (int at = 0; at < stream.length; at += 188) {
            if ((stream[at + 1] & 0x1F) == 1 && stream[at + 2] == 1) {
                stream[at + 3] |= (byte) 0x80;
            }
        }
        push(stream);
        demuxer.flush();
        assertThat(collector.units).allMatch(u -> u.track().isVideo()).isNotEmpty();
        assertThat(demuxer.stats().scrambled()).isPositive();
    }

    @Test
    void ignoresTablesWithAWrongCrc() {
        byte[] stream = Samples.read("h264-aac.ts");
        stream[188 + 8] ^= 1; // the first PAT
        push(stream);
        assertThat(demuxer.stats().badSections()).isEqualTo(1);
        assertThat(collector.programs).hasSize(1);
    }

    @Test
    void emitsAtOnceWhatDeclaresItsLength() {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(VIDEO));
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 3; i++) {
            out.clear();
            ByteBuf picture = Unpooled.wrappedBuffer(TsMuxerTest.picture(i == 0));
            muxer.write(VIDEO, i * 3600L, i * 3600L, i == 0, Unpooled.EMPTY_BUFFER, picture, out);
            demuxer.push(out, 0, out.writerIndex());
            assertThat(collector.units).hasSize(i + 1);
        }
    }

    @Test
    void flushEmitsAPictureWithoutALength() {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(VIDEO));
        ByteBuf out = Unpooled.buffer();
        byte[] large = new byte[100_000];
        System.arraycopy(TsMuxerTest.picture(true), 0, large, 0, 10);
        for (int i = 0; i < 3; i++) {
            out.clear();
            ByteBuf picture = Unpooled.wrappedBuffer(large);
            muxer.write(VIDEO, i * 3600L, i * 3600L, true, Unpooled.EMPTY_BUFFER, picture, out);
            demuxer.push(out, 0, out.writerIndex());
            demuxer.flush();
            assertThat(collector.units).hasSize(i + 1);
        }
    }

    @Test
    void splitsPicturesThatShareAPesPacket() {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(VIDEO));
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < 4; i++) {
            byte[] two = join(TsMuxerTest.picture(i == 0), TsMuxerTest.picture(false));
            ByteBuf payload = Unpooled.wrappedBuffer(two);
            muxer.write(VIDEO, i * 7200L, i * 7200L, i == 0, Unpooled.EMPTY_BUFFER, payload, out);
        }
        push(ByteBufUtil.getBytes(out));
        assertThat(collector.units).hasSize(8);
        assertThat(collector.units).extracting(AccessUnit::pts).contains(0L, 3600L, 18_000L);
        assertThat(collector.units.stream().filter(AccessUnit::randomAccess)).hasSize(1);
    }

    @Test
    void joinsAPictureThatIsSpreadOverPesPackets() {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(VIDEO));
        ByteBuf out = Unpooled.buffer();
        byte[] slice = TsMuxerTest.picture(true);
        slice[5] = 0x10; // not the first of its picture
        for (int i = 0; i < 4; i++) {
            ByteBuf first = Unpooled.wrappedBuffer(TsMuxerTest.picture(true));
            muxer.write(VIDEO, i * 3600L, i * 3600L, true, Unpooled.EMPTY_BUFFER, first, out);
            long none = Pts33.NO_TIME;
            ByteBuf rest = Unpooled.wrappedBuffer(slice);
            muxer.write(VIDEO, none, none, false, Unpooled.EMPTY_BUFFER, rest, out);
        }
        push(ByteBufUtil.getBytes(out));
        demuxer.flush();
        // The first has gone out before the track showed its way.
        assertThat(collector.units)
                .extracting(u -> u.bytes().size())
                .containsExactly(300, 600, 600, 600);
        assertThat(collector.losses).hasSize(1);
    }

    @Test
    void dropsWhatIsLongerThanAnyPicture() {
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(VIDEO));
        ByteBuf out = Unpooled.buffer();
        ByteBuf huge = Unpooled.wrappedBuffer(new byte[PesReader.MAX_VIDEO_PES + 1000]);
        muxer.write(VIDEO, 0, 0, true, Unpooled.EMPTY_BUFFER, huge, out);
        ByteBuf picture = Unpooled.wrappedBuffer(TsMuxerTest.picture(true));
        muxer.write(VIDEO, 3600, 3600, true, Unpooled.EMPTY_BUFFER, picture, out);
        demuxer.push(out, 0, out.writerIndex());
        assertThat(collector.units).hasSize(1);
        assertThat(demuxer.stats().oversized()).isEqualTo(1);
    }

    @Test
    void readsPacketsWithParity() {
        byte[] stream = Samples.read("h264-aac.ts");
        ByteBuf wide = Unpooled.buffer();
        for (int at = 0; at < stream.length; at += 188) {
            wide.writeBytes(stream, at, 188).writeZero(16);
        }
        push(ByteBufUtil.getBytes(wide));
        demuxer.flush();
        assertThat(collector.units).containsExactlyElementsOf(Samples.demux(stream).units);
    }

    @Test
    void followsAnotherProgramMap() {
        push(Samples.read("h264-aac.ts"));
        push(Samples.read("hevc-ac3.ts"));
        demuxer.flush();
        assertThat(collector.programs).hasSize(2);
        assertThat(collector.units.getLast().track().codec()).isPresent();
        assertThat(collector.units)
                .anyMatch(u -> u.track().codec().equals(Optional.of(CodecId.H265)));
    }

    @Test
    void handsOnSectionsOfDataTracks() {
        TsTrack scte35 = new TsTrack(0x180, 0x86, Optional.empty(), "", "");
        TsMuxer muxer = new TsMuxer();
        muxer.tracks(List.of(VIDEO, scte35));
        ByteBuf out = Unpooled.buffer();
        ByteBuf picture = Unpooled.wrappedBuffer(TsMuxerTest.picture(true));
        muxer.write(VIDEO, 0, 0, true, Unpooled.EMPTY_BUFFER, picture, out);
        byte[] section = new byte[300];
        section[0] = (byte) 0xFC;
        section[1] = 0x31;
        section[2] = 297 - 256;
        PsiWriter.packetise(0x180, section, out);
        out.setByte(out.writerIndex() - 188 + 3, 0x11);
        push(ByteBufUtil.getBytes(out));
        assertThat(collector.sections).containsExactly("384:" + ByteBufUtil.hexDump(section));
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }
}
