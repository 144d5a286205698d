package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.Av1;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.ts.TsTrack;

/** AV1: temporal units as they are; a key frame without a sequence header gets that of av1C. */
final class Av1Track extends ElementaryTrack {
    /** marker(1) version(7) and three bytes of profile, level, format; then configOBUs. */
    private static final int AV1C_HEADER = 4;

    private static final int MAX_CONFIG = 64 * 1024;

    private ByteBuf configObus = Unpooled.EMPTY_BUFFER;

    Av1Track(int pid, AccessUnits out) {
        super(pid, "", out);
    }

    @Override
    public void configure(ByteBuf config) throws MalformedException {
        int length = config.readableBytes();
        if (length < AV1C_HEADER || length > MAX_CONFIG) {
            throw new MalformedException(
                    "av1C", length + " bytes", AV1C_HEADER + " to " + MAX_CONFIG + " bytes");
        }
        configObus =
                Unpooled.copiedBuffer(
                        config.slice(config.readerIndex() + AV1C_HEADER, length - AV1C_HEADER));
        declare();
    }

    @Override
    TsTrack describe(int pid, String language) {
        return TsTrack.of(pid, CodecId.AV1, language);
    }

    @Override
    public void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload) {
        int start = payload.readerIndex();
        payload.readerIndex(Av1.afterTemporalDelimiter(payload));
        boolean complete = Av1.isRandomAccess(payload);
        boolean completed = !complete && keyFrame && configObus.isReadable();
        if (payload.isReadable()) {
            out().onAccessUnit(
                            track(),
                            pts,
                            dts,
                            complete || completed,
                            completed ? configObus : Unpooled.EMPTY_BUFFER,
                            payload);
        }
        payload.readerIndex(start);
    }
}
