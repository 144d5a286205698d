package io.wadi.ts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * Cuts what arrives from a TS source into runs of whole, synchronised 188-byte packets, so that a
 * random access point always starts a run and PAT and PMT come directly before it, and no two
 * pictures start in one run. Otherwise a run is what arrived together. Nothing is handed out before
 * PAT and PMT were seen.
 *
 * <p>Media bytes are not copied: runs lie in the buffer that was pushed. The exceptions are a
 * packet that is spread over two pushes, packets of 192 and 204 bytes (which are put together again
 * without what is around them), the few packets at the end of a push that leave open whether they
 * start a random access point, and those behind tables that were put in.
 *
 * <p>Where the source's own PAT and PMT do not stand directly before a random access point, the
 * newest ones are put there, in a run with a copy of the picture's first packets; the continuity
 * counters of the source's later PAT and PMT packets are moved on in place for that.
 *
 * <p>Video is looked into up to the first slice (see {@link NalKind#isRandomAccess}), which is in
 * the run that starts with it: parameter sets and all that says what the pictures are like. In an
 * audio-only program any frame will do; one every 200 ms is marked. One owner thread; needs no
 * closing.
 */
public final class TsUnitCutter {
    /** Takes runs in order, on the thread that pushes. */
    @FunctionalInterface
    public interface Output {
        /**
         * Takes one run of whole packets.
         *
         * @param buf what was pushed, or memory of the cutter; borrowed for the call
         * @param pts of the first PES packet that starts in the run, of the video's if there is
         *     one; unwrapped 90 kHz ticks, {@link Pts33#NO_TIME} when there is none
         * @param dts likewise
         * @param randomAccess starts with PAT and PMT, behind which a random access point starts,
         *     its first slice's header included
         * @param video whether the times are those of a video access unit
         */
        void onUnit(
                ByteBuf buf,
                int offset,
                int length,
                long pts,
                long dts,
                boolean randomAccess,
                boolean video);
    }

    /** The packets after which a picture that did not show its first slice is not waited for. */
    static final int MAX_UNDECIDED = 64;

    /** Those, PAT and PMT in front of them with other tables between, and one more. */
    private static final int HELD_PACKETS = 2 * MAX_UNDECIDED;

    /** Packets of 192 and 204 bytes are put together again in groups of so many. */
    private static final int REPACKED = 64;

    private static final long AUDIO_INTERVAL = 18_000;

    /** Below are the DVB tables (ETSI EN 300 468 table 1); media is above. */
    private static final int FIRST_FREE_PID = 0x20;

    private static final int NONE = -1;

    private final Output output;
    private final PacketSync sync = new PacketSync(this::onPackets);
    private final ProgramTables tables = new ProgramTables(new Programs());
    private final PidTable<Role> roles = new PidTable<>();
    private final JoinDetector detector = new JoinDetector();
    private final TableInserter inserter = new TableInserter();
    private final Pts33 clock = new Pts33();
    private final ByteBuf repacked = Unpooled.buffer(REPACKED * TsPacket.SIZE);

    /** Packets from the undecided picture's first on, when a push ended before it was decided. */
    private final ByteBuf held = Unpooled.buffer(HELD_PACKETS * TsPacket.SIZE);

    /** Tables that were put in, and the packets of the picture that had come by then. */
    private final ByteBuf joint = Unpooled.buffer();

    private Role clockRole;
    private boolean hasProgram;
    private long lastAudioJoin = Pts33.NO_TIME;

    /** The run at hand, in the buffer that is being walked through. */
    private int runStart;

    private final Times run = new Times();

    /** Start of PAT and PMT, when nothing but tables came since; {@link #NONE}. */
    private int tablesStart = NONE;

    private boolean pmtThere;

    /** The picture that is not decided yet: where its run would start; {@link #NONE}. */
    private int cutAt = NONE;

    private boolean cutHasTables;
    private int undecided;
    private int here;
    private final Times cut = new Times();

    public TsUnitCutter(Output output) {
        this.output = output;
    }

    /**
     * Takes bytes as they come: any number of whole and partial packets of 188, 192 or 204 bytes.
     * Borrows {@code buf} for the call; reads by absolute index, and writes the continuity counters
     * of PAT and PMT packets.
     */
    public void push(ByteBuf buf, int offset, int length) {
        sync.push(buf, offset, length);
    }

    /** Hands out what is held: the end of the source. */
    public void flush() {
        sync.flush();
        here = held.writerIndex() - TsPacket.SIZE;
        settle(detector.verdict(), held, held.writerIndex());
        releaseHeld();
    }

    /** What comes next does not follow what came: drops what is held, accepts any time. */
    public void reset() {
        sync.reset();
        clock.reset();
        held.clear();
        cutAt = NONE;
        run.clear();
        cut.clear();
        lastAudioJoin = Pts33.NO_TIME;
    }

    /** Bytes that belonged to no packet. */
    public long skippedBytes() {
        return sync.skippedBytes();
    }

    private void onPackets(ByteBuf buf, int offset, int count, int stride) {
        if (stride == TsPacket.SIZE) {
            walk(buf, offset, count);
            return;
        }
        int at = offset;
        int left = count;
        while (left > 0) {
            repacked.clear();
            int taken = Math.min(left, REPACKED);
            for (int i = 0; i < taken; i++) {
                repacked.writeBytes(buf, at, TsPacket.SIZE);
                at += stride;
            }
            left -= taken;
            walk(repacked, 0, taken);
        }
    }

    private void walk(ByteBuf buf, int offset, int count) {
        int at = offset;
        int end = offset + count * TsPacket.SIZE;
        while (at < end && held.isReadable()) {
            resume(buf, at);
            at += TsPacket.SIZE;
        }
        if (held.isReadable()) {
            return;
        }
        runStart = at;
        tablesStart = NONE;
        for (; at < end; at += TsPacket.SIZE) {
            boolean before = hasProgram;
            packet(buf, at);
            if (before && !hasProgram) {
                emit(buf, runStart, at);
            } else if (!before && hasProgram) {
                runStart = begin(buf, at);
            }
            if (!hasProgram) {
                runStart = at + TsPacket.SIZE;
            }
        }
        if (cutAt < 0) {
            emit(buf, runStart, end);
            return;
        }
        emit(buf, runStart, cutAt);
        held.writeBytes(buf, cutAt, end - cutAt);
        cutAt = 0;
    }

    /** The PMT is whole with this packet; what is handed out begins with the tables. */
    private int begin(ByteBuf buf, int packet) {
        if (tablesStart >= 0) {
            return tablesStart;
        }
        int next = packet + TsPacket.SIZE;
        ByteBuf inserted = inserter.insert(buf, next, packet);
        output.onUnit(
                inserted, 0, inserted.writerIndex(), Pts33.NO_TIME, Pts33.NO_TIME, false, false);
        return next;
    }

    /** One more packet behind those that are held: {@link #cutAt} is 0 as long as there are any. */
    private void resume(ByteBuf buf, int packet) {
        int at = held.writerIndex();
        held.writeBytes(buf, packet, TsPacket.SIZE);
        runStart = 0;
        tablesStart = NONE;
        packet(held, at);
        if (cutAt < 0) {
            releaseHeld();
        } else if (cutAt > 0) { // the next picture, not decided in its turn
            emit(held, runStart, cutAt);
            held.readerIndex(cutAt);
            held.discardReadBytes();
            cutAt = 0;
        }
    }

    private void releaseHeld() {
        if (held.isReadable()) {
            emit(held, runStart, held.writerIndex());
            held.clear();
        }
    }

    private void packet(ByteBuf buf, int packet) {
        here = packet;
        int header = buf.getInt(packet);
        int pid = TsPacket.pid(header);
        if (TsPacket.hasError(header)) {
            tablesStart = NONE;
        } else if (tables.isTable(pid)) {
            table(buf, packet, header, pid);
        } else if (pid >= FIRST_FREE_PID && pid != TsPacket.NULL_PID) {
            media(buf, packet, header, pid);
        }
        if (cutAt >= 0 && ++undecided > MAX_UNDECIDED) {
            settle(detector.verdict(), buf, packet + TsPacket.SIZE);
        }
    }

    private void table(ByteBuf buf, int packet, int header, int pid) {
        if (pid == TsPacket.PAT_PID && TsPacket.startsUnit(header) && tablesStart < 0) {
            tablesStart = packet;
            pmtThere = false;
        }
        tables.packet(buf, packet, header);
        if (tablesStart >= 0 && pid == inserter.pmtPid()) {
            pmtThere = true;
        }
        if (TsPacket.hasPayload(header)) {
            inserter.track(buf, packet, header, pid);
        }
    }

    private void media(ByteBuf buf, int packet, int header, int pid) {
        if (!TsPacket.hasPayload(header)) {
            return; // only a PCR
        }
        Role role = roles.get(pid);
        int payload = TsPacket.payloadIndex(buf, packet, header);
        int end = packet + TsPacket.SIZE;
        boolean readable = payload >= 0 && payload < end && !TsPacket.isScrambled(header);
        if (role != null && readable) {
            if (TsPacket.startsUnit(header)) {
                start(buf, packet, payload, role, header);
            } else if (cutAt >= 0 && role == clockRole) {
                look(buf, payload, end);
            }
        }
        tablesStart = NONE;
    }

    /** A PES packet starts. */
    private void start(ByteBuf buf, int packet, int payload, Role role, int header) {
        int end = packet + TsPacket.SIZE;
        if (role != clockRole) {
            take(cutAt >= 0 ? cut : run, buf, payload, end, role.video);
            return;
        }
        boolean hasTables = tablesStart >= 0 && pmtThere;
        int begins = hasTables ? tablesStart : packet;
        settle(detector.verdict(), buf, begins); // that was all of the picture before
        cut.clear();
        take(cut, buf, payload, end, role.video);
        cutHasTables = hasTables;
        cutAt = begins;
        undecided = 0;
        if (!role.video) {
            settle(isAudioJoin(), buf, end);
            return;
        }
        int flags = TsPacket.adaptationFlags(buf, packet, header);
        detector.start(role.track, (flags & TsPacket.ADAPTATION_RANDOM_ACCESS) != 0);
        int unit = payload;
        if (TsTimestamps.isTimedPes(buf, payload, end)) {
            unit = Math.min(payload + 9 + buf.getUnsignedByte(payload + 8), end);
        }
        look(buf, unit, end);
    }

    private boolean isAudioJoin() {
        if (cut.pts == Pts33.NO_TIME) {
            return false;
        }
        long since = cut.pts - lastAudioJoin;
        boolean due = lastAudioJoin == Pts33.NO_TIME || since < 0 || since >= AUDIO_INTERVAL;
        if (due) {
            lastAudioJoin = cut.pts;
        }
        return due;
    }

    private void take(Times times, ByteBuf buf, int pes, int end, boolean video) {
        if (!TsTimestamps.isTimedPes(buf, pes, end)) {
            return;
        }
        int flags = buf.getByte(pes + 7) & 0xC0; // PTS_DTS_flags
        if ((flags & 0x80) == 0 || pes + 14 > end) {
            return;
        }
        long pts33 = TsTimestamps.timestamp(buf, pes + 9);
        boolean hasDts = flags == 0xC0 && pes + 19 <= end;
        long dts33 = hasDts ? TsTimestamps.timestamp(buf, pes + 14) : pts33;
        long dts = clock.unwrap(dts33);
        times.offer(dts + Pts33.distance(dts33, pts33), dts, video);
    }

    private void look(ByteBuf buf, int from, int to) {
        switch (detector.look(buf, from, to)) {
            case YES -> settle(true, buf, to);
            case NO -> settle(false, buf, to);
            case OPEN -> {}
        }
    }

    /**
     * It is known now whether a run starts at the cut, if there is one.
     *
     * @param to where the packets end by which it is known
     */
    private void settle(boolean joins, ByteBuf buf, int to) {
        if (cutAt < 0) {
            return;
        }
        int start = cutAt;
        cutAt = NONE;
        if (!joins) {
            if (run.video && cut.video) {
                emit(buf, runStart, start);
                runStart = start;
            }
            run.offer(cut.pts, cut.dts, cut.video);
            return;
        }
        emit(buf, runStart, start);
        runStart = start;
        run.offer(cut.pts, cut.dts, cut.video);
        if (cutHasTables) {
            run.joins = true;
        } else {
            joint.clear().writeBytes(inserter.insert(buf, start, here), 0, inserter.length());
            joint.writeBytes(buf, start, to - start);
            run.joins = true;
            emit(joint, 0, joint.writerIndex());
            runStart = to;
        }
    }

    /** Hands out a run with the times that were gathered for it, and begins to gather anew. */
    private void emit(ByteBuf buf, int from, int to) {
        if (from < to) {
            output.onUnit(buf, from, to - from, run.pts, run.dts, run.joins, run.video);
        }
        run.clear();
    }

    private final class Programs implements ProgramTables.Listener {
        @Override
        public void onProgram(TsProgram program) {
            roles.clear();
            clockRole = null;
            for (TsTrack track : program.tracks()) {
                if (!track.carriesSections()) {
                    roles.put(track.pid(), new Role(track, track.isVideo()));
                }
            }
            clockRole =
                    clock(program, TsTrack::isVideo)
                            .or(() -> clock(program, TsTrack::isAudio))
                            .or(() -> clock(program, track -> !track.carriesSections()))
                            .map(track -> roles.get(track.pid()))
                            .orElse(null);
            inserter.tables(tables.patSection(), program.pmtPid(), tables.pmtSection());
            hasProgram = true;
        }

        private static Optional<TsTrack> clock(TsProgram program, Predicate<TsTrack> kind) {
            return program.tracks().stream().filter(kind).findFirst();
        }

        @Override
        public void onProgramGone() {
            roles.clear();
            clockRole = null;
            hasProgram = false;
        }
    }

    /** A PID with PES packets. */
    private static final class Role {
        final TsTrack track;
        final boolean video;

        Role(TsTrack track, boolean video) {
            this.track = track;
            this.video = video;
        }
    }

    /** What is told of a run. */
    private static final class Times {
        long pts = Pts33.NO_TIME;
        long dts = Pts33.NO_TIME;
        boolean video;
        boolean joins;

        /** The first is taken, and the first of the video instead of another. */
        void offer(long offeredPts, long offeredDts, boolean offeredVideo) {
            boolean better = pts == Pts33.NO_TIME || (offeredVideo && !video);
            if (better && offeredPts != Pts33.NO_TIME) {
                pts = offeredPts;
                dts = offeredDts;
                video = offeredVideo;
            }
        }

        void clear() {
            pts = Pts33.NO_TIME;
            dts = Pts33.NO_TIME;
            video = false;
            joins = false;
        }
    }
}
