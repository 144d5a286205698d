package io.wadi.amf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.MalformedException;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class AmfTest {
    /** What FFmpeg 5.1 sends first: connect, 1, {app: "live", type: "nonprivate"}. */
    private static final String CONNECT =
            "020007636f6e6e656374003ff0000000000000"
                    + "0300036170700200046c69766500047479706502000a6e6f6e70726976617465000009";

    private static ByteBuf hex(String hex) {
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
    }

    @Test
    void readsAndWritesConnect() throws Exception {
        List<AmfValue> values = Amf0.readAll(hex(CONNECT));
        assertThat(values).hasSize(3);
        assertThat(values.get(0)).isEqualTo(AmfValue.of("connect"));
        assertThat(values.get(1)).isEqualTo(AmfValue.of(1));
        assertThat(values.get(2).get("app")).contains(AmfValue.of("live"));
        ByteBuf out = Unpooled.buffer();
        values.forEach(value -> Amf0.write(value, out));
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo(CONNECT);
    }

    @Test
    void readsEcmaArrayWithWrongCountAndWithoutEnd() throws Exception {
        AmfValue value = Amf0.read(hex("0800000000" + "0001610101"));
        assertThat(value.get("a")).contains(AmfValue.of(true));
    }

    @Test
    void readsReferences() throws Exception {
        // {a: {}, b: reference 1}: object 0 is the outer one
        AmfValue value =
                Amf0.read(hex("03" + "000161" + "03000009" + "000162" + "070001" + "000009"));
        assertThat(value.get("b")).isEqualTo(value.get("a"));
    }

    @Test
    void refusesReferenceToWhatHoldsIt() {
        assertMalformed("03" + "000161" + "070000" + "000009", "reference");
    }

    @Test
    void readsAmf3References() throws Exception {
        // array of two strings, the second by reference
        AmfValue value = Amf3.read(hex("09" + "05" + "01" + "0605" + "6162" + "0600"));
        assertThat(value)
                .isEqualTo(new AmfValue.Array(List.of(AmfValue.of("ab"), AmfValue.of("ab"))));
    }

    @Test
    void refusesDepth() {
        assertMalformed("0a00000001".repeat(17) + "05", "depth");
    }

    @Test
    void refusesCountsThatCannotBe() {
        assertMalformed("0a7fffffff05", "strict array");
        assertMalformed("0c7fffffff00", "string");
        assertMalformed("11" + "0c" + "ffffffff", "byte array");
        assertMalformed("11" + "0f" + "ffffffff" + "00", "vector");
        assertMalformed("11" + "09" + "ffffffff" + "01", "array");
    }

    @Test
    void refusesReferencesThatUnfold() {
        // Ten levels of arrays of ten references to the level before would be 10^10 values.
        StringBuilder hex = new StringBuilder("0a0000000b");
        hex.append("0a0000000a").append("05".repeat(10));
        for (int level = 1; level < 11; level++) {
            hex.append("0a0000000a").append("07%04x".formatted(level).repeat(10));
        }
        assertMalformed(hex.toString(), "AMF values");
    }

    private static void assertMalformed(String hex, String what) {
        assertThatThrownBy(() -> Amf0.readAll(hex(hex)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(what);
    }

    @Property(tries = 300)
    void writesWhatItReads(@ForAll("values") AmfValue value) throws Exception {
        ByteBuf amf0 = Unpooled.buffer();
        Amf0.write(value, amf0);
        byte[] bytes = ByteBufUtil.getBytes(amf0);
        assertThat(Amf0.read(amf0)).isEqualTo(value);
        assertThat(amf0.isReadable()).isFalse();
        for (int length = 0; length < bytes.length; length++) {
            readOrRefuse(Unpooled.wrappedBuffer(bytes, 0, length));
        }
    }

    @Property(tries = 300)
    void writesWhatItReadsInAmf3(@ForAll("values3") AmfValue value) throws Exception {
        ByteBuf amf3 = Unpooled.buffer();
        Amf3.write(value, amf3);
        assertThat(Amf3.read(amf3)).isEqualTo(value);
        assertThat(amf3.isReadable()).isFalse();
    }

    @Property
    void readsEveryInteger(@ForAll("integers") int number) throws Exception {
        ByteBuf out = Unpooled.buffer();
        Amf3.write(new AmfValue.Int(number), out);
        assertThat(Amf3.read(out)).isEqualTo(new AmfValue.Int(number));
    }

    private static void readOrRefuse(ByteBuf in) {
        try {
            Amf0.readAll(in);
        } catch (MalformedException e) {
            assertThat(e).hasMessageContaining("expected");
        }
    }

    @Provide
    Arbitrary<Integer> integers() {
        return Arbitraries.integers().between(AmfValue.Int.MIN, AmfValue.Int.MAX);
    }

    private static Arbitrary<AmfValue> leaves() {
        return Arbitraries.oneOf(
                Arbitraries.just(new AmfValue.Null()),
                Arbitraries.just(new AmfValue.Undefined()),
                Arbitraries.of(true, false).map(AmfValue::of),
                Arbitraries.doubles().map(AmfValue::of),
                Arbitraries.strings().ofMaxLength(40).filter(AmfTest::isText).map(AmfValue::of));
    }

    /** Lone surrogates have no UTF-8. */
    private static boolean isText(String text) {
        return text.chars().noneMatch(c -> Character.isSurrogate((char) c));
    }

    private static Arbitrary<Map<String, AmfValue>> properties(Arbitrary<AmfValue> values) {
        return Arbitraries.strings()
                .alpha()
                .ofMinLength(1)
                .ofMaxLength(8)
                .flatMap(name -> values.map(value -> Tuple.of(name, value)))
                .list()
                .ofMaxSize(4)
                .map(
                        pairs -> {
                            Map<String, AmfValue> map = new LinkedHashMap<>();
                            pairs.forEach(pair -> map.put(pair.get1(), pair.get2()));
                            return map;
                        });
    }

    @Provide
    Arbitrary<AmfValue> values() {
        return Arbitraries.recursive(
                AmfTest::leaves,
                inner ->
                        Arbitraries.oneOf(
                                inner,
                                properties(inner).map(AmfValue.Obj::new),
                                properties(inner).map(map -> new AmfValue.Obj("T", map)),
                                properties(inner).map(AmfValue.EcmaArray::new),
                                inner.list().ofMaxSize(4).map(AmfValue.Array::new),
                                Arbitraries.doubles().map(time -> new AmfValue.Date(time, 60)),
                                Arbitraries.bytes()
                                        .array(byte[].class)
                                        .ofMaxSize(9)
                                        .map(b -> new AmfValue.Bytes(ByteBuffer.wrap(b)))),
                0,
                3);
    }

    @Provide
    Arbitrary<AmfValue> values3() {
        return Arbitraries.recursive(
                () -> Arbitraries.oneOf(leaves(), integers().map(AmfValue.Int::new)),
                inner ->
                        Arbitraries.oneOf(
                                inner,
                                properties(inner).map(map -> new AmfValue.Obj("T", map)),
                                inner.list()
                                        .ofMaxSize(3)
                                        .flatMap(
                                                dense ->
                                                        properties(inner)
                                                                .map(
                                                                        n ->
                                                                                new AmfValue.Array(
                                                                                        dense, n))),
                                inner.list()
                                        .ofMaxSize(3)
                                        .map(l -> new AmfValue.ObjectVector(true, "*", l)),
                                inner.map(
                                        v ->
                                                new AmfValue.Dictionary(
                                                        false, List.of(new AmfValue.Pair(v, v)))),
                                Arbitraries.integers()
                                        .list()
                                        .ofMaxSize(3)
                                        .map(l -> new AmfValue.IntVector(false, l)),
                                Arbitraries.doubles()
                                        .list()
                                        .ofMaxSize(3)
                                        .map(l -> new AmfValue.DoubleVector(false, l))),
                0,
                3);
    }
}
