package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Announces that the continuity counters of a source do not continue those of the one before it,
 * where packets are shared and so cannot be written to. In front of the first packet of each PID
 * comes one without payload that has the discontinuity_indicator (ISO/IEC 13818-1 §2.4.3.5) and the
 * counter that the first packet then continues (§2.4.3.3). One owner thread.
 *
 * <pre>
 * |47|0|PID (13)|0 0 1 0|CC-1|183|discontinuity_indicator 1, no more fields|FF ...|
 * </pre>
 */
public final class ContinuityMarks {
    private static final byte UNMARKED = 0;
    private static final byte MARKED = 1;

    private static final int ADAPTATION_ONLY = 0x20;
    private static final int STUFFING = 0xFF;

    /** PAT, PMT, SDT, video: what a random access point starts with. */
    private static final int USUAL_PIDS = 4;

    private final PidBytes marked = new PidBytes(UNMARKED);
    private boolean switched;

    /** The next packet of each PID comes from another source. */
    public void switchSource() {
        marked.clear();
        switched = true;
    }

    /**
     * The marks that go in front of these packets.
     *
     * @param packets whole synchronised packets; borrowed
     * @return owned by the caller; null when every PID has had its mark
     */
    public ByteBuf before(ByteBuf packets, int offset, int length, ByteBufAllocator allocator) {
        ByteBuf marks = null;
        int end = switched ? offset + length - TsPacket.SIZE : -1;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            int pid = TsPacket.pid(header);
            if (marked.get(pid) == MARKED || pid == TsPacket.NULL_PID) {
                continue;
            }
            marked.set(pid, MARKED);
            if (marks == null) {
                marks = allocator.directBuffer(USUAL_PIDS * TsPacket.SIZE);
            }
            int counts = TsPacket.hasPayload(header) ? 1 : 0;
            mark(pid, TsPacket.continuityCounter(header) - counts & 0x0F, marks);
        }
        return marks;
    }

    private static void mark(int pid, int counter, ByteBuf to) {
        to.writeByte(TsPacket.SYNC);
        to.writeShort(pid);
        to.writeByte(ADAPTATION_ONLY | counter);
        to.writeByte(TsPacket.BODY - 1);
        to.writeByte(TsPacket.ADAPTATION_DISCONTINUITY);
        for (int i = TsPacket.BODY - 2; i > 0; i--) {
            to.writeByte(STUFFING);
        }
    }
}
