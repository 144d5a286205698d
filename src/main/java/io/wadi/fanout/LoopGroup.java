package io.wadi.fanout;

import io.netty.channel.EventLoop;
import io.wadi.ring.Ring;
import io.wadi.ring.RingReader;
import io.wadi.ring.Unit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The viewers of one ring on one event loop. All of them stand at the same place in the ring, so
 * that what is new is read once and written to each; who cannot take it waits for a random access
 * unit. Runs on the event loop only.
 */
final class LoopGroup {
    /** What is written in one turn before the loop sees to its other work. */
    private static final int MAX_BATCH_BYTES = 1024 * 1024;

    private final FanOut fanOut;
    private final Ring ring;
    private final EventLoop loop;
    private final RingReader reader;
    private final List<Viewer> viewers = new ArrayList<>();
    private final Batch batch = new Batch();
    private final Batch catchUp = new Batch();
    private final Runnable send = this::send;
    private boolean scheduled;

    /** Of what is scheduled; null when it runs next. */
    private Future<?> timer;

    private boolean closed;

    LoopGroup(FanOut fanOut, Ring ring, EventLoop loop) {
        this.fanOut = fanOut;
        this.ring = ring;
        this.loop = loop;
        this.reader = ring.openReader(() -> loop.execute(this::gather));
    }

    /**
     * Takes a viewer in and writes what it needs to stand where the others do.
     *
     * @return false when this group has closed meanwhile
     */
    boolean add(Viewer viewer) {
        if (closed) {
            return false;
        }
        viewers.add(viewer);
        bringUp(viewer);
        // Its first picture is there, but not written to anybody: once in a group of pictures.
        boolean waits = scheduled && viewer.isNew() && viewer.since() >= reader.position();
        if (!scheduled || (waits && timer != null && timer.cancel(false))) {
            sendAfter(0);
        }
        return true;
    }

    void remove(Viewer viewer) {
        viewers.remove(viewer);
        if (viewers.isEmpty() && !closed) {
            closed = true;
            reader.close();
            fanOut.forget(loop, this);
        }
    }

    /** Writes from where the viewer may begin up to where this group stands. */
    private void bringUp(Viewer viewer) {
        try (RingReader past = ring.openReader(() -> {}, viewer.since())) {
            long expected = past.position();
            while (past.position() < reader.position()) {
                Unit unit = past.poll();
                if (unit == null || unit.sequence() != expected) {
                    return;
                }
                catchUp.add(unit);
                expected++;
            }
            int entry = catchUp.entryFrom(viewer.since());
            if (expected == reader.position() && entry >= 0) {
                write(viewer, catchUp, entry);
            }
        } finally {
            catchUp.clear();
        }
    }

    /** Units have come: lets more of them come before they are written. */
    private void gather() {
        if (closed || scheduled) {
            return;
        }
        if (latencyNanos() == 0) {
            send();
        } else {
            sendAfter(latencyNanos());
        }
    }

    private long latencyNanos() {
        return fanOut.options().sendLatency().toNanos();
    }

    private void sendAfter(long nanos) {
        scheduled = true;
        if (nanos == 0) {
            timer = null;
            loop.execute(send);
        } else {
            timer = loop.schedule(send, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void send() {
        scheduled = false;
        if (closed) {
            return;
        }
        boolean more = fill();
        deliver();
        if (closed) {
            // The last viewer left while it was written to: let go of the unit read last.
            reader.close();
            return;
        }
        if (more) {
            sendAfter(0);
        } else if (!reader.arm()) {
            // They came while this was written: as those that come later, they are gathered.
            sendAfter(latencyNanos());
        }
    }

    /**
     * Reads what is new; a loss ends the batch, since the viewers must wait for the random access
     * unit that follows it.
     *
     * @return whether there is more to read
     */
    private boolean fill() {
        long expected = reader.position();
        while (batch.bytes() < MAX_BATCH_BYTES) {
            Unit unit = reader.poll();
            if (unit == null) {
                return false;
            }
            if (unit.sequence() != expected) {
                deliver();
                cutAll();
                expected = unit.sequence();
            }
            batch.add(unit);
            expected++;
        }
        return true;
    }

    private void cutAll() {
        long now = System.nanoTime();
        for (Viewer viewer : viewers) {
            if (!viewer.isBehind()) {
                viewer.fallBehind(now);
            }
        }
    }

    private void deliver() {
        if (batch.isEmpty()) {
            return;
        }
        long limit = fanOut.options().maxBacklogBytes();
        // From the end: a viewer whose connection breaks may leave the list.
        for (int i = viewers.size() - 1; i >= 0 && i < viewers.size(); i--) {
            Viewer viewer = viewers.get(i);
            if (viewer.isBehind()) {
                resume(viewer, limit);
            } else if (viewer.backlogBytes() + batch.bytes() > limit) {
                viewer.fallBehind(System.nanoTime());
                viewer.skip(batch.units());
            } else {
                writeAll(viewer, batch, 0, batch.from(0));
            }
        }
        batch.clear();
    }

    private void resume(Viewer viewer, long limit) {
        // Who has just come gets all since then; who was cut back, the newest.
        int entry = viewer.isNew() ? batch.entryFrom(viewer.since()) : batch.newestEntry();
        if (entry >= 0 && viewer.backlogBytes() <= limit / 2) {
            viewer.skip(batch.entryUnit(entry));
            write(viewer, batch, entry);
            return;
        }
        viewer.skip(batch.units());
        if (viewer.isBehindLongerThan(fanOut.options().maxBehind().toNanos(), System.nanoTime())) {
            fanOut.dropped();
            viewer.drop();
        }
    }

    private static void write(Viewer viewer, Batch batch, int entry) {
        if (viewer.resume(batch.entryPts(entry), batch.entryDts(entry))) {
            writeAll(viewer, batch, batch.entryRun(entry), batch.entryOffset(entry));
        }
    }

    private static void writeAll(Viewer viewer, Batch batch, int firstRun, int firstFrom) {
        if (!viewer.write(batch, firstRun, firstFrom)) {
            viewer.disconnect();
        }
    }
}
