package io.wadi.ffmpeg;

import io.wadi.ring.Ring;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

/**
 * The ring {@code code/track_best}, which viewers without a choice follow: the units of the largest
 * rendition that is made of the source as it is now. Which one that is changes without them
 * noticing more than another size.
 */
final class BestRendition implements AutoCloseable {
    private static final String NAME = "/track_best";

    private final Rings rings;
    private final String id;
    private final RingEntry entry;
    private Follower follower;

    BestRendition(Rings rings, String stream) {
        this.rings = rings;
        this.id = stream + NAME;
        this.entry = rings.acquire(id);
    }

    /** Goes over to another rendition, at its next random access point. */
    synchronized void follow(RingEntry rendition) {
        Ring best = rendition.ring();
        if (follower != null && follower.source.id().equals(best.id())) {
            return;
        }
        leave();
        follower = new Follower(best);
        best.addSink(follower);
    }

    synchronized void leave() {
        if (follower != null) {
            follower.source.removeSink(follower);
            follower = null;
        }
    }

    @Override
    public void close() {
        leave();
        rings.release(id);
    }

    /** Called by the writer of a rendition. */
    private final class Follower implements UnitSink {
        private final Ring source;
        private boolean open;

        Follower(Ring source) {
            this.source = source;
        }

        @Override
        public void onUnit(Unit unit) {
            long newest = entry.newestRenditionDts();
            boolean joins = !open;
            open = open || admits(unit, newest);
            if (open) {
                entry.onShared(unit, joins && newest != Unit.NO_TIME);
            }
        }

        /** Time does not go back for those who watched another rendition until now. */
        private static boolean admits(Unit unit, long newest) {
            return unit.isRandomAccess()
                    && (newest == Unit.NO_TIME
                            || (unit.dts() != Unit.NO_TIME && unit.dts() > newest));
        }

        @Override
        public void forget() {
            open = false;
            entry.ring().clear();
        }

        @Override
        public long idleNanos() {
            return entry.ring().idleNanos();
        }

        @Override
        public String toString() {
            return id;
        }
    }
}
