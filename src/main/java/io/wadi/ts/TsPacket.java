package io.wadi.ts;

import io.netty.buffer.ByteBuf;

/**
 * The transport stream packet (ISO/IEC 13818-1 §2.4.3.2), read from the 32 bits that start it.
 *
 * <pre>
 * |    sync_byte 0x47 |E|S|P|        PID (13)         |TSC|AFC|   CC  |
 *   E transport_error_indicator, S payload_unit_start_indicator, P transport_priority,
 *   TSC transport_scrambling_control, AFC adaptation_field_control, CC continuity_counter
 * </pre>
 */
public final class TsPacket {
    public static final int SIZE = 188;
    public static final int SYNC = 0x47;
    public static final int PAT_PID = 0x0000;
    public static final int NULL_PID = 0x1FFF;
    public static final int PID_COUNT = 0x2000;

    /** Bytes after the four of the header. */
    static final int BODY = SIZE - 4;

    static final int ADAPTATION_DISCONTINUITY = 0x80;
    static final int ADAPTATION_RANDOM_ACCESS = 0x40;
    static final int ADAPTATION_PCR = 0x10;
    static final int ADAPTATION_OPCR = 0x08;

    private TsPacket() {}

    public static int pid(int header) {
        return header >>> 8 & 0x1FFF;
    }

    static boolean hasError(int header) {
        return (header & 0x80_0000) != 0;
    }

    static boolean startsUnit(int header) {
        return (header & 0x40_0000) != 0;
    }

    static boolean isScrambled(int header) {
        return (header & 0xC0) != 0;
    }

    static boolean hasAdaptation(int header) {
        return (header & 0x20) != 0;
    }

    static boolean hasPayload(int header) {
        return (header & 0x10) != 0;
    }

    static int continuityCounter(int header) {
        return header & 0x0F;
    }

    /**
     * The flag byte of the adaptation field, 0 when there is none or it is empty. Borrows {@code
     * buf}.
     */
    static int adaptationFlags(ByteBuf buf, int packet, int header) {
        return hasAdaptation(header) && buf.getByte(packet + 4) != 0
                ? buf.getUnsignedByte(packet + 5)
                : 0;
    }

    /**
     * Where the payload starts in {@code buf}; the end of the packet when there is none; -1 when
     * the adaptation field claims more than the packet holds. Borrows {@code buf}.
     */
    static int payloadIndex(ByteBuf buf, int packet, int header) {
        if (!hasPayload(header)) {
            return packet + SIZE;
        }
        if (!hasAdaptation(header)) {
            return packet + 4;
        }
        int length = buf.getUnsignedByte(packet + 4);
        return length < BODY ? packet + 5 + length : -1;
    }

    /** Whether the adaptation field has room for a PCR behind its flags. */
    static boolean hasPcr(ByteBuf buf, int packet, int adaptationFlags) {
        int length = buf.getUnsignedByte(packet + 4);
        return (adaptationFlags & ADAPTATION_PCR) != 0 && length >= 7 && length < BODY;
    }

    /** PCR_base(33) of the clock reference at {@code index}, which is followed by 15 bits more. */
    static long clockBase(ByteBuf buf, int index) {
        return buf.getUnsignedInt(index) << 1 | buf.getUnsignedByte(index + 4) >>> 7;
    }

    /** PCR_ext(9), 27 MHz ticks. */
    static int clockExtension(ByteBuf buf, int index) {
        return buf.getUnsignedShort(index + 4) & 0x1FF;
    }
}
