package io.wadi.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.List;

class BitReaderTest {
    @Property
    void readsExpGolombCodes(
            @ForAll @Size(max = 20) List<@LongRange(max = 0xFFFF_FFFEL) Long> values)
            throws MalformedException {
        ByteBuf out = Unpooled.buffer();
        BitWriter writer = new BitWriter(out);
        for (long value : values) {
            int bits = 63 - Long.numberOfLeadingZeros(value + 1);
            writer.bits(bits, 0).bits(1, 1).bits(bits, value + 1 - (1L << bits));
        }
        writer.align();
        BitReader in = BitReader.of("test", out);
        for (long value : values) {
            assertThat(in.ue()).isEqualTo(value);
        }
    }

    @Property
    void readsWhatWasWritten(
            @ForAll @Size(max = 30) List<@IntRange(min = 1, max = 31) Integer> sizes,
            @ForAll int seed)
            throws MalformedException {
        ByteBuf out = Unpooled.buffer();
        BitWriter writer = new BitWriter(out);
        for (int size : sizes) {
            writer.bits(size, seed & ((1L << size) - 1));
        }
        writer.align();
        BitReader in = BitReader.of("test", out);
        for (int size : sizes) {
            assertThat(in.bits(size)).isEqualTo((int) (seed & ((1L << size) - 1)));
        }
        assertThat(in.bitsLeft()).isLessThan(8);
    }

    @Property
    void dropsEmulationPrevention(@ForAll byte[] payload) throws MalformedException {
        ByteBuf escaped = Unpooled.buffer();
        int zeros = 0;
        for (byte b : payload) {
            if (zeros >= 2 && (b & 0xFF) <= 3) {
                escaped.writeByte(3);
                zeros = 0;
            }
            escaped.writeByte(b);
            zeros = b == 0 ? zeros + 1 : 0;
        }
        BitReader in = BitReader.ofNalUnit("test", escaped, 0, escaped.readableBytes());
        for (byte b : payload) {
            assertThat((byte) in.bits(8)).isEqualTo(b);
        }
        assertThatThrownBy(() -> in.bits(1))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("end of data");
    }

    @Test
    void readsSignedCodes() throws MalformedException {
        // 1 010 011 00100 00101: 0, 1, -1, 2, -2
        BitReader in =
                BitReader.of(
                        "test",
                        Unpooled.wrappedBuffer(new byte[] {(byte) 0xA6, 0x42, (byte) 0x80}));
        assertThat(in.se()).isZero();
        assertThat(in.se()).isEqualTo(1);
        assertThat(in.se()).isEqualTo(-1);
        assertThat(in.se()).isEqualTo(2);
        assertThat(in.se()).isEqualTo(-2);
    }

    @Test
    void refusesLongCodesAndValuesAboveTheLimit() {
        assertThatThrownBy(() -> BitReader.of("SPS", Unpooled.wrappedBuffer(new byte[9])).ue())
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("leading zeros");
        BitReader seven = BitReader.of("SPS", Unpooled.wrappedBuffer(new byte[] {0x10}));
        assertThatThrownBy(() -> seven.ue("field", 6))
                .isInstanceOf(MalformedException.class)
                .hasMessage("SPS field: got 7, expected 0 to 6");
    }
}
