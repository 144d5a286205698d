package io.wadi.amf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes AMF0 values; what only AMF3 has is embedded as AMF3. */
final class Amf0Writer {
    private static final int MAX_SHORT_STRING = 0xFFFF;

    private Amf0Writer() {}

    static void value(AmfValue value, ByteBuf out) {
        switch (value) {
            case AmfValue.Null _ -> out.writeByte(Amf0.NULL);
            case AmfValue.Undefined _ -> out.writeByte(Amf0.UNDEFINED);
            case AmfValue.Bool(boolean bool) -> out.writeByte(Amf0.BOOLEAN).writeBoolean(bool);
            case AmfValue.Num(double number) -> number(number, out);
            case AmfValue.Int(int number) -> number(number, out);
            case AmfValue.Text(String text) -> text(text, out);
            case AmfValue.Date(double millis, int zone) ->
                    out.writeByte(Amf0.DATE).writeDouble(millis).writeShort(zone);
            case AmfValue.Obj(String type, Map<String, AmfValue> properties) ->
                    object(type, properties, out);
            case AmfValue.EcmaArray(Map<String, AmfValue> properties) -> ecmaArray(properties, out);
            case AmfValue.Array(List<AmfValue> dense, Map<String, AmfValue> named) ->
                    array(dense, named, out);
            case AmfValue.Xml(String xml, boolean document) when document -> {
                out.writeByte(Amf0.XML_DOCUMENT);
                longString(xml, out);
            }
            case AmfValue.Xml _,
                    AmfValue.Bytes _,
                    AmfValue.IntVector _,
                    AmfValue.UnsignedVector _,
                    AmfValue.DoubleVector _,
                    AmfValue.ObjectVector _,
                    AmfValue.Dictionary _ -> {
                out.writeByte(Amf0.AVMPLUS_OBJECT);
                Amf3.write(value, out);
            }
        }
    }

    private static void number(double number, ByteBuf out) {
        out.writeByte(Amf0.NUMBER).writeDouble(number);
    }

    private static void text(String text, ByteBuf out) {
        if (ByteBufUtil.utf8Bytes(text) > MAX_SHORT_STRING) {
            out.writeByte(Amf0.LONG_STRING);
            longString(text, out);
        } else {
            out.writeByte(Amf0.STRING);
            shortString(text, out);
        }
    }

    private static void object(String type, Map<String, AmfValue> properties, ByteBuf out) {
        if (type.isEmpty()) {
            out.writeByte(Amf0.OBJECT);
        } else {
            out.writeByte(Amf0.TYPED_OBJECT);
            shortString(type, out);
        }
        properties(properties, out);
    }

    private static void ecmaArray(Map<String, AmfValue> properties, ByteBuf out) {
        out.writeByte(Amf0.ECMA_ARRAY).writeInt(properties.size());
        properties(properties, out);
    }

    /** AMF0 has no array with both kinds of values: such a one has its indices as names. */
    private static void array(List<AmfValue> dense, Map<String, AmfValue> named, ByteBuf out) {
        if (named.isEmpty()) {
            out.writeByte(Amf0.STRICT_ARRAY).writeInt(dense.size());
            dense.forEach(element -> value(element, out));
            return;
        }
        Map<String, AmfValue> all = new LinkedHashMap<>(named);
        for (int i = 0; i < dense.size(); i++) {
            all.put(Integer.toString(i), dense.get(i));
        }
        ecmaArray(all, out);
    }

    private static void properties(Map<String, AmfValue> properties, ByteBuf out) {
        properties.forEach(
                (name, value) -> {
                    shortString(name, out);
                    value(value, out);
                });
        out.writeShort(0).writeByte(Amf0.OBJECT_END);
    }

    private static void shortString(String text, ByteBuf out) {
        int length = ByteBufUtil.utf8Bytes(text);
        if (length > MAX_SHORT_STRING) {
            throw new IllegalArgumentException(
                    "an AMF0 name of " + length + " bytes, expected at most " + MAX_SHORT_STRING);
        }
        out.writeShort(length);
        ByteBufUtil.writeUtf8(out, text);
    }

    private static void longString(String text, ByteBuf out) {
        out.writeInt(ByteBufUtil.utf8Bytes(text));
        ByteBufUtil.writeUtf8(out, text);
    }
}
