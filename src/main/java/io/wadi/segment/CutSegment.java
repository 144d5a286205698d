package io.wadi.segment;

import io.netty.buffer.ByteBuf;

/**
 * A segment as it was cut, before it has a number.
 *
 * @param startTicks decoding time of its first access unit, 90 kHz
 * @param durationTicks how much media it holds, 90 kHz
 * @param discontinuity whether media time or the program changed just before it
 * @param independent whether it starts with a random access point
 * @param pictures video access units in it, 0 when its units are not single access units
 * @param bytes owned by whoever takes the segment
 */
public record CutSegment(
        long startTicks,
        long durationTicks,
        boolean discontinuity,
        boolean independent,
        int pictures,
        ByteBuf bytes) {}
