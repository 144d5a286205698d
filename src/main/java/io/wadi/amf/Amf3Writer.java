package io.wadi.amf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/** Writes AMF3 values without references. */
final class Amf3Writer {
    private static final int MAX_U28 = (1 << 28) - 1;
    private static final int DYNAMIC_OBJECT = 0x0B; // no reference, own traits, dynamic, 0 members

    private Amf3Writer() {}

    static void value(AmfValue value, ByteBuf out) {
        switch (value) {
            case AmfValue.Undefined _ -> out.writeByte(Amf3.UNDEFINED);
            case AmfValue.Null _ -> out.writeByte(Amf3.NULL);
            case AmfValue.Bool(boolean bool) -> out.writeByte(bool ? Amf3.TRUE : Amf3.FALSE);
            case AmfValue.Int(int number) -> {
                out.writeByte(Amf3.INTEGER);
                u29(number & 0x1FFFFFFF, out);
            }
            case AmfValue.Num(double number) -> out.writeByte(Amf3.DOUBLE).writeDouble(number);
            case AmfValue.Text(String text) -> {
                out.writeByte(Amf3.STRING);
                string(text, out);
            }
            case AmfValue.Xml(String xml, boolean document) -> {
                out.writeByte(document ? Amf3.XML_DOC : Amf3.XML);
                string(xml, out);
            }
            case AmfValue.Date(double millis, _) -> inline(Amf3.DATE, 0, out).writeDouble(millis);
            case AmfValue.Obj(String type, Map<String, AmfValue> properties) -> {
                out.writeByte(Amf3.OBJECT).writeByte(DYNAMIC_OBJECT);
                string(type, out);
                named(properties, out);
            }
            case AmfValue.EcmaArray(Map<String, AmfValue> properties) ->
                    array(List.of(), properties, out);
            case AmfValue.Array(List<AmfValue> dense, Map<String, AmfValue> named) ->
                    array(dense, named, out);
            case AmfValue.Bytes(ByteBuffer bytes) ->
                    inline(Amf3.BYTE_ARRAY, bytes.remaining(), out).writeBytes(bytes.duplicate());
            case AmfValue.IntVector(boolean fixed, List<Integer> values) -> {
                inline(Amf3.VECTOR_INT, values.size(), out).writeBoolean(fixed);
                values.forEach(out::writeInt);
            }
            case AmfValue.UnsignedVector(boolean fixed, List<Long> values) -> {
                inline(Amf3.VECTOR_UINT, values.size(), out).writeBoolean(fixed);
                values.forEach(number -> out.writeInt(number.intValue()));
            }
            case AmfValue.DoubleVector(boolean fixed, List<Double> values) -> {
                inline(Amf3.VECTOR_DOUBLE, values.size(), out).writeBoolean(fixed);
                values.forEach(out::writeDouble);
            }
            case AmfValue.ObjectVector(boolean fixed, String type, List<AmfValue> values) -> {
                inline(Amf3.VECTOR_OBJECT, values.size(), out).writeBoolean(fixed);
                string(type, out);
                values.forEach(element -> value(element, out));
            }
            case AmfValue.Dictionary(boolean weakKeys, List<AmfValue.Pair> pairs) -> {
                inline(Amf3.DICTIONARY, pairs.size(), out).writeBoolean(weakKeys);
                for (AmfValue.Pair pair : pairs) {
                    value(pair.key(), out);
                    value(pair.value(), out);
                }
            }
        }
    }

    private static void array(List<AmfValue> dense, Map<String, AmfValue> named, ByteBuf out) {
        inline(Amf3.ARRAY, dense.size(), out);
        named(named, out);
        dense.forEach(element -> value(element, out));
    }

    /** Names and values up to an empty name; a value whose name is empty cannot be written. */
    private static void named(Map<String, AmfValue> values, ByteBuf out) {
        values.forEach(
                (name, value) -> {
                    if (name.isEmpty()) {
                        throw new IllegalArgumentException("AMF3 has no empty property names");
                    }
                    string(name, out);
                    value(value, out);
                });
        string("", out);
    }

    private static ByteBuf inline(int marker, int length, ByteBuf out) {
        out.writeByte(marker);
        u29(inlineHeader(length), out);
        return out;
    }

    private static void string(String text, ByteBuf out) {
        u29(inlineHeader(ByteBufUtil.utf8Bytes(text)), out);
        ByteBufUtil.writeUtf8(out, text);
    }

    private static int inlineHeader(int length) {
        if (length > MAX_U28) {
            throw new IllegalArgumentException(
                    "AMF3 length " + length + ", expected at most " + MAX_U28);
        }
        return length << 1 | 1;
    }

    static void u29(int value, ByteBuf out) {
        if (value >= 1 << 21) {
            more(value >> 22, out);
            more(value >> 15, out);
            more(value >> 8, out);
            out.writeByte(value); // the fourth byte has eight bits
            return;
        }
        if (value >= 1 << 14) {
            more(value >> 14, out);
        }
        if (value >= 1 << 7) {
            more(value >> 7, out);
        }
        out.writeByte(value & 0x7F);
    }

    /** Seven bits and the sign that more follow. */
    private static void more(int value, ByteBuf out) {
        out.writeByte(value | 0x80);
    }
}
