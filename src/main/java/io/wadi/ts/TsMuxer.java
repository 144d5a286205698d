package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Multiplexes access units into a transport stream with one program. Writes PAT and PMT before each
 * random access point and at least every 100 ms, a PCR at least every 40 ms (packets with nothing
 * else where the tracks leave gaps of up to a second), each access unit in a PES packet of its own,
 * so that what one call writes is a whole number of packets. One owner thread; holds no memory that
 * needs releasing.
 */
public final class TsMuxer {
    /**
     * How far the decoding times are ahead of the PCR: 400 ms. Audio may come so much later than
     * the video it belongs to and still be in time. FFmpeg gathers audio for up to 300 ms in one
     * PES packet.
     */
    public static final long PCR_LEAD = 36_000;

    /** DVB allows 40 ms between PCRs (ETSI TS 101 154 §4.1.5.3). */
    private static final long PCR_INTERVAL = 3600;

    /**
     * DVB allows 100 ms between PATs and PMTs (ETSI TS 101 154 §4.1.7); 80 ms leaves room for a
     * receiver that takes its time from PCRs between them, and is every second picture of 25.
     */
    private static final long TABLES_INTERVAL = 7200;

    /** Gaps between access units that are filled with PCR packets: up to a second. */
    private static final long MAX_FILLED = 90_000;

    /** A larger step of time (ten seconds) is another timeline and announced as such. */
    private static final long MAX_STEP = 900_000;

    /** So many access units off the PCR's timeline without one on it: the PCR follows them. */
    private static final int MAX_STRAYS = 100;

    /** What the PMT has room for in any case. */
    private static final int MAX_TRACKS = 32;

    private static final int MAX_PES_LENGTH = 0xFFFF;
    private static final int MAX_PES_HEADER = 19;
    private static final int PCR_FIELD = 6;
    private static final int ADAPTATION_START = 2;

    /** The header of the control header before an Opus packet and the last byte of its size. */
    private static final int OPUS_HEADER = 3;

    private static final byte[] STUFFING = stuffing();

    /** Before the first packet 15, so that each PID starts with 0. */
    private final PidBytes counters = new PidBytes((byte) 0x0F);

    private final ByteBuf header = Unpooled.buffer(MAX_PES_HEADER);
    private final ByteBuf opusHeader = Unpooled.buffer(64);
    private final ByteBuf[] parts = new ByteBuf[3];
    private int part;
    private int partAt;

    private List<TsTrack> tracks = List.of();
    private ByteBuf tables = Unpooled.EMPTY_BUFFER;
    private int version = -1;
    private int pcrPid;
    private boolean hasVideo;

    private boolean tablesDue = true;
    private long tablesAt = Pts33.NO_TIME;
    private long lastTime = Pts33.NO_TIME;
    private long step;
    private long lastPcr = Pts33.NO_TIME;
    private long lastPcrTrackTime = Pts33.NO_TIME;
    private int strays;

    /**
     * Says which tracks the program has. A list that differs from the one before gets a new PMT
     * version, before the next access unit; counters and clock go on.
     */
    public void tracks(List<TsTrack> list) {
        validate(list);
        if (list.equals(tracks)) {
            return;
        }
        TsTrack clock = clockTrack(list);
        int next = version + 1 & 0x1F;
        byte[] pmt = PsiWriter.pmt(next, clock.pid(), list);
        ByteBuf packets = Unpooled.buffer((2 + pmt.length / TsPacket.BODY + 1) * TsPacket.SIZE);
        PsiWriter.packetise(TsPacket.PAT_PID, PsiWriter.pat(TsTrack.PMT_PID), packets);
        PsiWriter.packetise(TsTrack.PMT_PID, pmt, packets);
        version = next;
        tracks = List.copyOf(list);
        tables = packets;
        hasVideo = clock.isVideo();
        if (pcrPid != clock.pid()) {
            pcrPid = clock.pid();
            lastPcrTrackTime = Pts33.NO_TIME;
        }
        tablesDue = true;
    }

    private static void validate(List<TsTrack> list) {
        if (list.isEmpty() || list.size() > MAX_TRACKS) {
            throw new IllegalArgumentException(
                    "a program has 1 to " + MAX_TRACKS + " tracks, not " + list.size());
        }
        Set<Integer> pids = new HashSet<>();
        for (TsTrack track : list) {
            int pid = track.pid();
            boolean usable = pid >= 0x20 && pid < TsPacket.NULL_PID && pid != TsTrack.PMT_PID;
            if (!usable || !pids.add(pid)) {
                throw new IllegalArgumentException(
                        "PID 0x%X: expected one from 0x20 to 0x1FFE, not 0x%X, each once"
                                .formatted(pid, TsTrack.PMT_PID));
            }
        }
    }

