package io.wadi.ts;

import io.netty.buffer.ByteBuf;

import java.util.function.LongUnaryOperator;

/** Moves the times of a transport stream where they lie. Allocates nothing. */
public final class TsTimestamps {
    private static final int PES_FIXED_HEADER = 9;
    private static final int TIMESTAMP = 5;

    private TsTimestamps() {}

    /**
     * Adds to every PTS, DTS, PCR and OPCR, modulo 2^33. A PTS that does not fit into the first
     * packet of its PES packet, behind a very long adaptation field, is left alone.
     *
     * @param packets whole synchronised packets; borrowed, written by absolute index
     * @param delta90k ticks to add, of any size and sign
     */
    public static void shift(ByteBuf packets, int offset, int length, long delta90k) {
        if (Pts33.wrap(delta90k) != 0) {
            rewrite(packets, offset, length, 0, null, null, null, null, delta90k);
        }
    }

    /**
     * Replaces every PTS, DTS, PCR and OPCR by what a function makes of it. The same as {@link
     * #shift} otherwise.
     *
     * @param packets whole synchronised packets; borrowed, written by absolute index
     * @param reference an unwrapped time that those in the packets are near to
     * @param stamps of PTS and DTS: from unwrapped 90 kHz ticks to ticks of any size
     * @param seam knows which PES packets are sound
     * @param sounds the same for those
     * @param clocks of PCR and OPCR, likewise
     */
    public static void map(
            ByteBuf packets,
            int offset,
            int length,
            long reference,
            SoundSeam seam,
            LongUnaryOperator stamps,
            LongUnaryOperator sounds,
            LongUnaryOperator clocks) {
        rewrite(packets, offset, length, reference, seam, stamps, sounds, clocks, 0);
    }

    private static void rewrite(
            ByteBuf packets,
            int offset,
            int length,
            long reference,
            SoundSeam seam,
            LongUnaryOperator stamps,
            LongUnaryOperator sounds,
            LongUnaryOperator clocks,
            long delta90k) {
        int end = offset + length - TsPacket.SIZE;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            if (TsPacket.hasAdaptation(header)) {
                rewriteClocks(packets, packet, header, reference, clocks, delta90k);
            }
            if (TsPacket.startsUnit(header) && !TsPacket.isScrambled(header)) {
                int pes = TsPacket.payloadIndex(packets, packet, header);
                if (isTimedPes(packets, pes, packet + TsPacket.SIZE)) {
                    int id = packets.getUnsignedByte(pes + 3);
                    boolean sound = seam != null && seam.isSound(TsPacket.pid(header), id);
                    rewritePes(packets, packet, pes, reference, sound ? sounds : stamps, delta90k);
                }
            }
        }
    }

    private static void rewriteClocks(
            ByteBuf buf,
            int packet,
            int header,
            long reference,
            LongUnaryOperator map,
            long delta) {
        int flags = TsPacket.adaptationFlags(buf, packet, header);
        int fieldEnd = packet + 5 + Math.min(buf.getUnsignedByte(packet + 4), TsPacket.BODY - 1);
        int at = packet + 6;
        if ((flags & TsPacket.ADAPTATION_PCR) != 0 && at + 6 <= fieldEnd) {
            rewriteClock(buf, at, reference, map, delta);
            at += 6;
        }
        if ((flags & TsPacket.ADAPTATION_OPCR) != 0 && at + 6 <= fieldEnd) {
            rewriteClock(buf, at, reference, map, delta);
        }
    }

    private static void rewriteClock(
            ByteBuf buf, int at, long reference, LongUnaryOperator map, long delta) {
        long base = Pts33.wrap(moved(TsPacket.clockBase(buf, at), reference, map, delta));
        buf.setInt(at, (int) (base >>> 1));
        buf.setByte(at + 4, (buf.getByte(at + 4) & 0x7F) | (int) (base & 1) << 7);
    }

    private static long moved(long ticks33, long reference, LongUnaryOperator map, long delta) {
        return map == null
                ? ticks33 + delta
                : map.applyAsLong(reference + Pts33.distance(Pts33.wrap(reference), ticks33));
    }

    private static void rewritePes(
            ByteBuf buf, int packet, int pes, long reference, LongUnaryOperator map, long delta) {
        int end = packet + TsPacket.SIZE;
        int flags = buf.getByte(pes + 7) & 0xC0; // PTS_DTS_flags
        int at = pes + PES_FIXED_HEADER;
        int times = Math.min(at + buf.getUnsignedByte(pes + 8), end);
        if ((flags & 0x80) != 0 && at + TIMESTAMP <= times) {
            rewriteTimestamp(buf, at, reference, map, delta);
            at += TIMESTAMP;
        }
        if (flags == 0xC0 && at + TIMESTAMP <= times) {
            rewriteTimestamp(buf, at, reference, map, delta);
        }
    }

    /** Whether a PES header that may have times starts here; a section never looks like one. */
    static boolean isTimedPes(ByteBuf buf, int pes, int end) {
        return pes >= 0
                && end - pes >= PES_FIXED_HEADER
                && buf.getUnsignedMedium(pes) == 1
                && PesReader.hasHeader(buf.getUnsignedByte(pes + 3))
                && (buf.getByte(pes + 6) & 0xC0) == 0x80;
    }

    private static void rewriteTimestamp(
            ByteBuf buf, int at, long reference, LongUnaryOperator map, long delta) {
        long ticks = moved(timestamp(buf, at), reference, map, delta);
        int high = buf.getByte(at) & 0xF1; // the marker bits and the prefix stay
        buf.setByte(at, high | (int) (ticks >>> 29 & 0x0E));
        buf.setShort(at + 1, (int) (ticks >>> 15 & 0x7FFF) << 1 | (buf.getByte(at + 2) & 1));
        buf.setShort(at + 3, (int) (ticks & 0x7FFF) << 1 | (buf.getByte(at + 4) & 1));
    }

    /** '001x'(4) [32..30](3) marker(1) [29..15](15) marker(1) [14..0](15) marker(1). */
    static long timestamp(ByteBuf buf, int at) {
        return (buf.getByte(at) & 0x0EL) << 29
                | (buf.getUnsignedShort(at + 1) & 0xFFFEL) << 14
                | (buf.getUnsignedShort(at + 3) & 0xFFFEL) >>> 1;
    }
}
