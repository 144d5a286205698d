package io.wadi.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** What a viewer must get before its first unit, and again when it goes on after a cut. */
@FunctionalInterface
public interface Preamble {
    /** Nothing: the units speak for themselves, as MPEG-TS does. */
    Preamble NONE = (pts, dts, again) -> Unpooled.EMPTY_BUFFER;

    /**
     * Called on the viewer's event loop.
     *
     * @param pts of the random access unit that follows, as the ring has it
     * @param dts of the random access unit that follows, as the ring has it
     * @param again false for the first time, true after a cut
     * @return bytes to write before it, owned by the caller of this method; null when this viewer
     *     gets none of it, for who knows why has closed the connection
     */
    ByteBuf before(long pts, long dts, boolean again);
}
