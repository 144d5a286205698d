package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;
import io.wadi.ring.UnitWriter;
import io.wadi.ts.Pts33;
import io.wadi.ts.TsUnitCutter;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Feeds a transport stream as a source does: cut into units, each copied once into slabs. */
public final class TsFeed implements AutoCloseable {
    private static final int READ = 1316;
    private static final int PACKET = 188;
    private static final int STEP_MS = 10;

    private final UnitWriter writer = new UnitWriter();
    private final TsUnitCutter cutter = new TsUnitCutter(this::onRun);
    private final UnitSink sink;
    private boolean fresh = true;

    public TsFeed(UnitSink sink) {
        this.sink = sink;
    }

    /** Feeds everything at once. */
    public void feed(byte[] ts) {
        for (int at = 0; at < ts.length; at += READ) {
            feed(ts, at, Math.min(READ, ts.length - at));
        }
        cutter.flush();
    }

    public void feed(byte[] ts, int offset, int length) {
        ByteBuf read = Unpooled.copiedBuffer(ts, offset, length);
        cutter.push(read, 0, length);
    }

    /** Feeds the bytes from {@code offset} on evenly over a time, on a thread of its own. */
    public Future<?> pace(byte[] ts, int offset, Duration time) {
        long steps = time.toMillis() / STEP_MS;
        int step = (int) ((ts.length - offset) / steps / PACKET + 1) * PACKET;
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        CompletableFuture<Void> done = new CompletableFuture<>();
        AtomicInteger next = new AtomicInteger(offset);
        clock.scheduleAtFixedRate(
                () -> {
                    int at = next.getAndAdd(step);
                    if (at < ts.length) {
                        feed(ts, at, Math.min(step, ts.length - at));
                    } else {
                        cutter.flush();
                        clock.shutdown();
                        done.complete(null);
                    }
                },
                0,
                STEP_MS,
                TimeUnit.MILLISECONDS);
        return done;
    }

    /** What is fed next comes from a publisher that connected anew. */
    public void reconnect() {
        cutter.flush();
        cutter.reset();
        fresh = true;
    }

    private void onRun(
            ByteBuf buf,
            int offset,
            int length,
            long pts,
            long dts,
            boolean randomAccess,
            boolean video) {
        ByteBuf room = writer.begin(length);
        room.writeBytes(buf, offset, length);
        int flags = (randomAccess ? Unit.RANDOM_ACCESS : 0) | (video ? Unit.VIDEO : 0);
        if (fresh) {
            fresh = false;
            flags |= Unit.NEW_SOURCE;
        }
        boolean timed = pts != Pts33.NO_TIME;
        writer.end(
                timed ? pts : Unit.NO_TIME,
                timed ? dts : Unit.NO_TIME,
                System.nanoTime(),
                flags,
                sink);
    }

    @Override
    public void close() {
        writer.close();
    }
}
