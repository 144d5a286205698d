package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitTimes;
import io.wadi.ts.Pts33;
import io.wadi.ts.TsDemuxer;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import org.apache.camel.CamelContext;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Packages one ring as CMAF: one track a file, video cut on random access points near the target
 * length, audio cut at the same times on its own frames. HLS and DASH share a packager and both
 * feed it; a unit that it has seen is not taken twice.
 *
 * <p>Media time is the stream's timeline, and a segment starts when its first picture is shown: its
 * decoding times are earlier by the delay between decoding and showing the first picture of its
 * epoch. Composition offsets stay positive, since players disagree on what negative ones without an
 * edit list mean (FFmpeg moves the whole track).
 *
 * <p>Any thread may feed it, one at a time goes on: who comes second waits as long as one unit
 * takes.
 */
public final class CmafPackager implements UnitSink {
    private static final VarHandle WRITING;

    static {
        try {
            WRITING =
                    MethodHandles.lookup().findVarHandle(CmafPackager.class, "writing", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long NONE = -1;

    private final String ringId;
    private final CmafOptions options;
    private final CmafNumbers numbers;
    private final CmafTracks tracks;
    private final TsDemuxer demuxer = new TsDemuxer(new Demuxed());
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    private volatile long seenSequence = NONE;
    private volatile long seenArrival;
    private boolean retired;
    private final AtomicInteger keepers = new AtomicInteger(1);

    @SuppressWarnings("UnusedVariable") // through WRITING
    private int writing;

    private final UnitTimes times = new UnitTimes();

    CmafPackager(String ringId, CmafOptions options) {
        this(ringId, options, CmafNumbers.Position.ZERO);
    }

    /**
     * @param after where the packagers stand that this one follows
     */
    CmafPackager(String ringId, CmafOptions options, CmafNumbers.Position after) {
        this.numbers = CmafNumbers.open(ringId, options, after);
        this.ringId = ringId;
        this.options = options;
        this.tracks = new CmafTracks(options, numbers, this::changed);
    }

    /**
     * The packager of a ring, made by the first who asks, with that one's options. Every call is
     * paid back with {@link #release}.
     */
    public static CmafPackager acquire(CamelContext context, String ringId, CmafOptions options) {
        return CmafPackagers.of(context).acquire(ringId, options);
    }

    /**
     * Pays an {@link #acquire} back. After the last one nothing more is packaged; the segments stay
     * for a moment, or longer for those who {@link #keep} them.
     */
    public static void release(CamelContext context, CmafPackager packager) {
        CmafPackagers.of(context).release(packager);
    }

    public String ringId() {
        return ringId;
    }

    public CmafOptions options() {
        return options;
    }

    /** The tracks that have or had segments: video first, then audio in the order of the PMT. */
    public List<CmafTrack> tracks() {
        return tracks.published();
    }

    /** How many tracks the program has, with segments or not yet. */
    public int expectedTracks() {
        return tracks.expected();
    }

    /** Access units that could not be packaged: damaged, or no memory. */
    public long droppedSamples() {
        return tracks.droppedSamples();
    }

    /**
     * Calls back after each new segment, on the writer's thread: must only mark or hand over.
     *
     * @param listener compared by identity in {@link #removeListener}
     */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    public void removeListener(Runnable listener) {
        listeners.remove(listener);
    }

    private void changed() {
        for (Runnable listener : listeners) {
            listener.run();
        }
    }

    @Override
    public void onUnit(Unit next) {
        if (next.sequence() <= seenSequence && next.arrivalNanos() - seenArrival <= 0) {
            return;
        }
        lock();
        try {
            // Looked at again: the other feeder may have brought it meanwhile.
            boolean older = next.sequence() <= seenSequence;
            if (retired || (older && next.arrivalNanos() - seenArrival <= 0)) {
                return;
            }
            boolean follows =
                    !older && (seenSequence == NONE || next.sequence() == seenSequence + 1);
            seenSequence = next.sequence();
            seenArrival = next.arrivalNanos();
            take(next, follows);
        } finally {
            unlock();
        }
    }

    private void take(Unit next, boolean follows) {
        if (next.isDiscontinuity() || !follows) {
            // What is half done belongs to the time before.
            demuxer.flush();
            demuxer.reset();
            tracks.endEpoch();
        }
        times.onUnit(next);
        demuxer.push(next.slab(), next.offset(), next.length());
        if (next.isAccessUnit()) {
            demuxer.flush();
        }
        times.afterUnit();
    }

    /** Turns what comes out of the demultiplexer into stream time. */
    private final class Demuxed implements TsDemuxer.Output {
        @Override
        public void onProgram(TsProgram program) {
            tracks.onProgram(program);
        }

        @Override
        public void onAccessUnit(
                TsTrack track, long pts, long dts, boolean randomAccess, ByteBuf payload) {
            if (dts == Pts33.NO_TIME || !times.isKnown()) {
                return;
            }
            long streamDts = times.toStream(dts);
            long delay = pts == Pts33.NO_TIME ? 0 : pts - dts;
            tracks.onAccessUnit(track.pid(), streamDts + delay, streamDts, randomAccess, payload);
        }
    }

    /** What was collected becomes segments now. */
    void endOfStream() {
        lock();
        try {
            demuxer.flush();
            tracks.endEpoch();
            tracks.flush();
        } finally {
            unlock();
        }
    }

    @Override
    public void forget() {
        lock();
        try {
            demuxer.reset();
            tracks.forget();
        } finally {
            unlock();
        }
    }

    /** Keeps the segments after the packager's end, until what is returned is run, once. */
    public Runnable keep() {
        keepers.incrementAndGet();
        return this::letGo;
    }

    /** Where a packager starts that follows this one. After {@link #retire}. */
    CmafNumbers.Position position() {
        lock();
        try {
            return tracks.position();
        } finally {
            unlock();
        }
    }

    /** Packages nothing more; later units are ignored. */
    void retire() {
        lock();
        try {
            retired = true;
            tracks.retire();
        } finally {
            unlock();
        }
        numbers.close();
    }

    /** One who kept the segments does no more: the last one gives all memory back. */
    void letGo() {
        if (keepers.decrementAndGet() == 0) {
            lock();
            try {
                tracks.close();
            } finally {
                unlock();
            }
        }
    }

    private void lock() {
        while (!WRITING.compareAndSet(this, 0, 1)) {
            Thread.onSpinWait();
        }
    }

    private void unlock() {
        WRITING.setRelease(this, 0);
    }
}
