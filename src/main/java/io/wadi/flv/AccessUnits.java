package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.wadi.ts.TsTrack;

/** Takes what {@link FlvDemuxer} finds. Called in the order of the tags. */
public interface AccessUnits {
    /** A track is new, or carries something else from now on (same PID then). */
    void onTrack(TsTrack track);

    /**
     * One access unit in elementary form.
     *
     * @param track as last given to {@link #onTrack}
     * @param pts 90 kHz ticks, not wrapped
     * @param dts 90 kHz ticks, not wrapped, not after {@code pts}
     * @param randomAccess whether decoding can start here
     * @param prefix bytes in front of the payload, may be empty; borrowed, not to be written to
     * @param payload the readable bytes; borrowed for the call
     */
    void onAccessUnit(
            TsTrack track,
            long pts,
            long dts,
            boolean randomAccess,
            ByteBuf prefix,
            ByteBuf payload);

    /** A track that cannot be carried, told once; its packets are dropped from here on. */
    void onUnsupported(String what);
}