    private static TsTrack clockTrack(List<TsTrack> list) {
        return list.stream()
                .filter(TsTrack::isVideo)
                .findFirst()
                .or(() -> list.stream().filter(TsTrack::isAudio).findFirst())
                .orElse(list.getFirst());
    }

    /**
     * The most bytes that {@link #write} writes for the next access unit.
     *
     * @param payloadBytes prefix and payload together
     * @param dts its decoding time: a gap before it is filled with PCR packets
     */
    public int maxSize(int payloadBytes, long dts) {
        int pes = payloadBytes + opusHeaderBytes(payloadBytes) + MAX_PES_HEADER;
        int more = pes / (MAX_PES_LENGTH - MAX_PES_HEADER); // further PES packets
        int packets = (pes + more * MAX_PES_HEADER) / TsPacket.BODY + 2 + more;
        return (packets + maxFillers(dts) + 1) * TsPacket.SIZE + tables.readableBytes();
    }

    private int maxFillers(long dts) {
        if (dts == Pts33.NO_TIME || lastPcr == Pts33.NO_TIME) {
            return 0;
        }
        long gap = dts - PCR_LEAD - lastPcr;
        return gap > MAX_FILLED ? 0 : (int) (Math.max(0, gap) / PCR_INTERVAL);
    }

    /**
     * Writes one access unit as whole packets.
     *
     * @param track one of {@link #tracks}
     * @param pts 90 kHz ticks, wrapped on writing; {@link Pts33#NO_TIME}, and {@code dts} too, for
     *     private data without a time
     * @param dts not after {@code pts}; equal when the codec does not reorder
     * @param randomAccess whether decoding can start here
     * @param prefix goes in front of the payload, may be empty; borrowed, indices untouched
     * @param payload the access unit in elementary form; borrowed, indices untouched
     * @param out has {@link #maxSize} bytes of room; borrowed, writerIndex moves
     * @return whether what was written is where a viewer can join: PAT and PMT, then a random
     *     access point of the video, or of any track if there is no video (at most ten a second
     *     then)
     */
    public boolean write(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            ByteBuf prefix,
            ByteBuf payload,
            ByteBuf out) {
        if (!tracks.contains(track)) {
            throw new IllegalArgumentException(track + " is not one of the program's tracks");
        }
        boolean joinable = randomAccess && (!hasVideo || track.pid() == pcrPid);
        boolean withTables;
        int flags = 0;
        if (dts == Pts33.NO_TIME) {
            withTables = tablesDue && writeTables(Pts33.NO_TIME, out);
        } else {
            withTables = tablesAreDue(dts, joinable && hasVideo) && writeTables(dts, out);
            flags = clock(track, dts, joinable, out);
        }
        if (randomAccess) {
            flags |= TsPacket.ADAPTATION_RANDOM_ACCESS;
        }
        writeUnit(track, pts, dts, flags, prefix, payload, out);
        return joinable && withTables;
    }

    private boolean tablesAreDue(long time, boolean wanted) {
        if (lastTime != Pts33.NO_TIME) {
            // The longest step between access units of late says when the next chance comes.
            long latest = Math.clamp(time - lastTime, 0, TABLES_INTERVAL);
            step = Math.max(latest, step - step / 16);
        }
        lastTime = time;
        if (tablesDue || wanted || tablesAt == Pts33.NO_TIME) {
            return true;
        }
        long since = time - tablesAt;
        return since < 0 || since + step > TABLES_INTERVAL;
    }

    /** Writes PAT and PMT; always true. */
    private boolean writeTables(long time, ByteBuf out) {
        int start = out.writerIndex();
        out.writeBytes(tables, tables.readerIndex(), tables.readableBytes());
        for (int at = start; at < out.writerIndex(); at += TsPacket.SIZE) {
            int pid = out.getUnsignedShort(at + 1) & 0x1FFF;
            out.setByte(at + 3, 0x10 | nextCounter(pid));
        }
        tablesDue = false;
        tablesAt = time;
        return true;
    }

