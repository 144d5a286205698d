package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.codec.MpegAudio;
import io.wadi.ts.TsTrack;

/** MP3, AC-3 and E-AC-3: frames with a header of their own. MP3 tags may hold several. */
final class SyncFrameTrack extends ElementaryTrack {
    private static final long TICKS_PER_SECOND = 90_000;

    private final CodecId codec;

    SyncFrameTrack(CodecId codec, int pid, String language, AccessUnits out) {
        super(pid, language, out);
        this.codec = codec;
    }

    @Override
    public void configure(ByteBuf config) {
        declare();
    }

    @Override
    TsTrack describe(int pid, String language) {
        return TsTrack.of(pid, codec, language);
    }

    @Override
    public void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload)
            throws MalformedException {
        if (codec == CodecId.MP3) {
            mp3(pts, payload);
        } else {
            out().onAccessUnit(track(), pts, dts, true, Unpooled.EMPTY_BUFFER, payload);
        }
    }

    private void mp3(long start, ByteBuf payload) throws MalformedException {
        int index = payload.readerIndex();
        int end = payload.writerIndex();
        long time = start;
        while (index < end) {
            if (!MpegAudio.isFrame(payload, index, end)) {
                throw new MalformedException("MP3 frame", "no frame header", "0xFFE and on");
            }
            int length = MpegAudio.frameLength(payload, index);
            int next = length == 0 || length > end - index ? end : index + length;
            long duration =
                    TICKS_PER_SECOND
                            * MpegAudio.samples(payload, index)
                            / MpegAudio.sampleRate(payload, index);
            payload.setIndex(index, next);
            out().onAccessUnit(track(), time, time, true, Unpooled.EMPTY_BUFFER, payload);
            payload.setIndex(next, end);
            index = next;
            time += duration;
        }
    }
}
