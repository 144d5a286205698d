package io.wadi.ts;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/**
 * Continues the continuity counters of one source with those of the next, in place. Each PID gets
 * an offset at its first packet after a switch; from there on it is constant, so that real losses
 * stay visible. One owner thread; allocates nothing per packet.
 */
public final class ContinuityCounters {
    private static final byte NONE = -1;

    private final byte[] last = new byte[TsPacket.PID_COUNT];
    private final byte[] offsets = new byte[TsPacket.PID_COUNT];
    private final boolean[] settled = new boolean[TsPacket.PID_COUNT];

    public ContinuityCounters() {
        Arrays.fill(last, NONE);
    }

    /** The next packet of each PID comes from another source. */
    public void switchSource() {
        Arrays.fill(settled, false);
    }

    /**
     * Rewrites the counters.
     *
     * @param packets whole synchronised packets; borrowed, written by absolute index
     */
    public void rewrite(ByteBuf packets, int offset, int length) {
        int end = offset + length - TsPacket.SIZE;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            int pid = TsPacket.pid(header);
            if (pid == TsPacket.NULL_PID || TsPacket.hasError(header)) {
                continue;
            }
            int counter = TsPacket.continuityCounter(header);
            if (!settled[pid]) {
                settle(pid, counter, TsPacket.hasPayload(header));
            }
            int written = counter + offsets[pid] & 0x0F;
            last[pid] = (byte) written;
            if (written != counter) {
                packets.setByte(packet + 3, (header & 0xF0) | written);
            }
        }
    }

    private void settle(int pid, int counter, boolean counts) {
        settled[pid] = true;
        if (last[pid] != NONE) {
            // The counter of a packet without payload is that of the payload before it.
            offsets[pid] = (byte) (last[pid] + (counts ? 1 : 0) - counter & 0x0F);
        }
    }
}
