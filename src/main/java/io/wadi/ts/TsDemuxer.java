package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a transport stream apart, in pieces of any size, down to access units. Keeps to the first
 * program of the PAT. Survives loss, duplicates, garbage, joins in the middle and hostile input;
 * what it drops it counts. One owner thread; all memory is on the heap, bounded, and needs no
 * closing.
 *
 * <p>Nothing is emitted before PAT and PMT. Then the first video access unit comes whether it is a
 * random access point or not: it says so.
 *
 * <p>Times are 90 kHz ticks, unwrapped from 33 bits by {@link Pts33}: one clock for the whole
 * program, so that tracks stay together over the wrap. They go on over any number of wraps; jumps
 * of the source itself (restart, splice) are handed on as they are.
 */
public final class TsDemuxer {
    /** Takes what a transport stream holds. Called on the thread that pushes. */
    public interface Output {
        /** The program was found or changed; comes before any access unit of its tracks. */
        void onProgram(TsProgram program);

        /**
         * Takes one access unit in elementary form.
         *
         * @param pts unwrapped, or {@link Pts33#NO_TIME} when the stream never said
         * @param dts unwrapped; equal to {@code pts} when the stream has none
         * @param randomAccess whether decoding can start here; always for audio
         * @param payload the readable bytes, from readerIndex (not always 0) to writerIndex;
         *     borrowed for the call, the memory is used again
         */
        void onAccessUnit(TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload);

        /**
         * A program clock reference came.
         *
         * @param pcr27MHz unwrapped
         */
        default void onPcr(int pid, long pcr27MHz) {}

        /** Packets of the track were lost, or something of it was damaged and dropped. */
        default void onLoss(TsTrack track) {}

        /**
         * A section came on a track that carries sections (SCTE-35, DSM-CC, private).
         *
         * @param section as it came, its CRC not looked at; borrowed for the call
         */
        default void onSection(TsTrack track, ByteBuf section) {}
    }

    /**
     * What was seen and what was dropped.
     *
     * @param packets all packets, null packets included
     * @param syncLosses how often the sync byte was missing
     * @param skippedBytes bytes outside packets
     * @param transportErrors packets with transport_error_indicator or a wrong adaptation field
     * @param continuityErrors gaps in continuity counters
     * @param duplicates packets sent twice, dropped
     * @param scrambled packets and PES packets that are scrambled, dropped
     * @param badSections PAT and PMT sections with a wrong CRC or wrong lengths
     * @param damaged PES packets and frames dropped because they make no sense
     * @param oversized PES packets dropped because they are longer than the limit
     */
    public record Stats(
            long packets,
            long syncLosses,
            long skippedBytes,
            long transportErrors,
            long continuityErrors,
            long duplicates,
            long scrambled,
            long badSections,
            long damaged,
            long oversized) {}

    /** For all PES packets in the making together. */
    private static final int MAX_MEMORY = 64 * 1024 * 1024;

    private final Output output;
    private final PacketSync sync = new PacketSync(this::onPackets);
    private final ProgramTables tables = new ProgramTables(new Programs());
    private final PidTable<PidState> pids = new PidTable<>();
    private final Tracks tracks = new Tracks();
    private final List<PidState> states = new ArrayList<>();
    private final Pts33 clock = new Pts33();
    private TsProgram program;

    private int memory;
    private long packets;
    private long transportErrors;
    private long continuityErrors;
    private long duplicates;
    private long scrambled;
    private long damaged;
    private long oversized;

    public TsDemuxer(Output output) {
        this.output = output;
    }

    /**
     * Takes bytes as they come: any number of whole and partial packets of 188, 192 or 204 bytes.
     * Borrows {@code buf} for the call, reads by absolute index.
     */
    public void push(ByteBuf buf, int offset, int length) {
        sync.push(buf, offset, length);
    }

