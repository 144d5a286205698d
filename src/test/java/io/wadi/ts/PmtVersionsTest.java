package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class PmtVersionsTest {
    private static final TsTrack H264 = TsTrack.of(0x100, CodecId.H264, "");
    private static final TsTrack AV1 = TsTrack.of(0x100, CodecId.AV1, "");

    private final PmtVersions versions = new PmtVersions();
    private final List<TsProgram> programs = new ArrayList<>();

    private final class Listener implements ProgramTables.Listener {
        @Override
        public void onProgram(TsProgram program) {
            programs.add(program);
        }

        @Override
        public void onProgramGone() {
            throw new AssertionError("gone");
        }
    }

    private static ByteBuf tables(int version, TsTrack... tracks) {
        return tables(version, List.of(tracks));
    }

    private static ByteBuf tables(int version, List<TsTrack> tracks) {
        ByteBuf packets = Unpooled.buffer();
        PsiWriter.packetise(TsPacket.PAT_PID, PsiWriter.pat(TsTrack.PMT_PID), packets);
        PsiWriter.packetise(TsTrack.PMT_PID, PsiWriter.pmt(version, 0x100, tracks), packets);
        for (int at = 2 * TsPacket.SIZE; at < packets.readableBytes(); at += TsPacket.SIZE) {
            int counter = at / TsPacket.SIZE - 1 & 15;
            packets.setByte(at + 3, packets.getByte(at + 3) | counter);
        }
        return packets;
    }

    /** The version in the packets behind it, as a reader has it. */
    private int version(ByteBuf packets) {
        ByteBuf before = packets.copy();
        boolean differs = versions.differs(packets, 0, packets.readableBytes());
        assertThat(packets).isEqualTo(before);
        versions.rewrite(packets, 0, packets.readableBytes());
        assertThat(packets.equals(before)).isNotEqualTo(differs);
        assertThat(versions.differs(packets, 0, packets.readableBytes())).isFalse();
        programs.clear();
        ProgramTables fresh = new ProgramTables(new Listener());
        for (int at = 0; at < packets.readableBytes(); at += TsPacket.SIZE) {
            fresh.packet(packets, at, packets.getInt(at));
        }
        assertThat(fresh.badSections()).isZero();
        return programs.getLast().version();
    }

    @Test
    void isRaisedWhenTheDefinitionChangesAndOnlyThen() {
        assertThat(version(tables(0, H264))).isZero();
        assertThat(version(tables(0, H264))).isZero();
        assertThat(version(tables(7, H264))).isZero();
        assertThat(version(tables(0, AV1))).isEqualTo(1);
        assertThat(version(tables(0, AV1))).isEqualTo(1);
        assertThat(version(tables(0, H264))).isEqualTo(2);
        assertThat(version(tables(3, H264, TsTrack.of(0x101, CodecId.AAC, "eng")))).isEqualTo(3);
    }

    @Test
    void startsWithThatOfTheFirstAndGoesOnBehind31With0() {
        assertThat(version(tables(31, H264))).isEqualTo(31);
        assertThat(version(tables(31, AV1))).isZero();
    }

    @Test
    void takesSectionsOfSeveralPackets() {
        List<TsTrack> many = new ArrayList<>(List.of(H264));
        for (int pid = 0x101; pid < 0x120; pid++) {
            many.add(TsTrack.of(pid, CodecId.EAC3, "eng"));
        }
        assertThat(tables(0, many).readableBytes()).isGreaterThan(3 * TsPacket.SIZE);
        assertThat(version(tables(0, H264))).isZero();
        assertThat(version(tables(0, many))).isEqualTo(1);
        assertThat(version(tables(0, many.reversed()))).isEqualTo(2);
        assertThat(version(tables(5, many.reversed()))).isEqualTo(2);
    }

    @Test
    void leavesWhatIsDamagedAlone() {
        assertThat(version(tables(0, H264))).isZero();
        for (int at = 0; at < 2 * TsPacket.SIZE; at++) {
            ByteBuf broken = tables(4, AV1);
            broken.setByte(at, broken.getByte(at) ^ 0x10);
            versions.rewrite(broken, 0, broken.readableBytes());
        }
        for (int length = 0; length < 2 * TsPacket.SIZE; length++) {
            versions.rewrite(tables(4, AV1), 0, length);
        }
        // Damage that the CRC does not cover is none: stuffing, and the head of the packets.
        int next = version(tables(0, AV1));
        assertThat(version(tables(0, H264))).isEqualTo(next + 1);
    }
}