    /** Keeps the PCR going; returns the adaptation flags for the access unit's first packet. */
    private int clock(TsTrack track, long dts, boolean joinable, ByteBuf out) {
        long now = dts - PCR_LEAD;
        boolean own = track.pid() == pcrPid;
        long since = own && lastPcrTrackTime != Pts33.NO_TIME ? dts - lastPcrTrackTime : 0;
        if (own) {
            lastPcrTrackTime = dts;
        }
        if (lastPcr == Pts33.NO_TIME) {
            return startClock(own, now, 0, out);
        }
        if (dts <= lastPcr || now - lastPcr > MAX_STEP) {
            if (!own && ++strays <= MAX_STRAYS) {
                return 0;
            }
            return startClock(own, now, TsPacket.ADAPTATION_DISCONTINUITY, out);
        }
        strays = 0;
        if (now - lastPcr <= MAX_FILLED) {
            while (now - lastPcr > PCR_INTERVAL) {
                lastPcr += PCR_INTERVAL;
                writeClock(lastPcr, 0, out);
            }
        } else if (!own) {
            lastPcr = now;
            writeClock(lastPcr, 0, out);
        }
        boolean due = joinable || now - lastPcr + since > PCR_INTERVAL;
        if (!own || !due || now <= lastPcr) {
            return 0;
        }
        lastPcr = now;
        return TsPacket.ADAPTATION_PCR;
    }

    private int startClock(boolean own, long now, int flag, ByteBuf out) {
        strays = 0;
        lastPcr = now;
        if (own) {
            return TsPacket.ADAPTATION_PCR | flag;
        }
        writeClock(now, flag, out);
        return 0;
    }

    /** A packet with a PCR and no payload; its continuity counter does not count. */
    private void writeClock(long pcr, int flag, ByteBuf out) {
        out.writeInt(TsPacket.SYNC << 24 | pcrPid << 8 | 0x20 | counters.get(pcrPid));
        out.writeByte(TsPacket.BODY - 1);
        out.writeByte(TsPacket.ADAPTATION_PCR | flag);
        writePcr(pcr, out);
        out.writeBytes(STUFFING, 0, TsPacket.BODY - ADAPTATION_START - PCR_FIELD);
    }

    /** PCR_base(33) reserved(6) PCR_ext(9): whole 90 kHz ticks, so the extension is 0. */
    private static void writePcr(long pcr, ByteBuf out) {
        long base = Pts33.wrap(pcr);
        out.writeInt((int) (base >>> 1));
        out.writeShort((int) (base & 1) << 15 | 0x7E00);
    }

    private void writeUnit(
            TsTrack track,
            long pts,
            long dts,
            int flags,
            ByteBuf prefix,
            ByteBuf payload,
            ByteBuf out) {
        int bytes = prefix.readableBytes() + payload.readableBytes();
        opusHeader.clear();
        if (track.codec().filter(c -> c == CodecId.OPUS).isPresent()) {
            writeOpusHeader(bytes);
            bytes += opusHeader.readableBytes();
        }
        setParts(opusHeader, prefix, payload);
        boolean mayBeUnbounded = track.isVideo();
        boolean first = true;
        do {
            boolean timed = first && pts != Pts33.NO_TIME;
            int headerBytes = !timed ? 9 : pts == dts ? 14 : MAX_PES_HEADER;
            int optional = headerBytes - 6;
            int taken = mayBeUnbounded ? bytes : Math.min(bytes, MAX_PES_LENGTH - optional);
            int declared = taken + optional <= MAX_PES_LENGTH ? taken + optional : 0;
            writePesHeader(track, pts, dts, declared, headerBytes - 9, first);
            writePackets(track.pid(), taken, first ? flags : 0, out);
            bytes -= taken;
            first = false;
        } while (bytes > 0);
        setParts(null, null, null);
    }

    private void setParts(ByteBuf first, ByteBuf second, ByteBuf third) {
        parts[0] = first;
        parts[1] = second;
        parts[2] = third;
        part = 0;
        partAt = first == null ? 0 : first.readerIndex();
    }

    private void writePesHeader(
            TsTrack track, long pts, long dts, int declared, int times, boolean aligned) {
        header.clear();
        header.writeInt(0x0000_0100 | streamId(track));
        header.writeShort(declared);
        header.writeByte(aligned ? 0x84 : 0x80); // data_alignment_indicator
        header.writeByte(times == 0 ? 0 : times == 5 ? 0x80 : 0xC0); // PTS_DTS_flags
        header.writeByte(times);
        if (times == 5) {
            writeTimestamp(0x20, pts);
        } else if (times == 10) {
            writeTimestamp(0x30, pts);
            writeTimestamp(0x10, dts);
        }
    }

