package io.wadi.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.wadi.codec.MalformedException;
import io.wadi.flv.FlvTags;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class ChunkReaderTest {
    private record Message(int type, int streamId, int timestamp, String payload) {}

    private final List<Message> messages = new ArrayList<>();

    private ChunkReader reader() {
        return new ChunkReader(
                PooledByteBufAllocator.DEFAULT,
                (type, streamId, time, payload) ->
                        messages.add(
                                new Message(type, streamId, time, ByteBufUtil.hexDump(payload))));
    }

    private static ByteBuf bytes(int size, int seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    private List<Message> read(ByteBuf in, int step) throws MalformedException {
        messages.clear();
        try (ChunkReader reader = reader()) {
            for (int at = 0; at < in.writerIndex(); at += step) {
                reader.read(in.copy(at, Math.min(step, in.writerIndex() - at)));
            }
        }
        return List.copyOf(messages);
    }

    private static ByteBuf hex(String hex) {
        return Unpooled.copiedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
    }

    @Property(tries = 60)
    void readsAnyChunkSizeInAnyPieces(
            @ForAll @IntRange(min = 1, max = 1 << 20) int chunkSize,
            @ForAll @IntRange(min = 1, max = 5000) int step,
            @ForAll @IntRange(min = 2, max = 65_599) int chunkStream,
            @ForAll int timestamp,
            @ForAll @IntRange(min = 0, max = 70_000) int size)
            throws Exception {
        ChunkWriter writer = new ChunkWriter();
        ByteBuf wire = Unpooled.buffer();
        ByteBuf setting = Unpooled.buffer().writeInt(chunkSize);
        writer.write(2, MessageType.SET_CHUNK_SIZE, 0, 0, setting, wire);
        writer.setChunkSize(chunkSize);
        writer.write(chunkStream, MessageType.VIDEO, 1, timestamp, bytes(size, 1), wire);
        writer.write(chunkStream, MessageType.AUDIO, 1, timestamp, bytes(7, 2), wire);
        List<Message> expected =
                List.of(
                        new Message(9, 1, timestamp, ByteBufUtil.hexDump(bytes(size, 1))),
                        new Message(8, 1, timestamp, ByteBufUtil.hexDump(bytes(7, 2))));
        assertThat(read(wire, wire.writerIndex())).isEqualTo(expected);
        assertThat(read(wire, step)).isEqualTo(expected);
        if (size < 3000) {
            assertThat(read(wire, 1)).isEqualTo(expected);
        }
    }

    @Test
    void addsDeltasOfTypes1To3() throws Exception {
        ByteBuf wire =
                hex(
                        "04 0003e8 000001 08 01000000 aa"
                                + "44 000014 000002 09 bbbb"
                                + "84 000015 cccc"
                                + "c4 dddd");
        assertThat(read(wire, 1))
                .containsExactly(
                        new Message(8, 1, 1000, "aa"),
                        new Message(9, 1, 1020, "bbbb"),
                        new Message(9, 1, 1041, "cccc"),
                        new Message(9, 1, 1062, "dddd"));
    }

    @Test
    void readsInterleavedMessages() throws Exception {
        String video = "04 000000 000082 09 01000000" + "11".repeat(128);
        String audio = "05 000000 000081 08 01000000" + "22".repeat(128);
        assertThat(read(hex(video + audio + "c4 1111" + "c5 22"), 13))
                .containsExactly(
                        new Message(9, 1, 0, "11".repeat(130)),
                        new Message(8, 1, 0, "22".repeat(129)));
    }

    @Test
    void readsExtendedTimestampsOnType3() throws Exception {
        String start = "04 ffffff 000102 09 01000000 01000000" + "11".repeat(128);
        String repeated = "c4 01000000" + "11".repeat(128) + "c4 01000000" + "1122";
        String bare = "c4" + "11".repeat(128) + "c4" + "1122";
        Message message = new Message(9, 1, 0x01000000, "11".repeat(257) + "22");
        for (int step : new int[] {1, 3, 5000}) {
            assertThat(read(hex(start + repeated), step)).containsExactly(message);
            // 04 … after it, so that four bytes can be looked at
            assertThat(read(hex(start + bare + "04 000000 000001 08 01000000 aa"), step))
                    .containsExactly(message, new Message(8, 1, 0, "aa"));
        }
    }

    @Test
    void readsAggregates() throws Exception {
        ByteBuf parts = Unpooled.buffer();
        FlvTags.writeTag(FlvTags.AUDIO, 500, hex("af01aa"), parts);
        FlvTags.writeTag(FlvTags.VIDEO, 520, hex("2701bb"), parts);
        ByteBuf wire = Unpooled.buffer();
        new ChunkWriter().write(6, MessageType.AGGREGATE, 1, 9000, parts, wire);
        assertThat(read(wire, wire.writerIndex()))
                .containsExactly(
                        new Message(8, 1, 9000, "af01aa"), new Message(9, 1, 9020, "2701bb"));
    }

    @Test
    void abortForgetsTheMessage() throws Exception {
        String cut = "04 000000 000100 09 01000000" + "11".repeat(128);
        String abort = "02 000000 000004 02 00000000 00000004";
        String next = "04 000000 000001 08 01000000 aa";
        assertThat(read(hex(cut + abort + next), 1)).containsExactly(new Message(8, 1, 0, "aa"));
    }

    @Test
    void refusesWhatCannotBe() {
        assertRefused("c4 00", "chunk type on new chunk stream");
        assertRefused("02 000000 000004 01 00000000 00000000", "chunk size");
        assertRefused("02 000000 000004 01 00000000 ffffffff", "chunk size");
        assertRefused(
                "04 000000 000100 09 01000000" + "11".repeat(128) + "04 000000 000001 08 01000000",
                "within a message");
        assertRefused("06 000000 00000b 16 01000000 08ffffff00000000000000", "aggregate");
    }

    @Test
    void refusesTooManyChunkStreams() {
        StringBuilder streams = new StringBuilder();
        for (int i = 0; i < ChunkReader.MAX_CHUNK_STREAMS + 1; i++) {
            streams.append("01%02x04 000000 000001 08 01000000 aa".formatted(i));
        }
        assertRefused(streams.toString(), "chunk streams");
    }

    private void assertRefused(String hex, String what) {
        assertThatThrownBy(() -> read(hex(hex), 7))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(what);
    }

    @Test
    void takesMemoryForWhatCameNotForWhatWasAnnounced() throws Exception {
        try (ChunkReader reader = reader()) {
            for (int csid = 4; csid < 44; csid++) {
                reader.read(
                        hex("%02x 000000 ffffff 09 01000000".formatted(csid) + "11".repeat(128)));
            }
            assertThat(reader.totalBytes()).isLessThan(40 * 8192);
        }
    }
}
