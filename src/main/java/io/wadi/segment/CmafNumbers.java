package io.wadi.segment;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The segment numbers of a packager's tracks. Each track counts for itself; what is kept over a
 * restart is a number that none of them has reached, from where all of them go on. Opened and
 * closed by whoever may wait for the disk, used by one thread.
 */
final class CmafNumbers implements AutoCloseable {
    /**
     * Where a packager stands: what follows it has no name in common with it.
     *
     * @param segment above the number of every segment
     * @param initVersions init segments of a track so far, at most
     * @param discontinuities of a track so far, at most
     */
    record Position(long segment, int initVersions, long discontinuities) {
        static final Position ZERO = new Position(0, 0, 0);

        Position orLater(Position other) {
            return new Position(
                    Math.max(segment, other.segment),
                    Math.max(initVersions, other.initVersions),
                    Math.max(discontinuities, other.discontinuities));
        }
    }

    private final SegmentNumbers kept;
    private final Position start;
    private long issued;

    private CmafNumbers(SegmentNumbers kept, Position after) {
        this.kept = kept;
        this.issued = kept.next(false);
        this.start = new Position(issued, after.initVersions(), after.discontinuities());
    }

    /**
     * @param after where the packagers stand that this one follows
     */
    static CmafNumbers open(String ringId, CmafOptions options, Position after) {
        try {
            return new CmafNumbers(
                    SegmentNumbers.open(
                            options.stateDir().orElse(null),
                            ringId + ".cmaf",
                            new SegmentNumbers.State(after.segment(), 0)),
                    after);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "segment numbers of ring " + ringId + " in " + options.stateDir(), e);
        }
    }

    /** Where each track starts. */
    Position start() {
        return start;
    }

    /** A segment got this number. Does not block. */
    void used(long number) {
        while (issued < number) {
            issued = kept.next(false);
        }
    }

    @Override
    public void close() {
        kept.close();
    }
}
