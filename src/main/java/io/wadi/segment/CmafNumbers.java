package io.wadi.segment;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The segment numbers of a packager's tracks. Each track counts for itself; what is kept over a
 * restart is a number that none of them has reached, from where all of them go on. Opened and
 * closed by whoever may wait for the disk, used by one thread.
 */
final class CmafNumbers implements AutoCloseable {
    private final SegmentNumbers kept;
    private final long first;
    private long issued;

    private CmafNumbers(SegmentNumbers kept) {
        this.kept = kept;
        this.first = kept.next(false);
        this.issued = first;
    }

    static CmafNumbers open(String ringId, CmafOptions options) {
        try {
            return new CmafNumbers(
                    SegmentNumbers.open(options.stateDir().orElse(null), ringId + ".cmaf"));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "segment numbers of ring " + ringId + " in " + options.stateDir(), e);
        }
    }

    /** The number of each track's first segment: above every one that was ever used. */
    long first() {
        return first;
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
