package io.wadi.ts;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/**
 * Keeps the promise of version_number where one source of packets takes the place of another: it is
 * raised by one, modulo 32, whenever the definition of the program changes, and only then (ISO/IEC
 * 13818-1 §2.4.4.9). Each source counts for itself, and most start at 0: readers that keep to the
 * version would not look at the program map of the next one.
 *
 * <p>Looks at the first program of the PAT, at sections that lie whole in what it is given, and
 * leaves damaged ones alone. One owner thread; allocates only when a definition changes.
 */
public final class PmtVersions {
    private static final int VERSIONS = 32;
    private static final int NONE = -1;

    private static final int PAT = 0x00;
    private static final int PMT = 0x02;

    /** table_id(8) flags(4) section_length(12), which counts from there on. */
    private static final int LENGTH_END = 3;

    /** table_id to last_section_number. */
    private static final int HEADER_BYTES = 8;

    /** reserved(2) version_number(5) current_next_indicator(1). */
    private static final int VERSION_BYTE = 5;

    private static final int VERSION_BITS = 0x3E;
    private static final int CRC_BYTES = 4;

    /** section_length is at most 1021 in both tables. */
    private static final int MAX_SECTION = 1024;

    /** The section at hand, and where in the buffer each byte of it lies. */
    private final byte[] section = new byte[MAX_SECTION];

    private final int[] places = new int[MAX_SECTION];
    private int collected;
    private int collecting = NONE;

    private int pmtPid = NONE;
    private int programNumber;

    /** What was last announced, without its version and CRC. */
    private byte[] definition = {};

    private int version = NONE;

    private boolean differs;
    private boolean writing;

    /**
     * Whether a program map in these packets must have another version than it says. Borrows,
     * absolute indices.
     *
     * @param packets whole synchronised packets
     */
    public boolean differs(ByteBuf packets, int offset, int length) {
        writing = false;
        walk(packets, offset, length);
        return differs;
    }

    /** Gives program maps in these packets the version that they must have, in place. */
    public void rewrite(ByteBuf packets, int offset, int length) {
        writing = true;
        walk(packets, offset, length);
    }

    private void walk(ByteBuf packets, int offset, int length) {
        differs = false;
        collecting = NONE;
        int end = offset + length - TsPacket.SIZE;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            int pid = TsPacket.pid(header);
            boolean table = pid == TsPacket.PAT_PID || pid == pmtPid;
            if (table && !TsPacket.hasError(header) && !TsPacket.isScrambled(header)) {
                packet(packets, packet, header, pid);
            }
        }
    }

    private void packet(ByteBuf packets, int packet, int header, int pid) {
        int from = TsPacket.payloadIndex(packets, packet, header);
        int to = packet + TsPacket.SIZE;
        if (from < 0 || from >= to) {
            return;
        }
        if (TsPacket.startsUnit(header)) {
            from += 1 + packets.getUnsignedByte(from); // pointer_field
            collecting = pid;
            collected = 0;
        } else if (collecting != pid) {
            return;
        }
        while (from < to && collected < MAX_SECTION) {
            section[collected] = packets.getByte(from);
            places[collected++] = from++;
            if (collected >= LENGTH_END && collected == sectionLength()) {
                collecting = NONE;
                section(packets, pid);
                return;
            }
        }
    }

    private int sectionLength() {
        return LENGTH_END + (unsignedShort(1) & 0x0FFF);
    }

    private void section(ByteBuf packets, int pid) {
        int table = section[0];
        boolean current = collected >= HEADER_BYTES && (section[VERSION_BYTE] & 1) != 0;
        if (!current
                || table != (pid == TsPacket.PAT_PID ? PAT : PMT)
                || Crc32Mpeg.of(section, 0, collected) != 0) {
            return;
        }
        if (table == PAT) {
            pat();
        } else if (unsignedShort(3) == programNumber) {
            pmt(packets);
        }
    }

    private void pat() {
        for (int at = HEADER_BYTES; at + 4 <= collected - CRC_BYTES; at += 4) {
            int number = unsignedShort(at);
            if (number != 0) {
                programNumber = number;
                pmtPid = unsignedShort(at + 2) & 0x1FFF;
                return;
            }
        }
    }

    private void pmt(ByteBuf packets) {
        int said = (section[VERSION_BYTE] & VERSION_BITS) >> 1;
        if (!isAnnounced()) {
            version = version == NONE ? said : (version + 1) % VERSIONS;
            definition = Arrays.copyOf(section, collected - CRC_BYTES);
            definition[VERSION_BYTE] = 0;
        }
        if (said == version) {
            return;
        }
        differs = true;
        if (writing) {
            section[VERSION_BYTE] =
                    (byte) ((section[VERSION_BYTE] & ~VERSION_BITS) | (version << 1));
            packets.setByte(places[VERSION_BYTE], section[VERSION_BYTE]);
            int crc = Crc32Mpeg.of(section, 0, collected - CRC_BYTES);
            for (int i = 0; i < CRC_BYTES; i++) {
                packets.setByte(
                        places[collected - CRC_BYTES + i],
                        crc >>> ((CRC_BYTES - 1 - i) * Byte.SIZE));
            }
        }
    }

    private boolean isAnnounced() {
        int behind = VERSION_BYTE + 1;
        int end = collected - CRC_BYTES;
        return definition.length == end
                && Arrays.equals(definition, 0, VERSION_BYTE, section, 0, VERSION_BYTE)
                && Arrays.equals(definition, behind, end, section, behind, end);
    }

    private int unsignedShort(int at) {
        return ((section[at] & 0xFF) << 8) | (section[at + 1] & 0xFF);
    }
}
