package io.wadi.amf;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.netty.buffer.Unpooled;
import io.wadi.codec.MalformedException;

/** No input makes the decoders throw anything but MalformedException, hang or take memory. */
class AmfFuzzTest {
    @FuzzTest
    void amf0(byte[] bytes) {
        try {
            for (AmfValue value : Amf0.readAll(Unpooled.wrappedBuffer(bytes))) {
                Amf0.write(value, Unpooled.buffer());
            }
        } catch (MalformedException _) {
            // what hostile input is answered with
        }
    }
}
