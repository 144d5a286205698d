package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.HexFormat;
import java.util.List;

/** Writes PAT and PMT sections and packs sections into packets (ISO/IEC 13818-1 §2.4.4). */
final class PsiWriter {
    private static final int PROGRAM_NUMBER = 1;
    private static final int TRANSPORT_STREAM_ID = 1;

    /** section_length of a PMT is at most 1021. */
    private static final int MAX_PMT_SECTION = 1024;

    private PsiWriter() {}

    static byte[] pat(int pmtPid) {
        ByteBuf out = Unpooled.buffer(16);
        begin(out, 0x00, TRANSPORT_STREAM_ID, 0);
        out.writeShort(PROGRAM_NUMBER);
        out.writeShort(0xE000 | pmtPid);
        return end(out);
    }

    static byte[] pmt(int version, int pcrPid, List<TsTrack> tracks) {
        ByteBuf out = Unpooled.buffer(64);
        begin(out, 0x02, PROGRAM_NUMBER, version);
        out.writeShort(0xE000 | pcrPid);
        out.writeShort(0xF000); // program_info_length 0
        for (TsTrack track : tracks) {
            byte[] descriptors = HexFormat.of().parseHex(track.descriptors());
            out.writeByte(track.streamType());
            out.writeShort(0xE000 | track.pid());
            out.writeShort(0xF000 | descriptors.length);
            out.writeBytes(descriptors);
        }
        byte[] section = end(out);
        if (section.length > MAX_PMT_SECTION) {
            throw new IllegalArgumentException(
                    "the PMT of %d tracks takes %d bytes (at most %d)"
                            .formatted(tracks.size(), section.length, MAX_PMT_SECTION));
        }
        return section;
    }

    private static void begin(ByteBuf out, int table, int extension, int version) {
        out.writeByte(table);
        out.writeShort(0); // section_length, set at the end
        out.writeShort(extension);
        out.writeByte(0xC1 | version << 1); // current_next_indicator
        out.writeShort(0); // section_number, last_section_number
    }

    private static byte[] end(ByteBuf out) {
        int length = out.writerIndex();
        out.setShort(1, 0xB000 | length + 4 - 3);
        out.writeInt(Crc32Mpeg.of(out.array(), 0, length));
        byte[] section = new byte[length + 4];
        out.getBytes(0, section);
        return section;
    }

    /** Writes the section as packets with continuity counters 0. */
    static void packetise(int pid, byte[] section, ByteBuf out) {
        int at = 0;
        while (at < section.length) {
            boolean first = at == 0;
            out.writeInt(TsPacket.SYNC << 24 | (first ? 0x40_0000 : 0) | pid << 8 | 0x10);
            int room = TsPacket.BODY;
            if (first) {
                out.writeByte(0); // pointer_field
                room--;
            }
            int taken = Math.min(room, section.length - at);
            out.writeBytes(section, at, taken);
            at += taken;
            for (int i = taken; i < room; i++) {
                out.writeByte(0xFF);
            }
        }
    }
}
