package io.wadi.ts;

import io.netty.buffer.ByteBuf;

/**
 * Keeps sound from being heard twice where one source follows another: sound is interleaved with
 * pictures loosely, so the first of the new source may be older than the last of the old one. Such
 * PES packets become null packets (ISO/IEC 13818-1 §2.4.3.3) in place. One owner thread; allocates
 * nothing per packet.
 *
 * <p>What is sound the PMT says: AC-3, E-AC-3, Opus and others travel as private_stream_1 or with
 * an extended stream_id, as subtitles and AV1 do. Of a PID that it does not explain, the stream_ids
 * of MPEG audio are, which AAC has too.
 */
public final class SoundSeam {
    private static final byte UNKNOWN = 0;
    private static final byte OPEN = 1;
    private static final byte MUTED = 2;

    private static final byte BY_STREAM_ID = 0;
    private static final byte SOUND = 1;
    private static final byte OTHER = 2;

    private static final int FIRST_AUDIO_STREAM = 0xC0;
    private static final int LAST_AUDIO_STREAM = 0xDF;

    private final PidBytes states = new PidBytes(UNKNOWN);
    private final PidBytes kinds = new PidBytes(BY_STREAM_ID);
    private ProgramTables tables = new ProgramTables(new Kinds());
    private long newest = Pts33.NO_TIME;
    private long floor = Pts33.NO_TIME;

    /** Whether a PES packet on this PID with this stream_id is sound. */
    boolean isSound(int pid, int streamId) {
        boolean mpeg = streamId >= FIRST_AUDIO_STREAM && streamId <= LAST_AUDIO_STREAM;
        byte kind = kinds.get(pid);
        return kind == SOUND || (kind == BY_STREAM_ID && mpeg);
    }

    /** What follows comes from another source. */
    public void switchSource() {
        floor = newest;
        states.clear();
        kinds.clear();
        tables = new ProgramTables(new Kinds());
    }

    /**
     * Looks at PAT and PMT only.
     *
     * @param packets whole synchronised packets; borrowed
     */
    public void learn(ByteBuf packets, int offset, int length) {
        int end = offset + length - TsPacket.SIZE;
        for (int packet = offset; packet <= end; packet += TsPacket.SIZE) {
            int header = packets.getInt(packet);
            if (!TsPacket.hasError(header) && tables.isTable(TsPacket.pid(header))) {
                tables.packet(packets, packet, header);
            }
        }
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
            if (tables.isTable(pid)) {
                if (!TsPacket.hasError(header)) {
                    tables.packet(packets, packet, header);
                }
            } else if (TsPacket.startsUnit(header) && !TsPacket.isScrambled(header)) {
                start(packets, packet, header, pid);
            }
            if (states.get(pid) == MUTED) {
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
                        && isSound(pid, packets.getUnsignedByte(pes + 3));
        if (!timed) {
            return;
        }
        long time = TsTimestamps.timestamp(packets, pes + 9);
        boolean heard =
                states.get(pid) != OPEN
                        && floor != Pts33.NO_TIME
                        && Pts33.distance(floor, time) <= 0;
        states.set(pid, heard ? MUTED : OPEN);
        if (!heard && (newest == Pts33.NO_TIME || Pts33.distance(newest, time) > 0)) {
            newest = time;
        }
    }

    private final class Kinds implements ProgramTables.Listener {
        @Override
        public void onProgram(TsProgram program) {
            kinds.clear();
            for (TsTrack track : program.tracks()) {
                if (track.isAudio()) {
                    kinds.set(track.pid(), SOUND);
                } else if (track.isVideo()) {
                    kinds.set(track.pid(), OTHER);
                }
            }
        }

        @Override
        public void onProgramGone() {
            kinds.clear();
        }
    }
}
