package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.codec.Vp9;
import io.wadi.ts.TsTrack;

/** VP9: frames say everything themselves. */
final class Vp9Track extends ElementaryTrack {
    Vp9Track(int pid, AccessUnits out) {
        super(pid, "", out);
    }

    @Override
    public void configure(ByteBuf config) {
        declare();
    }

    @Override
    TsTrack describe(int pid, String language) {
        return TsTrack.of(pid, CodecId.VP9, language);
    }

    @Override
    public void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload) {
        out().onAccessUnit(
                        track(),
                        pts,
                        dts,
                        Vp9.isRandomAccess(payload),
                        Unpooled.EMPTY_BUFFER,
                        payload);
    }
}
