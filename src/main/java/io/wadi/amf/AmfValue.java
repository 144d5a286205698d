package io.wadi.amf;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A decoded value of AMF0 or AMF3. Immutable, compared by content. */
public sealed interface AmfValue {
    record Null() implements AmfValue {}

    /** AMF0 "unsupported" is read as this, too. */
    record Undefined() implements AmfValue {}

    record Bool(boolean value) implements AmfValue {}

    /** AMF0 number, AMF3 double. */
    record Num(double value) implements AmfValue {}

    /** AMF3 integer: 29 bits, signed. */
    record Int(int value) implements AmfValue {
        public static final int MIN = -(1 << 28);
        public static final int MAX = (1 << 28) - 1;

        public Int {
            if (value < MIN || value > MAX) {
                throw new IllegalArgumentException(
                        "AMF3 integer " + value + ", expected " + MIN + " to " + MAX);
            }
        }
    }

    record Text(String value) implements AmfValue {}

    /**
     * @param document AMF3 tells the old XMLDocument from XML; AMF0 has XMLDocument only
     */
    record Xml(String value, boolean document) implements AmfValue {}

    /**
     * @param millis since 1970 UTC
     * @param timeZoneMinutes AMF0 only, reserved there, 0 as a rule
     */
    record Date(double millis, int timeZoneMinutes) implements AmfValue {}

    /**
     * An object in the order of its properties.
     *
     * @param type class name, "" for an anonymous object
     */
    record Obj(String type, Map<String, AmfValue> properties) implements AmfValue {
        public Obj {
            properties = copy(properties);
        }

        public Obj(Map<String, AmfValue> properties) {
            this("", properties);
        }
    }

    /** AMF0 ECMA array: named values, as in {@code onMetaData}. */
    record EcmaArray(Map<String, AmfValue> properties) implements AmfValue {
        public EcmaArray {
            properties = copy(properties);
        }
    }

    /**
     * AMF0 strict array, AMF3 array.
     *
     * @param named AMF3 arrays may have named values before the dense ones
     */
    record Array(List<AmfValue> dense, Map<String, AmfValue> named) implements AmfValue {
        public Array {
            dense = List.copyOf(dense);
            named = copy(named);
        }

        public Array(List<AmfValue> dense) {
            this(dense, Map.of());
        }
    }

    /** AMF3 ByteArray. */
    record Bytes(ByteBuffer value) implements AmfValue {
        public Bytes {
            ByteBuffer copy = ByteBuffer.allocate(value.remaining());
            value = copy.put(value.duplicate()).flip().asReadOnlyBuffer();
        }
    }

    /** AMF3 Vector.&lt;int&gt;. */
    record IntVector(boolean fixed, List<Integer> values) implements AmfValue {
        public IntVector {
            values = List.copyOf(values);
        }
    }

    /** AMF3 Vector.&lt;uint&gt;. */
    record UnsignedVector(boolean fixed, List<Long> values) implements AmfValue {
        public UnsignedVector {
            values = List.copyOf(values);
        }
    }

    /** AMF3 Vector.&lt;Number&gt;. */
    record DoubleVector(boolean fixed, List<Double> values) implements AmfValue {
        public DoubleVector {
            values = List.copyOf(values);
        }
    }

    /**
     * AMF3 Vector.&lt;Object&gt;.
     *
     * @param type class name of the elements, "*" for any
     */
    record ObjectVector(boolean fixed, String type, List<AmfValue> values) implements AmfValue {
        public ObjectVector {
            values = List.copyOf(values);
        }
    }

    /** AMF3 Dictionary: any value is a key. */
    record Dictionary(boolean weakKeys, List<Pair> pairs) implements AmfValue {
        public Dictionary {
            pairs = List.copyOf(pairs);
        }
    }

    /** A key and its value in a {@link Dictionary}. */
    record Pair(AmfValue key, AmfValue value) {}

    /** The named values of an object or array, empty for anything else. */
    default Map<String, AmfValue> named() {
        return switch (this) {
            case Obj object -> object.properties();
            case EcmaArray array -> array.properties();
            case Array array -> array.named;
            default -> Map.of();
        };
    }

    /** A named value of an object or array. */
    default Optional<AmfValue> get(String name) {
        return Optional.ofNullable(named().get(name));
    }

    /** The text of a string, empty for anything else. */
    default Optional<String> text() {
        return this instanceof Text text ? Optional.of(text.value()) : Optional.empty();
    }

    /** The value of a number of either kind, {@code otherwise} for anything else. */
    default double number(double otherwise) {
        return switch (this) {
            case Num number -> number.value();
            case Int integer -> integer.value();
            default -> otherwise;
        };
    }

    static AmfValue of(String text) {
        return new Text(text);
    }

    static AmfValue of(double number) {
        return new Num(number);
    }

    static AmfValue of(boolean value) {
        return new Bool(value);
    }

    private static Map<String, AmfValue> copy(Map<String, AmfValue> values) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
}
