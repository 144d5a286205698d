package io.wadi.amf;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.MalformedException;

/** AMF3 in and out. Externalizable objects are refused: nobody but their class can read them. */
public final class Amf3 {
    static final int UNDEFINED = 0x00;
    static final int NULL = 0x01;
    static final int FALSE = 0x02;
    static final int TRUE = 0x03;
    static final int INTEGER = 0x04;
    static final int DOUBLE = 0x05;
    static final int STRING = 0x06;
    static final int XML_DOC = 0x07;
    static final int DATE = 0x08;
    static final int ARRAY = 0x09;
    static final int OBJECT = 0x0A;
    static final int XML = 0x0B;
    static final int BYTE_ARRAY = 0x0C;
    static final int VECTOR_INT = 0x0D;
    static final int VECTOR_UINT = 0x0E;
    static final int VECTOR_DOUBLE = 0x0F;
    static final int VECTOR_OBJECT = 0x10;
    static final int DICTIONARY = 0x11;

    private Amf3() {}

    /** Reads one value; borrows {@code in} and moves its reader index past the value. */
    public static AmfValue read(ByteBuf in) throws MalformedException {
        return new Amf3Reader(in, new AmfBudget()).value();
    }

    /** Writes one value, without references; borrows {@code out}. */
    public static void write(AmfValue value, ByteBuf out) {
        Amf3Writer.value(value, out);
    }
}
