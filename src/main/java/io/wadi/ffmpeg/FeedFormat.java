package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Unit;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** The form in which one process gets what there is to encode. One thread; one life. */
sealed interface FeedFormat extends AutoCloseable permits PacketFeed, MatroskaFeed {
    /** What FFmpeg can read of this source. */
    static FeedFormat of(SourceTracks source) {
        return source.isFedAsMatroska() ? new MatroskaFeed(source) : new PacketFeed();
    }

    /** The first picture will have this presentation time, 90 kHz ticks, unwrapped. */
    void start(long firstPts);

    /** Takes tables that came alone, before the first unit. Borrows, absolute indices. */
    void tables(ByteBuf packets, WritableByteChannel process) throws IOException;

    /** Takes the next unit; borrows it. */
    void write(Unit unit, WritableByteChannel process) throws IOException;

    /** Gives memory back. */
    @Override
    void close();
}
