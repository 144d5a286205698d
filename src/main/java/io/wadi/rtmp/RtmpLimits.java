package io.wadi.rtmp;

import java.time.Duration;

/**
 * What a listener lets its peers do.
 *
 * @param handshake from the first byte to the end of the handshake
 * @param publish from the end of the handshake to publishing
 * @param idle a publisher that sends nothing for so long is closed
 * @param grace a publisher whose consumer stopped is kept for so long
 * @param connectionsPerAddress open connections from one address
 */
record RtmpLimits(
        Duration handshake,
        Duration publish,
        Duration idle,
        Duration grace,
        int connectionsPerAddress) {
    /** 3 KiB each way; who needs longer is not about to send video. */
    static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /** Five round trips, with an operator's hand between them at most. */
    static final Duration PUBLISH = Duration.ofSeconds(30);

    RtmpLimits {
        if (connectionsPerAddress < 1) {
            throw new IllegalArgumentException(
                    "rtmp: maxConnectionsPerAddress "
                            + connectionsPerAddress
                            + ", expected 1 or more");
        }
        if (idle.isNegative() || idle.isZero() || grace.isNegative()) {
            throw new IllegalArgumentException(
                    "rtmp: idleTimeout "
                            + idle
                            + " and gracePeriod "
                            + grace
                            + ", expected more than 0 and 0 or more");
        }
    }
}
