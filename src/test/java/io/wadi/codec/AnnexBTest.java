package io.wadi.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

import org.junit.jupiter.api.Test;

import java.util.List;

class AnnexBTest {
    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    /** Many zeros and ones, so that start codes and near misses are common. */
    @Provide
    Arbitrary<byte[]> nearStartCodes() {
        return Arbitraries.bytes()
                .between((byte) 0, (byte) 3)
                .array(byte[].class)
                .ofMinSize(0)
                .ofMaxSize(64);
    }

    /** NAL units as an encoder makes them: slices, no start code inside, no zero at the end. */
    @Provide
    Arbitrary<List<byte[]>> nalUnits() {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(0)
                .ofMaxSize(40)
                .map(AnnexBTest::asSlice)
                .list()
                .ofMinSize(1)
                .ofMaxSize(8);
    }

    private static byte[] asSlice(byte[] payload) {
        byte[] nal = new byte[payload.length + 2];
        nal[0] = 0x41;
        for (int i = 0; i < payload.length; i++) {
            nal[i + 1] = payload[i] == 0 ? 5 : payload[i];
        }
        nal[nal.length - 1] = (byte) 0x80;
        return nal;
    }

    /** Start codes far from each other, in bytes of which one in thirty is zero. */
    @Provide
    Arbitrary<byte[]> sparseStartCodes() {
        Arbitrary<Byte> mostly = Arbitraries.bytes().between((byte) 1, (byte) 30);
        return Arbitraries.frequencyOf(
                        Tuple.of(30, mostly.map(b -> new byte[] {b})),
                        Tuple.of(1, Arbitraries.just(new byte[] {0})),
                        Tuple.of(1, Arbitraries.just(new byte[] {0, 0, 1})),
                        Tuple.of(1, Arbitraries.just(new byte[] {0, 0, 2})))
                .list()
                .ofMaxSize(150)
                .map(AnnexBTest::joined);
    }