    /** '001x'(4) [32..30](3) marker(1) [29..15](15) marker(1) [14..0](15) marker(1). */
    private void writeTimestamp(int prefix, long ticks) {
        int high = (int) (ticks >>> 30) & 0x07;
        header.writeByte(prefix | high << 1 | 1);
        header.writeShort((int) (ticks >>> 15 & 0x7FFF) << 1 | 1);
        header.writeShort((int) (ticks & 0x7FFF) << 1 | 1);
    }

    /** ISO/IEC 13818-1 table 2-22; what has no stream_id of its own is private_stream_1. */
    private static int streamId(TsTrack track) {
        return switch (track.streamType()) {
            case 0x01, 0x02, 0x10, 0x1B, 0x24, 0x33, 0x42 -> 0xE0;
            case 0x03, 0x04, 0x0F, 0x11, 0x1C -> 0xC0;
            default -> 0xBD;
        };
    }

    private static int opusHeaderBytes(int payloadBytes) {
        return OPUS_HEADER + payloadBytes / 255;
    }

    private void writeOpusHeader(int size) {
        opusHeader.ensureWritable(opusHeaderBytes(size));
        opusHeader.writeShort(OpusPackets.PREFIX);
        int rest = size;
        while (rest >= 255) {
            opusHeader.writeByte(255);
            rest -= 255;
        }
        opusHeader.writeByte(rest);
    }

    /** Writes the header and so many bytes of the parts, with stuffing in the first packet. */
    private void writePackets(int pid, int bytes, int flags, ByteBuf out) {
        int total = header.readableBytes() + bytes;
        int adaptation = flags == 0 ? 0 : ADAPTATION_START;
        if ((flags & TsPacket.ADAPTATION_PCR) != 0) {
            adaptation += PCR_FIELD;
        }
        int stuffed = Math.max(adaptation, TsPacket.BODY - total);
        int control = stuffed > 0 ? 0x30 : 0x10;
        out.writeInt(TsPacket.SYNC << 24 | 0x40_0000 | pid << 8 | control | nextCounter(pid));
        if (stuffed > 0) {
            writeAdaptation(stuffed, flags, adaptation, out);
        }
        out.writeBytes(header, 0, header.readableBytes());
        int room = TsPacket.BODY - stuffed - header.readableBytes();
        int left = bytes - room;
        copy(room, out);
        while (left >= TsPacket.BODY) {
            out.writeInt(TsPacket.SYNC << 24 | pid << 8 | 0x10 | nextCounter(pid));
            copy(TsPacket.BODY, out);
            left -= TsPacket.BODY;
        }
        if (left > 0) {
            out.writeInt(TsPacket.SYNC << 24 | pid << 8 | 0x30 | nextCounter(pid));
            writeAdaptation(TsPacket.BODY - left, 0, 0, out);
            copy(left, out);
        }
    }

    /**
     * @param size of the whole field, its length byte included
     * @param used of it, by length, flags and PCR
     */
    private void writeAdaptation(int size, int flags, int used, ByteBuf out) {
        out.writeByte(size - 1);
        if (size == 1) {
            return;
        }
        out.writeByte(flags);
        if ((flags & TsPacket.ADAPTATION_PCR) != 0) {
            writePcr(lastPcr, out);
        }
        int written = Math.max(used, ADAPTATION_START);
        out.writeBytes(STUFFING, 0, size - written);
    }

    private void copy(int bytes, ByteBuf out) {
        int left = bytes;
        while (left > 0) {
            ByteBuf source = parts[part];
            int there = source.writerIndex() - partAt;
            if (there == 0) {
                part++;
                partAt = parts[part].readerIndex();
                continue;
            }
            int taken = Math.min(left, there);
            out.writeBytes(source, partAt, taken);
            partAt += taken;
            left -= taken;
        }
    }

    private int nextCounter(int pid) {
        int counter = counters.get(pid) + 1 & 0x0F;
        counters.set(pid, (byte) counter);
        return counter;
    }

    private static byte[] stuffing() {
        byte[] bytes = new byte[TsPacket.SIZE];
        Arrays.fill(bytes, (byte) 0xFF);
        return bytes;
    }
}
