package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The beginning of a picture in a run of packets, parameter sets and all, before the picture is
 * whole: a demultiplexer knows that only when the next one starts. Pure; one thread.
 */
public final class PictureHead {
    /** The packets that the cutter waits for a first slice, whatever stands in front of it. */
    private static final int MAX_BYTES = TsUnitCutter.MAX_UNDECIDED * TsPacket.SIZE;

    private static final int FIRST_BYTES = 2048;

    /** Start code, stream_id, length, flags and header length (ISO/IEC 13818-1 §2.4.3.6). */
    private static final int PES_HEADER = 9;

    private final ByteBuf head = Unpooled.buffer(FIRST_BYTES, MAX_BYTES);

    /**
     * Looks for the first picture that starts in these packets.
     *
     * @param buf borrowed for the call, read by absolute index
     * @param length whole packets of 188 bytes
     * @param pid of the video
     * @return its elementary stream as far as it is there, valid until the next call; empty when no
     *     picture starts
     */
    public ByteBuf find(ByteBuf buf, int offset, int length, int pid) {
        head.clear();
        boolean started = false;
        for (int at = offset; at + TsPacket.SIZE <= offset + length; at += TsPacket.SIZE) {
            int header = buf.getInt(at);
            boolean usable =
                    TsPacket.pid(header) == pid
                            && TsPacket.hasPayload(header)
                            && !TsPacket.hasError(header)
                            && !TsPacket.isScrambled(header);
            int payload = usable ? TsPacket.payloadIndex(buf, at, header) : -1;
            if (payload < 0) {
                continue;
            }
            boolean starts = TsPacket.startsUnit(header);
            if (started && (starts || head.maxWritableBytes() == 0)) {
                break;
            }
            int end = at + TsPacket.SIZE;
            if (starts) {
                payload = payload + PES_HEADER <= end ? elementary(buf, payload) : end;
                started = true;
            }
            if (started && payload < end) {
                int count = Math.min(end - payload, head.maxWritableBytes());
                head.writeBytes(buf, payload, count);
            }
        }
        return head;
    }

    private static int elementary(ByteBuf buf, int pes) {
        return pes + PES_HEADER + buf.getUnsignedByte(pes + PES_HEADER - 1);
    }
}
