package io.wadi.fmp4;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wadi.codec.MalformedException;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Reads fragmented MP4 as it comes, from a pipe or a connection: the tracks when the {@code moov}
 * is whole, the samples of a fragment when its {@code mdat} is. Where the bytes are cut does not
 * matter. One thread.
 *
 * <ol>
 *   <li>{@link #begin} hands out room, the caller writes what has come at its writer index
 *   <li>{@link #end} reads it, and calls the {@link Sink}
 *   <li>{@link #close} gives the memory back
 * </ol>
 *
 * <p>Boxes that are not needed are thrown away as they come, whatever their size. Of the others no
 * more memory is taken than bytes have come, up to a limit.
 */
public final class Fmp4StreamReader implements AutoCloseable {
    /** Takes what is found, in the order of the stream. */
    public interface Sink {
        /** The tracks of a {@code moov}; those before it are over. */
        void onTracks(List<TrackHeader> tracks);

        /**
         * One sample. Those of a fragment come in the order of their decoding times.
         *
         * @param pts 90 kHz ticks, not wrapped
         * @param dts 90 kHz ticks, not wrapped; after {@code pts} where composition offsets are
         *     negative
         * @param sync whether decoding can start here
         * @param sample the readable bytes; borrowed for the call, may be changed in place
         */
        void onSample(TrackHeader track, long pts, long dts, boolean sync, ByteBuf sample);
    }

    /** A {@code moov} without sample tables: {@link InitReader#MAX_TRACKS} with parameter sets. */
    public static final int MAX_INIT_BYTES = 1024 * 1024;

    /**
     * From {@code moof} to the end of {@code mdat}. A muxer that waits for its last track before it
     * writes the {@code moov} puts all that came until then in one fragment: 10 s at 50 Mbit/s.
     */
    public static final int MAX_FRAGMENT_BYTES = 64 * 1024 * 1024;

    /** Memory that is kept for the next fragment: a key picture fits. */
    private static final int RETAINED_BYTES = 1024 * 1024;

    private static final int FIRST_BYTES = 64 * 1024;
    private static final int HEADER_SIZE = 8;
    private static final int LARGE_HEADER_SIZE = 16;
    private static final int SIZE_IS_64_BIT = 1;

    private static final long TICKS_PER_SECOND = 90_000;

    /** Media time: far beyond any clock, and far from overflowing in ticks. */
    private static final long MAX_SECONDS = 1L << 40;

    private final Sink sink;
    private ByteBuf held = allocate();
    private List<TrackHeader> tracks = List.of();

    /** Bytes of a {@code moof}, and of what follows it, that wait for the {@code mdat}. */
    private int fragmentBytes;

    /** Bytes that are still to come of a box that nobody needs. */
    private long unwanted;

    private boolean broken;

    public Fmp4StreamReader(Sink sink) {
        this.sink = sink;
    }

    private static ByteBuf allocate() {
        // Room in front of the limits for what is read at once.
        return PooledByteBufAllocator.DEFAULT.directBuffer(FIRST_BYTES, 2 * MAX_FRAGMENT_BYTES);
    }

    /**
     * Room for at least so many bytes at the returned buffer's writer index; borrowed until {@link
     * #end}.
     *
     * @param bytes at most {@link #MAX_FRAGMENT_BYTES}
     */
    public ByteBuf begin(int bytes) {
        if (!held.isReadable()) {
            if (held.capacity() > RETAINED_BYTES) {
                held.release();
                held = allocate();
            }
            held.clear();
        } else if (held.writableBytes() < bytes) {
            held.discardReadBytes();
        }
        return held.ensureWritable(bytes);
    }

    /**
     * Reads what was written since {@link #begin}.
     *
     * @throws MalformedException when boxes cannot be told apart any more, or break a limit; all
     *     that comes after that is thrown away
     */
    public void end() throws MalformedException {
        if (broken) {
            held.clear();
            return;
        }
        broken = true; // unless the end is reached
        boolean more = true;
        while (more) {
            more = unwanted > 0 ? discard() : readBox();
        }
        broken = false;
    }

    private boolean discard() {
        int count = (int) Math.min(unwanted, held.readableBytes());
        held.skipBytes(count);
        unwanted -= count;
        return unwanted == 0;
    }

    /** Returns whether there was a whole box, or one that nobody needs. */
    private boolean readBox() throws MalformedException {
        int start = held.readerIndex() + fragmentBytes;
        int there = held.writerIndex() - start;
        if (there < HEADER_SIZE) {
            return false;
        }
        long size = held.getUnsignedInt(start);
        int type = held.getInt(start + 4);
        int header = HEADER_SIZE;
        if (size == SIZE_IS_64_BIT) {
            if (there < LARGE_HEADER_SIZE) {
                return false;
            }
            header = LARGE_HEADER_SIZE;
            size = held.getLong(start + HEADER_SIZE);
        }
        if (size < header) {
            // 0 would be a box up to the end, which a live stream does not have.
            throw new MalformedException(
                    "size of box " + FourCc.toString(type), size, "at least " + header);
        }
        if (type == FourCc.MOOF && fragmentBytes > 0) {
            readFragment();
            return true;
        }
        boolean wanted = type == FourCc.MOOV || type == FourCc.MOOF || fragmentBytes > 0;
        if (!wanted) {
            unwanted = size;
            return true;
        }
        checkSize(type, size);
        if (there < size) {
            return false;
        }
        take(type, start, (int) size);
        return true;
    }

    private void checkSize(int type, long size) throws MalformedException {
        boolean init = type == FourCc.MOOV;
        int limit = init ? MAX_INIT_BYTES : MAX_FRAGMENT_BYTES;
        if (size > limit - (init ? 0 : fragmentBytes)) {
            throw new MalformedException(
                    (init ? "bytes of " : "bytes of a fragment with the box ")
                            + FourCc.toString(type),
                    size + (init ? 0 : fragmentBytes),
                    "at most " + limit);
        }
    }

    private void take(int type, int start, int size) throws MalformedException {
        if (type == FourCc.MOOV) {
            if (fragmentBytes > 0) {
                throw new MalformedException("box after moof", "moov", "mdat");
            }
            tracks = InitReader.read(held.slice(start, size));
            held.skipBytes(size);
            sink.onTracks(tracks);
            return;
        }
        if (tracks.isEmpty()) {
            throw new MalformedException("first box with media", "moof", "moov with a track");
        }
        fragmentBytes += size;
        if (type == FourCc.MDAT) {
            readFragment();
        }
    }

    /** Reads what is held: a {@code moof}, most often with its {@code mdat}. */
    private void readFragment() throws MalformedException {
        ByteBuf bytes = held.readSlice(fragmentBytes);
        fragmentBytes = 0;
        PriorityQueue<Cursor> cursors = new PriorityQueue<>(Cursor.IN_ORDER);
        for (Fragment fragment : FragmentReader.read(bytes, tracks)) {
            Cursor cursor = new Cursor(trackOf(fragment), fragment.samples(), cursors.size());
            if (cursor.advance()) {
                cursors.add(cursor);
            }
        }
        for (Cursor first = cursors.poll(); first != null; first = cursors.poll()) {
            first.pass(bytes, sink);
            if (first.advance()) {
                cursors.add(first);
            }
        }
    }

    private TrackHeader trackOf(Fragment fragment) throws MalformedException {
        Optional<TrackHeader> known =
                tracks.stream().filter(track -> track.id() == fragment.trackId()).findFirst();
        if (known.isEmpty()) {
            throw new MalformedException("track_ID of traf", fragment.trackId(), "one of the moov");
        }
        return known.get();
    }

    /** Goes through the samples of one track. */
    private static final class Cursor {
        static final Comparator<Cursor> IN_ORDER =
                Comparator.<Cursor>comparingLong(cursor -> cursor.dts)
                        .thenComparingInt(cursor -> cursor.place);

        private final TrackHeader track;
        private final List<Fragment.Sample> samples;
        private final int place;
        private int next;
        private Fragment.Sample sample;
        private long dts;

        /**
         * @param place of the track in the fragment
         */
        Cursor(TrackHeader track, List<Fragment.Sample> samples, int place) {
            this.track = track;
            this.samples = samples;
            this.place = place;
        }

        /** Goes to the next sample; returns whether there is one. */
        boolean advance() throws MalformedException {
            if (next == samples.size()) {
                return false;
            }
            sample = samples.get(next++);
            dts = ticks(sample.decodeTime());
            return true;
        }

        void pass(ByteBuf bytes, Sink sink) throws MalformedException {
            long pts = ticks(sample.presentationTime());
            ByteBuf slice = bytes.slice(sample.offset(), sample.size());
            sink.onSample(track, pts, dts, sample.sync(), slice);
        }

        /** To the nearest tick. */
        private long ticks(long time) throws MalformedException {
            long scale = track.timescale();
            long seconds = Math.floorDiv(time, scale);
            if (seconds > MAX_SECONDS || seconds < -MAX_SECONDS) {
                throw new MalformedException(
                        "decoding time in seconds",
                        seconds,
                        "at most " + MAX_SECONDS + " either way");
            }
            long rest = Math.floorMod(time, scale);
            return seconds * TICKS_PER_SECOND + (rest * TICKS_PER_SECOND + scale / 2) / scale;
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        held.release();
    }
}