    /**
     * Emits the access units that are whole but for the start of the next one. For sources whose
     * pushes end where an access unit ends, and for the end of a stream. A PES packet that declares
     * a length it does not have yet is waited for.
     */
    public void flush() {
        sync.flush();
        for (int i = 0; i < states.size(); i++) {
            PesReader pes = states.get(i).pes;
            if (pes != null) {
                pes.flush();
            }
        }
    }

    /**
     * What comes next does not follow what came: drops what is half done, accepts any continuity
     * counter and time. Program and tracks stay until the tables say otherwise.
     */
    public void reset() {
        sync.reset();
        clock.reset();
        tables.reset();
        for (PidState state : states) {
            state.continuity.reset();
            state.lost();
        }
    }

    /** The program in use, empty before its PMT came. */
    public Optional<TsProgram> program() {
        return Optional.ofNullable(program);
    }

    public Stats stats() {
        return new Stats(
                packets,
                sync.losses(),
                sync.skippedBytes(),
                transportErrors,
                continuityErrors,
                duplicates,
                scrambled,
                tables.badSections(),
                damaged,
                oversized);
    }

    private void onPackets(ByteBuf buf, int offset, int count, int stride) {
        int at = offset;
        for (int i = 0; i < count; i++) {
            packet(buf, at);
            at += stride;
        }
        packets += count;
    }

    private void packet(ByteBuf buf, int packet) {
        int header = buf.getInt(packet);
        if (TsPacket.hasError(header)) {
            transportErrors++; // the PID may be wrong too; a loss shows in the counters
            return;
        }
        PidState state = pids.get(TsPacket.pid(header));
        if (state == null) {
            if (tables.isTable(TsPacket.pid(header))) {
                tables.packet(buf, packet, header);
            }
            return;
        }
        int flags = TsPacket.adaptationFlags(buf, packet, header);
        int payload = TsPacket.payloadIndex(buf, packet, header);
        if (payload < 0) {
            transportErrors++;
            return;
        }
        if (state.pcr && flags != 0 && TsPacket.hasPcr(buf, packet, flags)) {
            long base = clock.near(TsPacket.clockBase(buf, packet + 6));
            output.onPcr(state.pid, base * 300 + TsPacket.clockExtension(buf, packet + 6));
        }
        boolean announced = (flags & TsPacket.ADAPTATION_DISCONTINUITY) != 0;
        if (!TsPacket.hasPayload(header)) {
            if (announced) {
                state.continuity.reset();
            }
            return;
        }
        int end = packet + TsPacket.SIZE;
        switch (state.continuity.check(header, buf.getLong(end - Long.BYTES), announced)) {
            case DUPLICATE -> {
                duplicates++;
                return;
            }
            case LOSS -> {
                continuityErrors++;
                state.lost();
                state.announceLoss();
            }
            case IN_ORDER -> {}
        }
        if (TsPacket.isScrambled(header)) {
            scrambled++;
            state.lost();
            return;
        }
        state.payload(buf, payload, end, header, flags);
    }

    /** What is kept for one PID of the program. */
    private final class PidState implements PsiAssembler.Sink {
        final int pid;
        final TsTrack track;
        final Continuity continuity = new Continuity();
        final PesReader pes;
        final PsiAssembler sections;
        boolean pcr;

        /** A PID with nothing but the PCR. */
        PidState(int pid) {
            this.pid = pid;
            this.track = null;
            this.pes = null;
            this.sections = null;
        }

        PidState(TsTrack track) {
            this.pid = track.pid();
            this.track = track;
            boolean isSections = track.carriesSections();
            this.sections = isSections ? new PsiAssembler(this) : null;
            this.pes =
                    isSections
                            ? null
                            : new PesReader(track, tracks, splitter(track, new UnitView(track)));
        }

        void payload(ByteBuf buf, int from, int to, int header, int flags) {
            if (pes != null) {
                boolean randomAccess = (flags & TsPacket.ADAPTATION_RANDOM_ACCESS) != 0;
                pes.payload(buf, from, to, TsPacket.startsUnit(header), randomAccess);
            } else if (sections != null) {
                sections.payload(buf, from, to, TsPacket.startsUnit(header));
            }
        }

