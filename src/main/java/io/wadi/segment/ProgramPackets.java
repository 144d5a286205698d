package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Remembers the newest PAT and PMT packets that went by, so that they can be repeated where a
 * segment would start without them. Borrows what it looks at. One thread.
 *
 * <pre>
 * packet: sync_byte(8)=0x47 transport_error(1) payload_unit_start(1) priority(1) PID(13)
 *         scrambling(2) adaptation_field_control(2) continuity_counter(4)   ISO/IEC 13818-1 §2.4.3.2
 * </pre>
 */
final class ProgramPackets {
    static final int PACKET = 188;

    private static final int PAT_PID = 0;
    private static final int NO_PID = -1;

    /** A section has at most 1021 + 3 bytes (§2.4.4.9): six packets. */
    private static final int MAX_PACKETS = 6;

    private static final int TABLE_HEADER = 8;
    private static final int CRC = 4;

    private final Table pat = new Table();
    private final Table pmt = new Table();
    private int pmtPid = NO_PID;

    /** The packets of one section, as they came. */
    private static final class Table {
        final byte[] newest = new byte[MAX_PACKETS * PACKET];
        final byte[] growing = new byte[MAX_PACKETS * PACKET];
        int newestLength;
        int growingLength;
        int missing;

        void clear() {
            newestLength = 0;
            growingLength = 0;
            missing = 0;
        }

        /**
         * @return whether a section is complete now
         */
        boolean add(ByteBuf bytes, int at, boolean start) {
            int payload = payloadOf(bytes, at);
            if (payload < 0) {
                return false;
            }
            int available = PACKET - payload;
            if (start) {
                growingLength = 0;
                missing = 0;
                int section = payload + 1 + bytes.getUnsignedByte(at + payload);
                if (section + 3 > PACKET) {
                    return false;
                }
                missing = 3 + (bytes.getUnsignedShort(at + section + 1) & 0xFFF);
                available = PACKET - section;
            }
            if (missing == 0 || growingLength == growing.length) {
                return false;
            }
            bytes.getBytes(at, growing, growingLength, PACKET);
            growingLength += PACKET;
            missing = Math.max(0, missing - available);
            if (missing > 0) {
                return false;
            }
            System.arraycopy(growing, 0, newest, 0, growingLength);
            newestLength = growingLength;
            return true;
        }
    }

    /** Looks at every packet of a unit. */
    void inspect(ByteBuf bytes, int offset, int length) {
        for (int at = offset; at + PACKET <= offset + length; at += PACKET) {
            int word = bytes.getUnsignedShort(at + 1);
            int pid = word & 0x1FFF;
            if (pid == PAT_PID || pid == pmtPid) {
                boolean start = (word & 0x4000) != 0;
                if (pid == PAT_PID && pat.add(bytes, at, start)) {
                    findPmt();
                } else if (pid == pmtPid) {
                    pmt.add(bytes, at, start);
                }
            }
        }
    }

    /** Whether both tables were seen. */
    boolean isComplete() {
        return pat.newestLength > 0 && pmt.newestLength > 0;
    }

    /** Whether a unit brings its own tables: its first packet is a PAT. */
    static boolean startsWithPat(ByteBuf bytes, int offset) {
        return (bytes.getUnsignedShort(offset + 1) & 0x1FFF) == PAT_PID;
    }

    /**
     * The tables once more, owned by the caller. Continuity counters are those of the packets seen
     * last: after them the next PAT and PMT of the stream follow in step, and before them they are
     * the duplicates that ISO/IEC 13818-1 §2.4.3.3 allows.
     */
    ByteBuf repeat() {
        int length = pat.newestLength + pmt.newestLength;
        return PooledByteBufAllocator.DEFAULT
                .directBuffer(length, length)
                .writeBytes(pat.newest, 0, pat.newestLength)
                .writeBytes(pmt.newest, 0, pmt.newestLength);
    }

    /** The PMT PID of the first program that is one (program 0 names the network, §2.4.4.3). */
    private void findPmt() {
        int payload = payloadOf(pat.newest);
        int section = payload + 1 + (pat.newest[payload] & 0xFF);
        int sectionLength = unsignedShort(pat.newest, section + 1) & 0xFFF;
        // A PAT of more than one packet lists dozens of programs; the first is in the first packet.
        int end = Math.min(section + 3 + sectionLength - CRC, PACKET);
        for (int entry = section + TABLE_HEADER; entry + 4 <= end; entry += 4) {
            if (unsignedShort(pat.newest, entry) != 0) {
                int pid = unsignedShort(pat.newest, entry + 2) & 0x1FFF;
                if (pid != pmtPid) {
                    pmtPid = pid;
                    pmt.clear();
                }
                return;
            }
        }
    }

    private static int unsignedShort(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    /** Offset of the payload in the packet, or -1 when it has none. */
    private static int payloadOf(ByteBuf bytes, int at) {
        return payloadOf(bytes.getUnsignedByte(at + 3), bytes.getUnsignedByte(at + 4));
    }

    private static int payloadOf(byte[] packet) {
        return payloadOf(packet[3] & 0xFF, packet[4] & 0xFF);
    }

    private static int payloadOf(int flags, int adaptationLength) {
        boolean hasPayload = (flags & 0x10) != 0;
        int payload = (flags & 0x20) != 0 ? 5 + adaptationLength : 4;
        return hasPayload && payload < PACKET - 1 ? payload : -1;
    }
}
