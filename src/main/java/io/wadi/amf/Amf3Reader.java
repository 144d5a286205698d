package io.wadi.amf;

import static io.wadi.amf.AmfBudget.need;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.wadi.codec.MalformedException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one AMF3 value with everything in it. Nearly every type starts with a U29 whose lowest bit
 * says that the value follows (1) or that the other bits refer to an earlier one (0).
 */
final class Amf3Reader {
    private record Traits(String type, boolean dynamic, List<String> members) {}

    private final ByteBuf in;
    private final AmfBudget budget;
    private final References<String> strings = new References<>("AMF3 string");
    private final References<AmfValue> objects = new References<>("AMF3 object");
    private final References<Traits> traits = new References<>("AMF3 traits");

    Amf3Reader(ByteBuf in, AmfBudget budget) {
        this.in = in;
        this.budget = budget;
    }

    AmfValue value() throws MalformedException {
        budget.value(1);
        need("AMF3 marker", 1, in.readableBytes());
        int marker = in.readUnsignedByte();
        return switch (marker) {
            case Amf3.UNDEFINED -> new AmfValue.Undefined();
            case Amf3.NULL -> new AmfValue.Null();
            case Amf3.FALSE -> new AmfValue.Bool(false);
            case Amf3.TRUE -> new AmfValue.Bool(true);
            case Amf3.INTEGER -> new AmfValue.Int(u29() << 3 >> 3);
            case Amf3.DOUBLE -> new AmfValue.Num(number());
            case Amf3.STRING -> new AmfValue.Text(string());
            default -> complex(marker);
        };
    }

    private AmfValue complex(int marker) throws MalformedException {
        if (marker > Amf3.DICTIONARY) {
            throw new MalformedException("AMF3 marker", marker, "0x00 to 0x11");
        }
        int header = u29();
        if ((header & 1) == 0) {
            return objects.get(header >> 1, budget);
        }
        budget.enter();
        int reference = objects.open(budget);
        int length = header >> 1;
        AmfValue value =
                switch (marker) {
                    case Amf3.XML_DOC -> new AmfValue.Xml(utf8(length), true);
                    case Amf3.XML -> new AmfValue.Xml(utf8(length), false);
                    case Amf3.DATE -> new AmfValue.Date(number(), 0);
                    case Amf3.ARRAY -> array(length);
                    case Amf3.OBJECT -> object(header);
                    case Amf3.BYTE_ARRAY -> bytes(length);
                    case Amf3.VECTOR_INT -> intVector(length);
                    case Amf3.VECTOR_UINT -> unsignedVector(length);
                    case Amf3.VECTOR_DOUBLE -> doubleVector(length);
                    case Amf3.VECTOR_OBJECT -> objectVector(length);
                    default -> dictionary(length);
                };
        objects.close(reference, value, budget);
        budget.leave();
        return value;
    }

    private AmfValue array(int length) throws MalformedException {
        Map<String, AmfValue> named = new LinkedHashMap<>();
        for (String name = string(); !name.isEmpty(); name = string()) {
            named.put(name, value());
        }
        return new AmfValue.Array(values(length), named);
    }

    /**
     * <pre>
     * U29: bit 0 = 1 not a reference, bit 1 = 0 traits by reference (rest),
     *      bit 2 = 1 externalizable, bit 3 = 1 dynamic, rest = number of sealed members
     * </pre>
     */
    private AmfValue object(int header) throws MalformedException {
        Traits known = (header & 2) == 0 ? traits.get(header >> 2, budget) : readTraits(header);
        Map<String, AmfValue> properties = new LinkedHashMap<>();
        for (String member : known.members()) {
            properties.put(member, value());
        }
        if (known.dynamic()) {
            for (String name = string(); !name.isEmpty(); name = string()) {
                properties.put(name, value());
            }
        }
        return new AmfValue.Obj(known.type(), properties);
    }

