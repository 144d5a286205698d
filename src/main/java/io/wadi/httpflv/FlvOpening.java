package io.wadi.httpflv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.fanout.Preamble;
import io.wadi.flv.FlvHeaders;
import io.wadi.flv.FlvTags;

import java.util.function.LongFunction;

/** What one viewer gets before its first tag, and what it lacks when it goes on after a cut. */
final class FlvOpening implements Preamble {
    private final LongFunction<FlvHeaders> headersAt;
    private FlvHeaders got = FlvHeaders.NONE;

    /**
     * @param headersAt what must have been sent before the tag of a time
     */
    FlvOpening(LongFunction<FlvHeaders> headersAt) {
        this.headersAt = headersAt;
    }

    @Override
    public ByteBuf before(long pts, long dts, boolean again) {
        FlvHeaders now = headersAt.apply(dts);
        FlvHeaders news = now.beyond(got);
        got = now;
        ByteBuf bytes = Unpooled.buffer(FlvTags.FILE_HEADER_SIZE + FlvPackager.size(news));
        if (!again) {
            FlvTags.writeFileHeader(now.audio().isReadable(), now.video().isReadable(), bytes);
        }
        FlvPackager.write(news, dts, bytes);
        return bytes;
    }
}