    private static byte[] joined(List<byte[]> parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts.toArray(byte[][]::new)));
    }

    @Property
    void findsEachStartCodeThatASlowSearchFinds(@ForAll("nearStartCodes") byte[] bytes) {
        compareWithSlowSearch(bytes);
    }

    @Property(tries = 300)
    void findsEachStartCodeInLongPictures(@ForAll("sparseStartCodes") byte[] bytes) {
        compareWithSlowSearch(bytes);
    }

    /** On the heap, off it, and in the middle of an array that goes on with a start code. */
    private static void compareWithSlowSearch(byte[] bytes) {
        ByteBuf buf = Unpooled.wrappedBuffer(bytes);
        ByteBuf direct = Unpooled.directBuffer(bytes.length + 1).writeBytes(bytes);
        byte[] around = joined(List.of(new byte[] {0, 0, 1}, bytes, new byte[] {0, 1, 0, 0, 1}));
        ByteBuf inside = Unpooled.wrappedBuffer(around).slice(3, bytes.length);
        for (int from = 0; from <= bytes.length; from++) {
            int expected = -1;
            for (int i = from; i + 2 < bytes.length && expected < 0; i++) {
                if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) {
                    expected = i;
                }
            }
            assertThat(AnnexB.startCode(buf, from, bytes.length)).isEqualTo(expected);
            assertThat(AnnexB.startCode(direct, from, bytes.length)).isEqualTo(expected);
            assertThat(AnnexB.startCode(inside, from, bytes.length)).isEqualTo(expected);
        }
        direct.release();
    }

    @Property
    void roundTrips(@ForAll("nalUnits") List<byte[]> nals) throws MalformedException {
        ByteBuf annexB = Unpooled.buffer();
        for (byte[] nal : nals) {
            annexB.writeInt(1).writeBytes(nal);
        }
        ByteBuf prefixed = Unpooled.buffer();
        assertThat(AnnexB.toLengthPrefixed(CodecId.H264, annexB, prefixed, true))
                .isEqualTo(nals.size());
        ByteBuf back = Unpooled.buffer();
        assertThat(AnnexB.fromLengthPrefixed(prefixed, 4, back)).isEqualTo(nals.size());
        assertThat(back).isEqualTo(annexB);
        assertThat(AnnexB.fromLengthPrefixedInPlace(prefixed)).isTrue();
        assertThat(prefixed).isEqualTo(annexB);
    }

    @Property
    void staysWithinItsBounds(@ForAll("nearStartCodes") byte[] bytes) throws MalformedException {
        ByteBuf src = Unpooled.wrappedBuffer(bytes);
        ByteBuf out = Unpooled.buffer();
        AnnexB.toLengthPrefixed(CodecId.H265, src, out, true);
        assertThat(out.readableBytes())
                .isLessThanOrEqualTo(AnnexB.maxLengthPrefixedSize(bytes.length));
        for (int lengthSize : new int[] {1, 2, 4}) {
            ByteBuf annexB = Unpooled.buffer();
            try {
                AnnexB.fromLengthPrefixed(src, lengthSize, annexB);
            } catch (MalformedException _) {
                assertThat(annexB.isReadable()).isFalse();
            }
            assertThat(annexB.readableBytes())
                    .isLessThanOrEqualTo(AnnexB.maxAnnexBSize(bytes.length, lengthSize));
        }
    }

    @Test
    void dropsDelimitersFillerAndParameterSets() throws MalformedException {
        ByteBuf unit =
                hex(
                        "0000000109f0"
                                + "000001674d"
                                + "0000000168ee00"
                                + "0000010cff80"
                                + "00000165b8");
        ByteBuf out = Unpooled.buffer();
        assertThat(AnnexB.toLengthPrefixed(CodecId.H264, unit, out, false)).isEqualTo(1);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("0000000265b8");
        out.clear();
        assertThat(AnnexB.toLengthPrefixed(CodecId.H264, unit, out, true)).isEqualTo(3);
        assertThat(ByteBufUtil.hexDump(out))
                .isEqualTo("00000002674d" + "0000000268ee" + "0000000265b8");
    }

    @Test
    void dropsDelimitersOfH265() throws MalformedException {
        ByteBuf unit =
                hex("00000001460150" + "0000000140010c" + "000000014401c1" + "000000012801af");
        ByteBuf out = Unpooled.buffer();
        assertThat(AnnexB.toLengthPrefixed(CodecId.H265, unit, out, false)).isEqualTo(1);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("000000032801af");
    }

    @Test
    void leavesABufferWithABadLengthAsItWas() {
        ByteBuf bad = hex("0000000265b8" + "00000005aabb");
        ByteBuf before = bad.copy();
        assertThat(AnnexB.fromLengthPrefixedInPlace(bad)).isFalse();
        assertThat(bad).isEqualTo(before);
        ByteBuf out = Unpooled.buffer();
        assertThatThrownBy(() -> AnnexB.fromLengthPrefixed(bad, 4, out))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at byte 6");
        assertThat(out.isReadable()).isFalse();
        assertThat(AnnexB.fromLengthPrefixedInPlace(hex("ffffffff65"))).isFalse();
        assertThat(AnnexB.fromLengthPrefixedInPlace(hex("000000"))).isFalse();
    }

    @Test
    void limitsTheNumberOfNalUnits() {
        ByteBuf annexB = Unpooled.buffer();
        ByteBuf prefixed = Unpooled.buffer();
        for (int i = 0; i <= Limits.MAX_NAL_UNITS; i++) {
            annexB.writeMedium(1).writeByte(0x41);
            prefixed.writeInt(1).writeByte(0x41);
        }
        ByteBuf out = Unpooled.buffer();
        assertThatThrownBy(() -> AnnexB.toLengthPrefixed(CodecId.H264, annexB, out, true))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> AnnexB.fromLengthPrefixed(prefixed, 4, out))
                .isInstanceOf(MalformedException.class);
        assertThat(AnnexB.fromLengthPrefixedInPlace(prefixed)).isFalse();
        assertThat(out.isReadable()).isFalse();
    }
}
