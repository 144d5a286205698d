package io.wadi.ts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

class PacketStatsTest {
    private static final int VIDEO = 0x100;
    private static final int AUDIO = 0x101;

    private final PacketStats stats = new PacketStats();

    /** A packet with {@code stuffing} bytes of adaptation field, 0 for none. */
    private static ByteBuf packet(int pid, int counter, int stuffing, int fill) {
        ByteBuf packet = Unpooled.buffer(TsPacket.SIZE);
        packet.writeByte(TsPacket.SYNC).writeShort(pid);
        packet.writeByte((stuffing > 0 ? 0x30 : 0x10) | counter);
        if (stuffing > 0) {
            packet.writeByte(stuffing - 1);
            if (stuffing > 1) {
                packet.writeByte(0).writeBytes(new byte[stuffing - 2]);
            }
        }
        while (packet.writerIndex() < TsPacket.SIZE) {
            packet.writeByte(fill);
        }
        return packet;
    }

    private void count(ByteBuf packet, boolean ours) {
        stats.count(packet, 0, TsPacket.SIZE, ours);
    }

    @Test
    void countsPayloadWithoutHeadersAndStuffing() {
        count(packet(VIDEO, 0, 0, 1), false);
        count(packet(VIDEO, 1, 100, 2), false);
        count(packet(AUDIO, 0, 183, 3), false);
        count(packet(TsPacket.NULL_PID, 0, 0, 4), false);

        assertThat(stats.payloadBytes(VIDEO)).isEqualTo(184 + 84);
        assertThat(stats.payloadBytes(AUDIO)).isEqualTo(1);
        assertThat(stats.payloadBytes(TsPacket.NULL_PID)).isZero();
        assertThat(stats.payloadBytes(0x55)).isZero();
        assertThat(stats.lostPackets()).isZero();
    }

    @Test
    void countsPacketsThatAreMissing() {
        count(packet(VIDEO, 14, 0, 1), false);
        count(packet(AUDIO, 3, 0, 1), false);
        count(packet(VIDEO, 1, 0, 2), false);
        count(packet(AUDIO, 4, 0, 2), false);

        assertThat(stats.lostPackets()).isEqualTo(2);
    }

    @Test
    void takesAPacketThatIsSentTwiceForWhatItIs() {
        count(packet(VIDEO, 5, 0, 1), false);
        count(packet(VIDEO, 5, 0, 1), false);
        count(packet(VIDEO, 6, 0, 2), false);

        assertThat(stats.lostPackets()).isZero();
    }

    @Test
    void takesTheSameCounterWithOtherBytesForAWholeTurn() {
        count(packet(VIDEO, 5, 0, 1), false);
        count(packet(VIDEO, 5, 0, 9), false);

        assertThat(stats.lostPackets()).isEqualTo(15);
    }

    @Test
    void anotherSourceMayStartWithAnyCounter() {
        count(packet(VIDEO, 5, 0, 1), false);
        stats.switchSource();
        count(packet(VIDEO, 11, 0, 2), false);

        assertThat(stats.lostPackets()).isZero();
    }

    @Test
    void ourOwnMultiplexerLosesNothing() {
        count(packet(VIDEO, 5, 0, 1), true);
        count(packet(VIDEO, 9, 0, 2), true);

        assertThat(stats.lostPackets()).isZero();
        assertThat(stats.payloadBytes(VIDEO)).isEqualTo(2 * 184);
    }

    @Test
    void standsAFloodOfPidsAndFieldsThatLie() {
        for (int pid = 0x20; pid < 0x20 + 2 * PacketStats.MAX_PIDS; pid++) {
            count(packet(pid, 0, 0, 1), false);
        }
        ByteBuf lie = packet(0x20, 1, 10, 1);
        lie.setByte(4, 0xFF);
        count(lie, false);

        assertThat(stats.payloadBytes(0x20)).isEqualTo(184);
        assertThat(stats.payloadBytes(0x20 + PacketStats.MAX_PIDS - 1)).isEqualTo(184);
        assertThat(stats.payloadBytes(0x20 + PacketStats.MAX_PIDS)).isZero();
    }
}
