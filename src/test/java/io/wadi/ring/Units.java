package io.wadi.ring;

import io.netty.buffer.ByteBuf;

/** Writes units whose bytes tell their number, so that a test can see what a reader really got. */
final class Units {
    static final int PACKET = 188;

    private Units() {}

    /**
     * Appends a unit of {@code packets} packets that all start with 0x47 and carry {@code number}.
     */
    static void append(UnitWriter writer, UnitSink sink, long number, int packets, int flags) {
        ByteBuf room = writer.begin(packets * PACKET);
        for (int i = 0; i < packets; i++) {
            room.writeByte(0x47).writeLong(number).writeZero(PACKET - 9);
        }
        writer.end(number * 3600, number * 3600, System.nanoTime(), flags, sink);
    }

    /** The number a unit carries; fails when its packets disagree. */
    static long number(Unit unit) {
        long number = unit.slab().getLong(unit.offset() + 1);
        for (int at = unit.offset(); at < unit.offset() + unit.length(); at += PACKET) {
            if (unit.slab().getByte(at) != 0x47 || unit.slab().getLong(at + 1) != number) {
                throw new AssertionError("unit " + unit.sequence() + " is torn at byte " + at);
            }
        }
        return number;
    }
}
