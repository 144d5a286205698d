package io.wadi.ts;

import io.netty.buffer.ByteBuf;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What came in, by PID: payload bytes, and packets that the continuity counters miss (ISO/IEC
 * 13818-1 §2.4.3.3). One thread counts, any may read; allocates nothing per packet.
 */
public final class PacketStats {
    /** PIDs that are told apart; what comes on others is not counted. */
    static final int MAX_PIDS = 63;

    private static final int COUNTER_MASK = 0x0F;

    private final PidBytes slots = new PidBytes((byte) 0);
    private final AtomicLongArray payloadBytes = new AtomicLongArray(MAX_PIDS + 1);
    private final Continuity[] continuity = new Continuity[MAX_PIDS + 1];
    private final byte[] counters = new byte[MAX_PIDS + 1];
    private final AtomicLong lost = new AtomicLong();
    private int used;

    /** What comes next is of another source: any counter may follow. */
    public void switchSource() {
        for (int slot = 1; slot <= used; slot++) {
            continuity[slot].reset();
        }
    }

    /**
     * Counts whole packets.
     *
     * @param packets borrowed, read by absolute index
     * @param ours made by our own multiplexer, which loses nothing: counters are not looked at
     */
    public void count(ByteBuf packets, int offset, int length, boolean ours) {
        int end = offset + length - TsPacket.SIZE;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            int pid = TsPacket.pid(header);
            int payload = TsPacket.payloadIndex(packets, packet, header);
            boolean counts = TsPacket.hasPayload(header) && payload >= 0;
            if (counts && pid != TsPacket.NULL_PID && !TsPacket.hasError(header)) {
                int slot = slot(pid);
                if (slot != 0) {
                    add(slot, packet + TsPacket.SIZE - payload);
                    if (!ours) {
                        check(packets, packet, header, slot);
                    }
                }
            }
        }
    }

    private int slot(int pid) {
        int slot = slots.get(pid);
        if (slot == 0 && used < MAX_PIDS) {
            slot = ++used;
            continuity[slot] = new Continuity();
            slots.set(pid, (byte) slot);
        }
        return slot;
    }

    private void add(int slot, int bytes) {
        payloadBytes.setOpaque(slot, payloadBytes.getPlain(slot) + bytes);
    }

    private void check(ByteBuf packets, int packet, int header, int slot) {
        int flags = TsPacket.adaptationFlags(packets, packet, header);
        boolean announced = (flags & TsPacket.ADAPTATION_DISCONTINUITY) != 0;
        long tail = packets.getLong(packet + TsPacket.SIZE - Long.BYTES);
        int counter = TsPacket.continuityCounter(header);
        if (continuity[slot].check(header, tail, announced) == Continuity.Result.LOSS) {
            // Four bits: the same counter again means that a whole turn is missing.
            int missing = counter - counters[slot] - 1 & COUNTER_MASK;
            lost.setOpaque(lost.getPlain() + (missing == 0 ? 1 : missing));
        }
        counters[slot] = (byte) counter;
    }

    /** Bytes of payload on a PID: PES packets or sections, without what carries them. */
    public long payloadBytes(int pid) {
        return payloadBytes.getOpaque(slots.get(pid));
    }

    /** Packets that are missing, at least: counters tell no more than 15 at a time. */
    public long lostPackets() {
        return lost.getOpaque();
    }
}
