package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.MalformedException;
import io.wadi.codec.Opus;
import io.wadi.ts.TsTrack;

/** Opus: bare packets; the identification header says how many channels. */
final class OpusTrack extends ElementaryTrack {
    private static final int MAX_CHANNELS = 8;
    private static final int MAX_HEAD = 512;

    private int channels = 2;

    OpusTrack(int pid, String language, AccessUnits out) {
        super(pid, language, out);
    }

    @Override
    public void configure(ByteBuf head) throws MalformedException {
        if (head.readableBytes() > MAX_HEAD) {
            throw new MalformedException(
                    "OpusHead", head.readableBytes() + " bytes", "at most " + MAX_HEAD);
        }
        int declared = Opus.format(CodecConfig.copyOf(head)).channels();
        if (declared > MAX_CHANNELS) {
            throw new MalformedException("Opus channels", declared, "1 to " + MAX_CHANNELS);
        }
        channels = declared;
        declare();
    }

    @Override
    TsTrack describe(int pid, String language) {
        return TsTrack.opus(pid, channels, language);
    }

    @Override
    public void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload) {
        out().onAccessUnit(track(), pts, dts, true, Unpooled.EMPTY_BUFFER, payload);
    }
}