        void lost() {
            if (pes != null) {
                pes.lost();
            } else if (sections != null) {
                sections.reset();
            }
        }

        void announceLoss() {
            if (track != null) {
                output.onLoss(track);
            }
        }

        @Override
        public void onSection(byte[] section, int length) {
            output.onSection(track, Unpooled.wrappedBuffer(section, 0, length));
        }
    }

    private static UnitSplitter splitter(TsTrack track, UnitSplitter.Sink sink) {
        if (track.codec().isEmpty()) {
            return new WholePayloads(track, sink);
        }
        return switch (track.codec().get()) {
            case H264, H265 -> new VideoUnits(track.codec().get(), sink);
            case AAC, MP3, AC3, EAC3 -> new AudioFrames(AudioSyntax.of(track.codec().get()), sink);
            case OPUS -> new OpusPackets(sink);
            case AV1, VP9, FLAC -> new WholePayloads(track, sink);
        };
    }

    /** Shows a track's access units as a buffer that is made once for each array. */
    private final class UnitView implements UnitSplitter.Sink {
        private final TsTrack track;
        private byte[] viewed = {};
        private ByteBuf view = Unpooled.EMPTY_BUFFER;

        UnitView(TsTrack track) {
            this.track = track;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
        public void onUnit(
                byte[] bytes, int from, int to, long pts, long dts, boolean randomAccess) {
            if (viewed != bytes) {
                viewed = bytes;
                view = Unpooled.wrappedBuffer(bytes);
            }
            view.setIndex(from, to);
            output.onAccessUnit(track, pts, dts, randomAccess, view);
        }

        @Override
        public void onDamage() {
            tracks.onDamaged(track);
        }
    }

    private final class Tracks implements PesReader.Host {
        @Override
        public boolean reserve(int bytes) {
            if (bytes > MAX_MEMORY - memory) {
                return false;
            }
            memory += bytes;
            return true;
        }

        @Override
        public Pts33 clock() {
            return clock;
        }

        @Override
        public void onDamaged(TsTrack track) {
            damaged++;
            output.onLoss(track);
        }

        @Override
        public void onOversized(TsTrack track) {
            oversized++;
            output.onLoss(track);
        }

        @Override
        public void onScrambled(TsTrack track) {
            scrambled++;
        }
    }

    private final class Programs implements ProgramTables.Listener {
        @Override
        public void onProgram(TsProgram changed) {
            List<PidState> before = List.copyOf(states);
            states.clear();
            for (TsTrack track : changed.tracks()) {
                PidState known = find(before, track);
                states.add(known != null ? known : new PidState(track));
            }
            for (PidState old : before) {
                if (!states.contains(old)) {
                    remove(old);
                }
            }
            for (PidState state : states) {
                state.pcr = state.pid == changed.pcrPid();
                pids.put(state.pid, state);
            }
            boolean hasPcr = changed.pcrPid() >= 0x10 && changed.pcrPid() != TsPacket.NULL_PID;
            boolean taken = tables.isTable(changed.pcrPid()) || pids.get(changed.pcrPid()) != null;
            if (hasPcr && !taken) {
                PidState clockOnly = new PidState(changed.pcrPid());
                clockOnly.pcr = true;
                states.add(clockOnly);
                pids.put(changed.pcrPid(), clockOnly);
            }
            program = changed;
            output.onProgram(changed);
        }

        @Override
        public void onProgramGone() {
            for (PidState state : states) {
                remove(state);
            }
            states.clear();
            program = null;
        }

        private void remove(PidState state) {
            pids.remove(state.pid);
            if (state.pes != null) {
                state.pes.end();
            }
        }

        private static PidState find(List<PidState> in, TsTrack track) {
            for (PidState state : in) {
                if (track.equals(state.track)) {
                    return state;
                }
            }
            return null;
        }
    }
}
