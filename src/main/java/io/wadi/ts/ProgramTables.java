package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads PAT and PMTs and settles on one program (ISO/IEC 13818-1 §2.4.4): the first of the PAT, or
 * a later one when its PMT came twice before any earlier program's did. One owner thread.
 */
final class ProgramTables {
    /** Told of the program. */
    interface Listener {
        /** The program was found, or its PMT changed. */
        void onProgram(TsProgram program);

        /** The PAT does not list the program any more; another may follow. */
        void onProgramGone();
    }

    /** A full multiplex has about twenty programs; only the first ones are candidates. */
    private static final int MAX_CANDIDATES = 64;

    /** No known service has more; bounds the state that a hostile PMT can ask for. */
    private static final int MAX_TRACKS = 64;

    private static final int PAT_TABLE = 0x00;
    private static final int PMT_TABLE = 0x02;
    private static final int CRC_BYTES = 4;

    private final Listener listener;
    private final PidTable<Psi> pids = new PidTable<>();
    private final List<Candidate> candidates = new ArrayList<>();
    private byte[] pat = new byte[0];
    private byte[] pmt = new byte[0];
    private Candidate selected;
    private TsProgram program;
    private long badSections;

    ProgramTables(Listener listener) {
        this.listener = listener;
        pids.put(TsPacket.PAT_PID, new Psi(this::onPat));
    }

    boolean isTable(int pid) {
        return pids.get(pid) != null;
    }

    Optional<TsProgram> program() {
        return Optional.ofNullable(program);
    }

    /** The PAT section in force, whole. */
    byte[] patSection() {
        return pat;
    }

    /** The PMT section in force, whole. */
    byte[] pmtSection() {
        return pmt;
    }

    /** Sections dropped for their CRC or for what they say. */
    long badSections() {
        return badSections;
    }

    /**
     * What comes next does not follow what came: without this a table whose counter happens to be
     * that of the one before it would be taken for its duplicate, since both end with stuffing.
     */
    void reset() {
        pids.get(TsPacket.PAT_PID).reset();
        for (Candidate candidate : candidates) {
            pids.get(candidate.pid).reset();
        }
    }

    /** Takes a packet of a table PID; borrows {@code buf}. */
    void packet(ByteBuf buf, int packet, int header) {
        Psi psi = pids.get(TsPacket.pid(header));
        int payload = TsPacket.payloadIndex(buf, packet, header);
        int end = packet + TsPacket.SIZE;
        if (psi == null || payload < 0 || payload >= end || TsPacket.isScrambled(header)) {
            return;
        }
        switch (psi.continuity.check(header, buf.getLong(end - 8), false)) {
            case DUPLICATE -> {
                return;
            }
            case LOSS -> psi.assembler.reset();
            case IN_ORDER -> {}
        }
        psi.assembler.payload(buf, payload, end, TsPacket.startsUnit(header));
    }

    private void onPat(byte[] section, int length) {
        if (!isCurrent(section, length, PAT_TABLE, 12)) {
            return;
        }
        boolean first = section[6] == 0; // section_number
        if (first && Arrays.equals(pat, 0, pat.length, section, 0, length)) {
            return;
        }
        List<Candidate> listed = first ? new ArrayList<>() : candidates;
        for (int at = 8; at + 4 <= length - CRC_BYTES; at += 4) {
            int number = unsignedShort(section, at);
            int pid = unsignedShort(section, at + 2) & 0x1FFF;
            boolean usable = number != 0 && pid >= 0x10 && pid != TsPacket.NULL_PID;
            if (usable && listed.size() < MAX_CANDIDATES && find(listed, number) == null) {
                Candidate known = find(candidates, number);
                boolean same = known != null && known.pid == pid;
                listed.add(same ? known : new Candidate(number, pid));
            }
        }
        if (first) {
            pat = Arrays.copyOf(section, length);
            candidates.clear();
            candidates.addAll(listed);
        }
        follow();
    }

