package io.wadi.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.wadi.ts.TsMuxer;
import io.wadi.ts.TsTrack;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns access units in elementary form into units: one each, multiplexed once, straight into ring
 * memory. For every frame-based source (RTMP, RTSP, WebRTC, MP4, FLV). It outlives sources, so that
 * PMT versions and continuity counters go on. One thread at a time.
 *
 * <ol>
 *   <li>{@link #startSource} for each publisher or connection
 *   <li>{@link #track} as soon as a track is known, and when it changes
 *   <li>{@link #write} for each access unit, in the order in which they came
 * </ol>
 *
 * <p>A source's first access units are held back until an audio and a video track are known, so
 * that the first PMT names both, but for no more than {@link #MAX_HOLD} of media time: video does
 * not wait for audio that may never come. Tracks that appear later get a new PMT version.
 */
public final class AccessUnitWriter implements AutoCloseable {
    /** 300 ms, 90 kHz. */
    public static final long MAX_HOLD = 27_000;

    /** 300 ms at 100 Mbit/s: more is let through early. */
    private static final int MAX_HELD_BYTES = 4 * 1024 * 1024;

    private static final int MAX_HELD_UNITS = 256;

    private record Held(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            long arrivalNanos,
            ByteBuf bytes) {}

    private final UnitWriter units;
    private final UnitSink sink;
    private final TsMuxer muxer = new TsMuxer();
    private final List<TsTrack> tracks = new ArrayList<>();
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private int heldBytes;
    private boolean holding = true;
    private boolean expectAudio = true;
    private boolean expectVideo = true;
    private boolean newSource = true;
    private long droppedUnits;

    /**
     * @param units owned: closed with this
     */
    public AccessUnitWriter(UnitWriter units, UnitSink sink) {
        this.units = units;
        this.sink = sink;
    }

    /** What follows is of another source: its tracks and its times are new. */
    public void startSource() {
        flush();
        tracks.clear();
        holding = true;
        expectAudio = true;
        expectVideo = true;
        newSource = true;
    }

    /** The source is over; what was held back goes out. */
    public void endSource(String reason) {
        flush();
        sink.ended(reason);
    }

    /** The source broke; what was held back goes out. */
    public void failSource(String reason) {
        flush();
        sink.failed(reason);
    }

    /** The source said which kinds of tracks it has: nothing is held for one that never comes. */
    public void expect(boolean audio, boolean video) {
        expectAudio = audio;
        expectVideo = video;
        releaseWhenComplete();
    }

    /** Adds a track, or replaces the one with its PID. */
    public void track(TsTrack track) {
        for (int i = 0; i < tracks.size(); i++) {
            if (tracks.get(i).pid() == track.pid()) {
                replace(i, track);
                return;
            }
        }
        tracks.add(track);
        declare();
        releaseWhenComplete();
    }

    private void replace(int index, TsTrack track) {
        if (!tracks.get(index).equals(track)) {
            flush();
            tracks.set(index, track);
            declare();
        }
    }

    private void declare() {
        if (!holding) {
            muxer.tracks(List.copyOf(tracks));
        }
    }

    private void releaseWhenComplete() {
        boolean audio = !expectAudio || tracks.stream().anyMatch(TsTrack::isAudio);
        boolean video = !expectVideo || tracks.stream().anyMatch(TsTrack::isVideo);
        if (holding && audio && video && !tracks.isEmpty()) {
            flush();
        }
    }

    /**
     * Writes one access unit as one unit.
     *
     * @param track as last given to {@link #track}
     * @param pts 90 kHz ticks, not wrapped
     * @param dts 90 kHz ticks, not wrapped, not after {@code pts}
     * @param randomAccess whether decoding can start here
     * @param prefix in front of the payload, may be empty; borrowed, indices left alone
     * @param payload the access unit in elementary form; borrowed, indices left alone
     */
    public void write(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            long arrivalNanos,
            ByteBuf prefix,
            ByteBuf payload) {
        if (holding && !hold(track, pts, dts, randomAccess, arrivalNanos, prefix, payload)) {
            flush();
        }
        if (!holding) {
            mux(track, pts, dts, randomAccess, arrivalNanos, prefix, payload);
        }
    }

    private boolean hold(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            long arrivalNanos,
            ByteBuf prefix,
            ByteBuf payload) {
        int size = prefix.readableBytes() + payload.readableBytes();
        if (heldBytes + size > MAX_HELD_BYTES
                || held.size() >= MAX_HELD_UNITS
                || (!held.isEmpty() && dts - held.getFirst().dts() >= MAX_HOLD)) {
            return false;
        }
        ByteBuf copy = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
        copy.writeBytes(prefix, prefix.readerIndex(), prefix.readableBytes());
        copy.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        held.add(new Held(track, pts, dts, randomAccess, arrivalNanos, copy));
        heldBytes += size;
        return true;
    }

    /** Ends the hold: what waited goes out with the tracks that are known now. */
    private void flush() {
        if (!holding) {
            return;
        }
        holding = false;
        if (!tracks.isEmpty()) {
            muxer.tracks(List.copyOf(tracks));
        }
        heldBytes = 0;
        for (Held unit = held.poll(); unit != null; unit = held.poll()) {
            try {
                mux(
                        unit.track(),
                        unit.pts(),
                        unit.dts(),
                        unit.randomAccess(),
                        unit.arrivalNanos(),
                        Unpooled.EMPTY_BUFFER,
                        unit.bytes());
            } finally {
                unit.bytes().release();
            }
        }
    }

    private void mux(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            long arrivalNanos,
            ByteBuf prefix,
            ByteBuf payload) {
        int size = muxer.maxSize(prefix.readableBytes() + payload.readableBytes(), dts);
        ByteBuf out = size > MediaMemory.MAX_UNIT_BYTES ? null : units.begin(size);
        if (out == null) {
            droppedUnits++;
            return;
        }
        boolean join = muxer.write(track, pts, dts, randomAccess, prefix, payload, out);
        int flags = Unit.ACCESS_UNIT;
        flags |= track.isVideo() ? Unit.VIDEO : 0;
        flags |= join ? Unit.RANDOM_ACCESS : 0;
        flags |= newSource ? Unit.NEW_SOURCE : 0;
        newSource = false;
        units.end(pts, dts, arrivalNanos, flags, sink);
    }

    /** Access units that found no memory or were too large. */
    public long droppedUnits() {
        return droppedUnits;
    }

    /** Gives all memory back; what is still held is dropped. */
    @Override
    public void close() {
        held.forEach(unit -> unit.bytes().release());
        held.clear();
        units.close();
    }
}
