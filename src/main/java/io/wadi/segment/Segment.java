package io.wadi.segment;

import io.netty.buffer.ByteBuf;

import java.time.Instant;

/**
 * One finished media segment. The window that made it owns one reference on {@code bytes} and gives
 * it up when the segment is dropped; who serves it takes a reference of its own through {@link
 * SegmentWindow#retain}.
 *
 * @param number media sequence number, never used twice, also across restarts of the process
 * @param startTicks decoding time of its first access unit on the stream's timeline, 90 kHz
 * @param durationTicks until the start of the next segment, 90 kHz
 * @param discontinuity whether media time or format changed just before it
 * @param wallClock when its first picture was captured, as far as the stream's timeline knows
 * @param bytes the whole segment, usually a composite of slab slices; read by absolute index only
 */
public record Segment(
        long number,
        long startTicks,
        long durationTicks,
        boolean discontinuity,
        Instant wallClock,
        ByteBuf bytes) {
    public static final int TICKS_PER_SECOND = 90_000;

    public double durationSeconds() {
        return (double) durationTicks / TICKS_PER_SECOND;
    }

    public int sizeBytes() {
        return bytes.readableBytes();
    }

    public long endTicks() {
        return startTicks + durationTicks;
    }
}