    private Traits readTraits(int header) throws MalformedException {
        if ((header & 4) != 0) {
            throw new MalformedException(
                    "AMF3 object", "an externalizable one", "sealed or dynamic members");
        }
        int count = count("AMF3 traits", header >> 4, 1);
        budget.value(count);
        String type = string();
        List<String> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(string());
        }
        Traits read = new Traits(type, (header & 8) != 0, List.copyOf(members));
        traits.add(read, 0);
        return read;
    }

    private AmfValue bytes(int declared) throws MalformedException {
        int length =
                budget.bytes("AMF3 byte array", declared, in.readableBytes(), AmfBudget.MAX_BYTES);
        byte[] bytes = ByteBufUtil.getBytes(in, in.readerIndex(), length);
        in.skipBytes(length);
        return new AmfValue.Bytes(ByteBuffer.wrap(bytes));
    }

    private AmfValue intVector(int length) throws MalformedException {
        boolean fixed = fixed();
        List<Integer> values = new ArrayList<>();
        for (int i = paidCount("AMF3 int vector", length, 4); i > 0; i--) {
            values.add(in.readInt());
        }
        return new AmfValue.IntVector(fixed, values);
    }

    private AmfValue unsignedVector(int length) throws MalformedException {
        boolean fixed = fixed();
        List<Long> values = new ArrayList<>();
        for (int i = paidCount("AMF3 uint vector", length, 4); i > 0; i--) {
            values.add(in.readUnsignedInt());
        }
        return new AmfValue.UnsignedVector(fixed, values);
    }

    private AmfValue doubleVector(int length) throws MalformedException {
        boolean fixed = fixed();
        List<Double> values = new ArrayList<>();
        for (int i = paidCount("AMF3 double vector", length, 8); i > 0; i--) {
            values.add(in.readDouble());
        }
        return new AmfValue.DoubleVector(fixed, values);
    }

    private AmfValue objectVector(int length) throws MalformedException {
        boolean fixed = fixed();
        String type = string();
        return new AmfValue.ObjectVector(fixed, type, values(length));
    }

    private AmfValue dictionary(int length) throws MalformedException {
        boolean weakKeys = fixed();
        List<AmfValue.Pair> pairs = new ArrayList<>();
        for (int i = count("AMF3 dictionary", length, 2); i > 0; i--) {
            AmfValue key = value();
            pairs.add(new AmfValue.Pair(key, value()));
        }
        return new AmfValue.Dictionary(weakKeys, pairs);
    }

    private List<AmfValue> values(int length) throws MalformedException {
        List<AmfValue> values = new ArrayList<>();
        for (int i = count("AMF3 array", length, 1); i > 0; i--) {
            values.add(value());
        }
        return values;
    }

    private int count(String what, int count, int minBytesEach) throws MalformedException {
        need(what + " of " + count, (long) count * minBytesEach, in.readableBytes());
        if (count > AmfBudget.MAX_VALUES) {
            throw new MalformedException(
                    what, count, "at most " + AmfBudget.MAX_VALUES + " values");
        }
        return count;
    }

    private int paidCount(String what, int length, int bytesEach) throws MalformedException {
        int count = count(what, length, bytesEach);
        budget.value(count);
        return count;
    }

    private boolean fixed() throws MalformedException {
        need("AMF3 flag", 1, in.readableBytes());
        return in.readByte() != 0;
    }

    private double number() throws MalformedException {
        need("AMF3 double", 8, in.readableBytes());
        return in.readDouble();
    }

    private String string() throws MalformedException {
        int header = u29();
        if ((header & 1) == 0) {
            return strings.get(header >> 1, budget);
        }
        int length = header >> 1;
        String text = utf8(length);
        if (length > 0) { // the empty string is never sent by reference (§1.3.2)
            strings.add(text, length);
        }
        return text;
    }

    private String utf8(int declared) throws MalformedException {
        int length =
                budget.bytes(
                        "AMF3 string", declared, in.readableBytes(), AmfBudget.MAX_STRING_BYTES);
        return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }

    /** U29 (§1.3.1): seven bits a byte while the top bit is set, all eight of a fourth byte. */
    private int u29() throws MalformedException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            need("AMF3 U29", 1, in.readableBytes());
            int octet = in.readUnsignedByte();
            if (i == 3) {
                return (value << 8) | octet;
            }
            value = (value << 7) | (octet & 0x7F);
            if (octet < 0x80) {
                return value;
            }
        }
        return value;
    }
}
