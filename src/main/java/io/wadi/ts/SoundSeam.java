package io.wadi.ts;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/**
 * Keeps sound from being heard twice where one source follows another: sound is interleaved with
 * pictures loosely, so the first of the new source may be older than the last of the old one. Such
 * PES packets become null packets (ISO/IEC 13818-1 §2.4.3.3) in place. For the stream_ids of MPEG
 * audio only, which AAC has too. One owner thread; allocates nothing per packet.
 */
public final class SoundSeam {
    private static final byte UNKNOWN = 0;
    private static final byte OPEN = 1;
    private static final byte MUTED = 2;

    private static final int FIRST_AUDIO_STREAM = 0xC0;
    private static final int LAST_AUDIO_STREAM = 0xDF;

    private final byte[] states = new byte[TsPacket.PID_COUNT];
    private long newest = Pts33.NO_TIME;
    private long floor = Pts33.NO_TIME;

    /** Whether a PES packet with this stream_id is sound. */
    static boolean isSound(int streamId) {
        return streamId >= FIRST_AUDIO_STREAM && streamId <= LAST_AUDIO_STREAM;
    }

    /** What follows comes from another source. */
    public void switchSource() {
        floor = newest;
        Arrays.fill(states, UNKNOWN);
    }

    /**
     * Looks at packets whose times are the stream's already.
     *
     * @param packets whole synchronised packets; borrowed, written by absolute index
     */
    public void pass(ByteBuf packets, int offset, int length) {
        int end = offset + length - TsPacket.SIZE;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            int pid = TsPacket.pid(header);
            if (TsPacket.startsUnit(header) && !TsPacket.isScrambled(header)) {
                start(packets, packet, header, pid);
            }
            if (states[pid] == MUTED) {
                packets.setShort(packet + 1, TsPacket.NULL_PID);
                packets.setByte(packet + 3, 0x10);
            }
        }
    }

    private void start(ByteBuf packets, int packet, int header, int pid) {
        int pes = TsPacket.payloadIndex(packets, packet, header);
        int end = packet + TsPacket.SIZE;
        boolean timed =
                TsTimestamps.isTimedPes(packets, pes, end)
                        && (packets.getByte(pes + 7) & 0x80) != 0
                        && pes + 14 <= end
                        && isSound(packets.getUnsignedByte(pes + 3));
        if (!timed) {
            return;
        }
        long time = TsTimestamps.timestamp(packets, pes + 9);
        boolean heard =
                states[pid] != OPEN && floor != Pts33.NO_TIME && Pts33.distance(floor, time) <= 0;
        states[pid] = heard ? MUTED : OPEN;
        if (!heard && (newest == Pts33.NO_TIME || Pts33.distance(newest, time) > 0)) {
            newest = time;
        }
    }
}
