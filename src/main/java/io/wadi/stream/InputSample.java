package io.wadi.stream;

import io.wadi.ring.RingInput;

/**
 * What is to be seen of an input at one moment.
 *
 * @param units all that ever came
 * @param lastUnitNanos when the newest came; meaningless when none did
 * @param sources publishers, connections or files that have fed it
 * @param pictures of the source that feeds it now
 * @param lastPictureNanos when the newest came; meaningless when none did
 * @param mediaTicks the newest decoding time, 90 kHz, as the source has it
 * @param lostPackets all that were ever missed, by their continuity counters
 * @param failed whether what is gone broke rather than ended
 * @param gone why nothing comes any more, or empty
 */
record InputSample(
        long units,
        long lastUnitNanos,
        int sources,
        long pictures,
        long lastPictureNanos,
        long mediaTicks,
        long lostPackets,
        boolean failed,
        String gone) {
    static final InputSample NOTHING = new InputSample(0, 0, 0, 0, 0, 0, 0, false, "");

    static InputSample of(RingInput input) {
        var gone = input.gone();
        return new InputSample(
                input.stats().units(),
                input.stats().lastArrivalNanos(),
                input.sources(),
                input.pictures(),
                input.lastPictureNanos(),
                input.mediaTicks(),
                input.packets().lostPackets(),
                gone.map(RingInput.Gone::failed).orElse(false),
                gone.map(RingInput.Gone::reason).orElse(""));
    }
}
