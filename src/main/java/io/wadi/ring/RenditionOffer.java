package io.wadi.ring;

import java.util.List;

/**
 * What the maker of a rendition says of it, so that whoever lists renditions knows those that carry
 * nothing at the moment.
 *
 * @param reason why it is left out, for a person; empty else
 * @param width 0 without pictures
 * @param height 0 without pictures
 * @param frameRate 0 when the source does not say
 * @param averageBps video and sound as they are to be
 * @param peakBps the same at most
 * @param codecs RFC 6381, as they are to be
 * @param sound whether it has any
 */
public record RenditionOffer(
        State state,
        String reason,
        int width,
        int height,
        double frameRate,
        long averageBps,
        long peakBps,
        List<String> codecs,
        boolean sound) {
    /**
     * How far before now a rendition that is woken starts, 90 kHz ticks. Who asks for a playlist or
     * a segment stands three segments behind the source, and an encoder needs a moment to start.
     */
    public static final long WAKES_BACK_TICKS = 8 * 90_000;

    /**
     * The same at most, where somebody asks for what was then. More would take an encoder long to
     * catch up with.
     */
    public static final long WAKES_BACK_MAX_TICKS = 16 * 90_000;

    /** Whether it is made. */
    public enum State {
        /** All the time. */
        ALWAYS,
        /** While somebody takes it. */
        ON_DEMAND,
        /** Not of this source. */
        LEFT_OUT
    }

    public RenditionOffer {
        codecs = List.copyOf(codecs);
    }

    public boolean isLeftOut() {
        return state == State.LEFT_OUT;
    }

    public boolean isOnDemand() {
        return state == State.ON_DEMAND;
    }
}
