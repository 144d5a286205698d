package io.wadi.ts;

import io.netty.buffer.ByteBuf;

/**
 * Continues the continuity counters of one source with those of the next, in place. Each PID gets
 * an offset at its first packet after a switch; from there on it is constant, so that real losses
 * stay visible. One owner thread; allocates nothing per packet.
 */
public final class ContinuityCounters {
    private static final byte NONE = -1;

    /** The counter written last. */
    private final PidBytes last = new PidBytes(NONE);

    /** What is added to the counters of this source, once it is settled. */
    private final PidBytes offsets = new PidBytes(NONE);

    /** The next packet of each PID comes from another source. */
    public void switchSource() {
        offsets.clear();
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
            int added = offsets.get(pid);
            if (added == NONE) {
                added = settle(pid, counter, TsPacket.hasPayload(header));
            }
            int written = counter + added & 0x0F;
            last.set(pid, (byte) written);
            if (written != counter) {
                packets.setByte(packet + 3, (header & 0xF0) | written);
            }
        }
    }

    private int settle(int pid, int counter, boolean counts) {
        int before = last.get(pid);
        // The counter of a packet without payload is that of the payload before it.
        int added = before == NONE ? 0 : before + (counts ? 1 : 0) - counter & 0x0F;
        offsets.set(pid, (byte) added);
        return added;
    }
}
