package io.wadi.matroska;

import io.wadi.codec.TrackFormat;

/**
 * A track as the header announces it.
 *
 * @param number TrackNumber, 1 to {@link #MAX_NUMBER}
 * @param language ISO 639-2 code, "" when it is not known
 */
public record MatroskaTrack(int number, TrackFormat format, String language) {
    /** What a block's track number of one byte can say (RFC 9559 §10.1). */
    public static final int MAX_NUMBER = 126;

    public MatroskaTrack {
        if (number < 1 || number > MAX_NUMBER) {
            throw new IllegalArgumentException(
                    "TrackNumber " + number + ", expected 1 to " + MAX_NUMBER);
        }
    }
}
