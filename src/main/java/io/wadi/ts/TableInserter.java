package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Keeps the newest PAT and PMT as packets to put between those of a source, and the continuity
 * counters of both PIDs in step. One owner thread.
 */
final class TableInserter {
    private static final int NONE = -1;

    private final Counter pat = new Counter();
    private Counter pmt = new Counter();
    private ByteBuf packets = Unpooled.buffer();
    private int pmtPid = NONE;

    int pmtPid() {
        return pmtPid;
    }

    /** Bytes of PAT and PMT. */
    int length() {
        return packets.writerIndex();
    }

    /** Takes the sections in force. */
    void tables(byte[] patSection, int pid, byte[] pmtSection) {
        if (pmtPid != pid) {
            pmtPid = pid;
            pmt = new Counter();
        }
        packets = Unpooled.buffer(4 * TsPacket.SIZE);
        PsiWriter.packetise(TsPacket.PAT_PID, patSection, packets);
        PsiWriter.packetise(pid, pmtSection, packets);
    }

    /** Sees a packet of the source go by, and moves its counter on in place where it must. */
    void track(ByteBuf buf, int packet, int header, int pid) {
        Counter counter = counter(pid);
        if (counter == null) {
            return;
        }
        int written = TsPacket.continuityCounter(header) + counter.offset & 0x0F;
        counter.last = written;
        if (counter.offset != 0) {
            setCounter(buf, packet, written);
        }
    }

    /**
     * PAT and PMT to go in before the packet at {@code from}; the packets of both PIDs from there
     * on to {@code last}, which went by already, are moved on. The buffer is borrowed until the
     * next call.
     */
    ByteBuf insert(ByteBuf buf, int from, int last) {
        rewind(buf, from, last);
        for (int at = 0; at < packets.writerIndex(); at += TsPacket.SIZE) {
            Counter counter = counter(TsPacket.pid(packets.getInt(at)));
            counter.last = counter.last == NONE ? 0 : counter.last + 1 & 0x0F;
            counter.offset = counter.offset + 1 & 0x0F;
            setCounter(packets, at, counter.last);
        }
        for (int at = from; at <= last; at += TsPacket.SIZE) {
            int header = buf.getInt(at);
            Counter counter = counter(TsPacket.pid(header));
            if (counter != null && TsPacket.hasPayload(header)) {
                counter.last = counter.last + 1 & 0x0F;
                setCounter(buf, at, counter.last);
            }
        }
        return packets;
    }

    private void rewind(ByteBuf buf, int from, int last) {
        for (int at = from; at <= last; at += TsPacket.SIZE) {
            int header = buf.getInt(at);
            Counter counter = counter(TsPacket.pid(header));
            if (counter != null && TsPacket.hasPayload(header)) {
                counter.last = counter.last - 1 & 0x0F;
            }
        }
    }

    private Counter counter(int pid) {
        if (pid == TsPacket.PAT_PID) {
            return pat;
        }
        return pid == pmtPid ? pmt : null;
    }

    private static void setCounter(ByteBuf buf, int packet, int counter) {
        buf.setByte(packet + 3, (buf.getByte(packet + 3) & 0xF0) | counter);
    }

    private static final class Counter {
        /** As handed out last. */
        int last = NONE;

        /** How many packets were put in, modulo 16. */
        int offset;
    }
}
