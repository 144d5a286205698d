package io.wadi.amf;

import static io.wadi.amf.AmfBudget.need;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one AMF0 value with everything in it. */
final class Amf0Reader {
    /** One byte of type marker each at least. */
    private static final int MIN_VALUE_BYTES = 1;

    private final ByteBuf in;
    private final AmfBudget budget;
    private final References<AmfValue> references = new References<>("AMF0 object");

    Amf0Reader(ByteBuf in, AmfBudget budget) {
        this.in = in;
        this.budget = budget;
    }

    AmfValue value() throws MalformedException {
        budget.value(1);
        return value(unsignedByte("AMF0 marker"));
    }

    private AmfValue value(int marker) throws MalformedException {
        return switch (marker) {
            case Amf0.NUMBER -> new AmfValue.Num(number());
            case Amf0.BOOLEAN -> new AmfValue.Bool(unsignedByte("AMF0 boolean") != 0);
            case Amf0.STRING -> new AmfValue.Text(string());
            case Amf0.NULL -> new AmfValue.Null();
            case Amf0.UNDEFINED, Amf0.UNSUPPORTED -> new AmfValue.Undefined();
            case Amf0.REFERENCE -> reference();
            case Amf0.LONG_STRING -> new AmfValue.Text(longString());
            case Amf0.XML_DOCUMENT -> new AmfValue.Xml(longString(), true);
            case Amf0.DATE -> date();
            case Amf0.OBJECT, Amf0.TYPED_OBJECT, Amf0.ECMA_ARRAY, Amf0.STRICT_ARRAY ->
                    complex(marker);
            case Amf0.AVMPLUS_OBJECT -> new Amf3Reader(in, budget).value();
            default -> throw new MalformedException("AMF0 marker", marker, "0x00 to 0x11");
        };
    }

    private AmfValue complex(int marker) throws MalformedException {
        budget.enter();
        int reference = references.open(budget);
        AmfValue value =
                switch (marker) {
                    case Amf0.OBJECT -> new AmfValue.Obj(properties());
                    case Amf0.TYPED_OBJECT -> new AmfValue.Obj(string(), properties());
                    case Amf0.ECMA_ARRAY -> ecmaArray();
                    default -> strictArray();
                };
        references.close(reference, value, budget);
        budget.leave();
        return value;
    }

    private AmfValue reference() throws MalformedException {
        need("AMF0 reference", 2, in.readableBytes());
        return references.get(in.readUnsignedShort(), budget);
    }

    private AmfValue date() throws MalformedException {
        double millis = number();
        need("AMF0 date", 2, in.readableBytes());
        return new AmfValue.Date(millis, in.readShort());
    }

    /**
     * The count says little: encoders write 0, or the number of what follows, so only the end
     * marker counts. Some (old FFmpeg, hardware) leave the end marker out at the end of a message.
     */
    private AmfValue ecmaArray() throws MalformedException {
        need("AMF0 ECMA array", 4, in.readableBytes());
        in.skipBytes(4);
        return new AmfValue.EcmaArray(properties());
    }

    private AmfValue strictArray() throws MalformedException {
        need("AMF0 strict array", 4, in.readableBytes());
        long count = in.readUnsignedInt();
        need("AMF0 strict array of " + count, count * MIN_VALUE_BYTES, in.readableBytes());
        if (count > AmfBudget.MAX_VALUES) {
            throw new MalformedException(
                    "AMF0 strict array", count, "at most " + AmfBudget.MAX_VALUES + " values");
        }
        List<AmfValue> values = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            values.add(value());
        }
        return new AmfValue.Array(values);
    }

    private Map<String, AmfValue> properties() throws MalformedException {
        Map<String, AmfValue> properties = new LinkedHashMap<>();
        while (in.isReadable()) {
            String name = string();
            int marker = unsignedByte("AMF0 marker");
            if (marker == Amf0.OBJECT_END && name.isEmpty()) {
                return properties;
            }
            budget.value(1);
            properties.put(name, value(marker));
        }
        return properties;
    }

    private double number() throws MalformedException {
        need("AMF0 number", 8, in.readableBytes());
        return in.readDouble();
    }

    private int unsignedByte(String what) throws MalformedException {
        need(what, 1, in.readableBytes());
        return in.readUnsignedByte();
    }

    private String string() throws MalformedException {
        need("AMF0 string", 2, in.readableBytes());
        return utf8(in.readUnsignedShort());
    }

    private String longString() throws MalformedException {
        need("AMF0 long string", 4, in.readableBytes());
        return utf8(in.readUnsignedInt());
    }

    private String utf8(long declared) throws MalformedException {
        int length =
                budget.bytes(
                        "AMF0 string", declared, in.readableBytes(), AmfBudget.MAX_STRING_BYTES);
        return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }
}
