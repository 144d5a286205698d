package io.wadi.amf;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

import java.util.ArrayList;
import java.util.List;

/** AMF0 in and out; values of AMF3 may be embedded (avmplus-object marker). */
public final class Amf0 {
    static final int NUMBER = 0x00;
    static final int BOOLEAN = 0x01;
    static final int STRING = 0x02;
    static final int OBJECT = 0x03;
    static final int NULL = 0x05;
    static final int UNDEFINED = 0x06;
    static final int REFERENCE = 0x07;
    static final int ECMA_ARRAY = 0x08;
    static final int OBJECT_END = 0x09;
    static final int STRICT_ARRAY = 0x0A;
    static final int DATE = 0x0B;
    static final int LONG_STRING = 0x0C;
    static final int UNSUPPORTED = 0x0D;
    static final int XML_DOCUMENT = 0x0F;
    static final int TYPED_OBJECT = 0x10;
    static final int AVMPLUS_OBJECT = 0x11;

    private Amf0() {}

    /** Reads one value; borrows {@code in} and moves its reader index past the value. */
    public static AmfValue read(ByteBuf in) throws MalformedException {
        return new Amf0Reader(in, new AmfBudget()).value();
    }

    /**
     * Reads every value of a command or script message; they share one budget. Borrows {@code in}
     * and reads it to its end.
     */
    public static List<AmfValue> readAll(ByteBuf in) throws MalformedException {
        AmfBudget budget = new AmfBudget();
        List<AmfValue> values = new ArrayList<>();
        while (in.isReadable()) {
            values.add(new Amf0Reader(in, budget).value());
        }
        return values;
    }

    /**
     * Writes one value; borrows {@code out}.
     *
     * @throws IllegalArgumentException for what AMF0 cannot express
     */
    public static void write(AmfValue value, ByteBuf out) {
        Amf0Writer.value(value, out);
    }
}
