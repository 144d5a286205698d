package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The newest segments of one track or rendition: those that a playlist lists ({@code window}) and
 * those before them that a player with an older playlist may still ask for ({@code history}).
 * Written by one thread, read by any, without locks: readers see immutable snapshots.
 */
public final class SegmentWindow implements AutoCloseable {
    /**
     * @param listed what a playlist lists, oldest first
     * @param held what can be fetched: {@code history} older ones, then {@code listed}
     * @param discontinuitySequence EXT-X-DISCONTINUITY-SEQUENCE of the first listed segment (RFC
     *     8216 §4.3.3.3)
     * @param firstOwn number of the first segment that was not inherited
     */
    public record Snapshot(
            List<Segment> listed, List<Segment> held, long discontinuitySequence, long firstOwn) {
        /** EXT-X-MEDIA-SEQUENCE, 0 while nothing is listed. */
        public long mediaSequence() {
            return listed.isEmpty() ? 0 : listed.getFirst().number();
        }

        /** What is listed and was not inherited. */
        public List<Segment> own() {
            return listed.isEmpty() || listed.getFirst().number() >= firstOwn
                    ? listed
                    : listed.stream().filter(s -> s.number() >= firstOwn).toList();
        }
    }

    private final int window;
    private final int history;
    private volatile Snapshot snapshot;

    /**
     * @param window segments a playlist lists, at least 1
     * @param history segments kept after they left the playlist
     * @param discontinuitySequence discontinuities before the first segment, carried over a restart
     */
    public SegmentWindow(int window, int history, long discontinuitySequence) {
        if (window < 1 || history < 0) {
            throw new IllegalArgumentException(
                    "window " + window + " and history " + history + ", expected at least 1 and 0");
        }
        this.window = window;
        this.history = history;
        this.snapshot = new Snapshot(List.of(), List.of(), discontinuitySequence, 0);
    }

    /**
     * Lists the segments of another window in front of those that will come: players go on with
     * this one. Before the first {@link #add}. Segments that are dropped meanwhile are left out.
     */
    public void inherit(Snapshot former) {
        List<Segment> taken = new ArrayList<>();
        for (Segment segment : former.listed()) {
            if (retain(segment).isPresent()) {
                taken.add(segment);
            } else {
                taken.forEach(s -> s.bytes().release());
                taken.clear();
            }
        }
        if (!taken.isEmpty()) {
            int lost = former.listed().size() - taken.size();
            long discontinuities =
                    former.listed().stream().limit(lost).filter(Segment::discontinuity).count();
            snapshot =
                    new Snapshot(
                            List.copyOf(taken),
                            List.copyOf(taken),
                            former.discontinuitySequence() + discontinuities,
                            taken.getLast().number() + 1);
        }
    }

    public Snapshot snapshot() {
        return snapshot;
    }

    /** Appends a segment; takes ownership of its bytes. Releases what falls out of the history. */
    public void add(Segment segment) {
        Snapshot before = snapshot;
        List<Segment> held = new ArrayList<>(before.held());
        held.add(segment);
        List<Segment> dropped = new ArrayList<>();
        while (held.size() > window + history) {
            dropped.add(held.removeFirst());
        }
        List<Segment> listed = held.subList(Math.max(0, held.size() - window), held.size());
        long discontinuities = before.discontinuitySequence();
        for (Segment unlisted : before.listed()) {
            if (unlisted.number() < listed.getFirst().number() && unlisted.discontinuity()) {
                discontinuities++;
            }
        }
        snapshot =
                new Snapshot(
                        List.copyOf(listed), List.copyOf(held), discontinuities, before.firstOwn());
        dropped.forEach(old -> old.bytes().release());
    }

    /**
     * The bytes of a held segment, retained for the caller, who releases them; empty when it is not
     * held.
     */
    public Optional<ByteBuf> retain(long number) {
        for (Segment segment : snapshot.held()) {
            if (segment.number() == number) {
                return retain(segment);
            }
        }
        return Optional.empty();
    }

    private static Optional<ByteBuf> retain(Segment segment) {
        try {
            return Optional.of(segment.bytes().retainedDuplicate());
        } catch (IllegalReferenceCountException droppedMeanwhile) {
            return Optional.empty();
        }
    }

    /** Gives up every segment; what comes next has nothing to do with them. */
    public void forget() {
        Snapshot last = snapshot;
        long discontinuities = last.discontinuitySequence();
        for (Segment unlisted : last.listed()) {
            discontinuities += unlisted.discontinuity() ? 1 : 0;
        }
        snapshot = new Snapshot(List.of(), List.of(), discontinuities, 0);
        last.held().forEach(segment -> segment.bytes().release());
    }

    /** Gives up every segment. */
    @Override
    public void close() {
        Snapshot last = snapshot;
        snapshot = new Snapshot(List.of(), List.of(), last.discontinuitySequence(), 0);
        last.held().forEach(segment -> segment.bytes().release());
    }
}
