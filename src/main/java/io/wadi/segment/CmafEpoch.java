package io.wadi.segment;

import io.wadi.codec.TrackFormat;

/**
 * A run of segments of one track without a change of format or a break in media time: what becomes
 * one Period in DASH, what lies between two discontinuities in HLS.
 *
 * @param startTicks where media time starts for all tracks of the packager, 90 kHz; identifies the
 *     epoch
 * @param firstNumber number of the track's first segment in it
 * @param initVersion version of the init segment that its segments need, from 1
 */
public record CmafEpoch(long startTicks, long firstNumber, int initVersion, TrackFormat format) {}
