package io.wadi.flv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.wadi.codec.MalformedException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

class FlvReaderTest {
    private static List<String> read(ByteBuf file, int step) throws MalformedException {
        List<String> tags = new ArrayList<>();
        try (FlvReader reader =
                new FlvReader(
                        PooledByteBufAllocator.DEFAULT,
                        (type, time, body) ->
                                tags.add(type + " " + time + " " + ByteBufUtil.hexDump(body)))) {
            for (int at = 0; at < file.writerIndex(); at += step) {
                reader.read(file.copy(at, Math.min(step, file.writerIndex() - at)));
            }
        }
        return tags;
    }

    @Property(tries = 30)
    void readsWhatIsWrittenInAnyPieces(
            @ForAll @Size(max = 6) List<@IntRange(min = 0, max = 3000) Integer> sizes,
            @ForAll int time,
            @ForAll @IntRange(min = 1, max = 20_000) int step)
            throws Exception {
        ByteBuf file = Unpooled.buffer();
        FlvTags.writeFileHeader(true, true, file);
        List<String> expected = new ArrayList<>();
        for (int size : sizes) {
            ByteBuf body = Unpooled.buffer().writeZero(size);
            FlvTags.writeTag(FlvTags.VIDEO, time, body, file);
            expected.add("9 " + time + " " + ByteBufUtil.hexDump(body));
        }
        assertThat(read(file, step)).isEqualTo(expected);
        assertThat(read(file, 1)).isEqualTo(expected);
    }

    @Test
    void refusesWhatIsNoFlv() {
        assertThatThrownBy(
                        () ->
                                read(
                                        Unpooled.copiedBuffer(
                                                "GIF89a.......", StandardCharsets.US_ASCII),
                                        1))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("FLV signature");
    }

    @Property
    void packetHeadersReadBackAsWritten(
            @ForAll @IntRange(min = -0x800000, max = 0x7FFFFF) int compositionTime,
            @ForAll boolean key,
            @ForAll @IntRange(min = 0, max = 255) int trackId)
            throws Exception {
        for (FlvCodec codec : List.of(FlvCodec.AVC, FlvCodec.HEVC)) {
            ByteBuf plain = Unpooled.buffer();
            FlvPacketWriter.video(codec, FlvPacket.Kind.CODED_FRAMES, key, compositionTime, plain);
            ByteBuf legacy = Unpooled.buffer();
            FlvPacketWriter.legacyVideo(
                    codec, FlvPacket.Kind.CODED_FRAMES, key, compositionTime, legacy);
            ByteBuf track = Unpooled.buffer();
            FlvPacketWriter.videoTrack(
                    codec, trackId, FlvPacket.Kind.CODED_FRAMES, key, compositionTime, track);
            String read = codec + " CODED_FRAMES " + key + " " + compositionTime + " 1";
            assertThat(video(plain)).containsExactly("0 " + read);
            assertThat(video(legacy)).containsExactly("0 " + read);
            assertThat(video(track)).containsExactly(trackId + " " + read);
        }
    }

    private static List<String> video(ByteBuf header) throws MalformedException {
        List<String> packets = new ArrayList<>();
        assertThat(header.readableBytes()).isLessThanOrEqualTo(FlvPacketWriter.MAX_HEADER_SIZE);
        new FlvPacketReader()
                .readVideo(
                        header.writeByte(0x65),
                        packet ->
                                packets.add(
                                        packet.trackId()
                                                + " "
                                                + packet.codec()
                                                + " "
                                                + packet.kind()
                                                + " "
                                                + packet.isKeyFrame()
                                                + " "
                                                + packet.compositionTimeMs()
                                                + " "
                                                + packet.length()));
        return packets;
    }
}