    /** Listens to the PMT PIDs of the candidates and to no others. */
    private void follow() {
        Psi own = pids.get(TsPacket.PAT_PID);
        PidTable<Psi> before = new PidTable<>();
        for (Candidate candidate : candidates) {
            Psi known = pids.get(candidate.pid);
            before.put(candidate.pid, known != null ? known : pmtReader(candidate.pid));
        }
        pids.clear();
        pids.put(TsPacket.PAT_PID, own);
        for (Candidate candidate : candidates) {
            pids.put(candidate.pid, before.get(candidate.pid));
        }
        if (selected != null && !candidates.contains(selected)) {
            selected = null;
            program = null;
            listener.onProgramGone();
        }
    }

    private Psi pmtReader(int pid) {
        return new Psi((section, length) -> onPmt(pid, section, length));
    }

    private static Candidate find(List<Candidate> in, int number) {
        for (Candidate candidate : in) {
            if (candidate.number == number) {
                return candidate;
            }
        }
        return null;
    }

    private void onPmt(int pid, byte[] section, int length) {
        // A PMT PID may carry other tables too (private sections): none of them is an error.
        if (length < 16 || (section[0] & 0xFF) != PMT_TABLE) {
            return;
        }
        Candidate candidate = find(candidates, unsignedShort(section, 3));
        if (candidate == null || candidate.pid != pid) {
            return;
        }
        if (candidate == selected && Arrays.equals(pmt, 0, pmt.length, section, 0, length)) {
            return;
        }
        if (!isCurrent(section, length, PMT_TABLE, 16)) {
            return;
        }
        boolean chosen =
                candidate == selected
                        || (selected == null
                                && (candidate == candidates.getFirst() || candidate.seen));
        candidate.seen = true;
        if (!chosen) {
            return;
        }
        TsProgram parsed = parse(candidate, section, length - CRC_BYTES);
        if (parsed == null) {
            badSections++;
            return;
        }
        selected = candidate;
        pmt = Arrays.copyOf(section, length);
        if (!parsed.equals(program)) {
            program = parsed;
            listener.onProgram(parsed);
        }
    }

    private boolean isCurrent(byte[] section, int length, int table, int minimum) {
        boolean long0 = length >= minimum && (section[1] & 0x80) != 0; // section_syntax_indicator
        if (!long0 || (section[0] & 0xFF) != table || Crc32Mpeg.of(section, 0, length) != 0) {
            badSections++;
            return false;
        }
        return (section[5] & 0x01) != 0; // current_next_indicator
    }

    /** Null when lengths in the section do not fit into one another. */
    private static TsProgram parse(Candidate candidate, byte[] section, int end) {
        int version = section[5] >>> 1 & 0x1F;
        int pcrPid = unsignedShort(section, 8) & 0x1FFF;
        int at = 12 + (unsignedShort(section, 10) & 0x0FFF); // program_info_length
        List<TsTrack> tracks = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        while (at + 5 <= end) {
            int streamType = section[at] & 0xFF;
            int pid = unsignedShort(section, at + 1) & 0x1FFF;
            int from = at + 5;
            int to = from + (unsignedShort(section, at + 3) & 0x0FFF); // ES_info_length
            if (to > end) {
                return null;
            }
            boolean usable = pid >= 0x10 && pid != TsPacket.NULL_PID && pid != candidate.pid;
            if (usable && tracks.size() < MAX_TRACKS && seen.add(pid)) {
                tracks.add(
                        new TsTrack(
                                pid,
                                streamType,
                                Descriptors.codec(streamType, section, from, to),
                                Descriptors.language(section, from, to),
                                ByteBufUtil.hexDump(section, from, to - from)));
            }
            at = to;
        }
        return at == end
                ? new TsProgram(candidate.number, candidate.pid, version, pcrPid, tracks)
                : null;
    }

    private static int unsignedShort(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    /** A program of the PAT. */
    private static final class Candidate {
        final int number;
        final int pid;

        /** Whether its PMT came. */
        boolean seen;

        Candidate(int number, int pid) {
            this.number = number;
            this.pid = pid;
        }
    }

    /** What is kept for a PID that carries tables. */
    private static final class Psi {
        final Continuity continuity = new Continuity();
        final PsiAssembler assembler;

        Psi(PsiAssembler.Sink sink) {
            assembler = new PsiAssembler(sink);
        }

        void reset() {
            continuity.reset();
            assembler.reset();
        }
    }
}
