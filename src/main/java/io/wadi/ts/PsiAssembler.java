package io.wadi.ts;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/**
 * Puts PSI sections together from the payloads of one PID (ISO/IEC 13818-1 §2.4.4): pointer_field,
 * several sections in a packet, sections over several packets. One owner thread.
 */
final class PsiAssembler {
    /** Takes a whole section. */
    interface Sink {
        /** The section is borrowed for the call. */
        void onSection(byte[] section, int length);
    }

    /** The largest private section: 3 bytes of header and section_length of at most 4093. */
    private static final int MAX_SECTION = 4096;

    private static final int HEADER = 3;
    private static final int STUFFING = 0xFF;

    private final Sink sink;
    private byte[] section = new byte[256];
    private int length;
    private boolean collecting;

    PsiAssembler(Sink sink) {
        this.sink = sink;
    }

    /** Takes one packet's payload; borrows {@code buf}. */
    void payload(ByteBuf buf, int from, int to, boolean start) {
        int at = from;
        if (start) {
            if (at >= to) {
                return;
            }
            int pointer = buf.getUnsignedByte(at++);
            int first = Math.min(at + pointer, to);
            if (collecting) {
                append(buf, at, first);
            }
            collecting = false;
            at = first;
            length = 0;
            if (at < to) {
                collecting = buf.getUnsignedByte(at) != STUFFING;
            }
        }
        while (collecting && at < to) {
            at = append(buf, at, to);
            if (length == 0) { // one was handed out; another may follow at once
                collecting = start && at < to && buf.getUnsignedByte(at) != STUFFING;
            }
        }
    }

    /** Drops what was collected: something was lost. */
    void reset() {
        collecting = false;
        length = 0;
    }

    /** Appends up to the end of the section; returns where it stopped. */
    private int append(ByteBuf buf, int from, int to) {
        int at = from;
        while (at < to) {
            int wanted = length < HEADER ? HEADER : HEADER + sectionLength();
            int taken = Math.min(wanted - length, to - at);
            if (length + taken > section.length) {
                section = Arrays.copyOf(section, MAX_SECTION + HEADER);
            }
            buf.getBytes(at, section, length, taken);
            length += taken;
            at += taken;
            if (length >= HEADER && length == HEADER + sectionLength()) {
                int whole = length;
                length = 0;
                sink.onSection(section, whole);
                return at;
            }
        }
        return at;
    }

    private int sectionLength() {
        return (section[1] & 0x0F) << 8 | (section[2] & 0xFF);
    }
}
