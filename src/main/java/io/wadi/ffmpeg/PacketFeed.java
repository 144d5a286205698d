package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Unit;
import io.wadi.ts.TsPacket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** MPEG-TS as it lies in the ring, from where it is written. */
final class PacketFeed implements FeedFormat {
    /**
     * Tables of the network around the program (ETSI EN 300 468 table 1). FFmpeg needs none of
     * them, and static builds die of the character sets in the SDT: iconv wants to load code.
     */
    private static final int FIRST_SI_PID = 0x10;

    private static final int LAST_SI_PID = 0x1F;

    @Override
    public void start(long firstPts) {}

    @Override
    public void tables(ByteBuf packets, WritableByteChannel process) throws IOException {
        write(packets, packets.readerIndex(), packets.readableBytes(), process);
    }

    @Override
    public void write(Unit unit, WritableByteChannel process) throws IOException {
        write(unit.slab(), unit.offset(), unit.length(), process);
    }

    private static void write(ByteBuf slab, int offset, int length, WritableByteChannel process)
            throws IOException {
        int end = offset + length;
        int from = offset;
        for (int packet = from; packet < end; packet += TsPacket.SIZE) {
            int pid = TsPacket.pid(slab.getInt(packet));
            if (pid >= FIRST_SI_PID && pid <= LAST_SI_PID) {
                send(slab, from, packet, process);
                from = packet + TsPacket.SIZE;
            }
        }
        send(slab, from, end, process);
    }

    private static void send(ByteBuf slab, int from, int to, WritableByteChannel process)
            throws IOException {
        if (to > from) {
            ByteBuffer bytes = slab.nioBuffer(from, to - from);
            while (bytes.hasRemaining()) {
                process.write(bytes);
            }
        }
    }

    @Override
    public void close() {}
}
