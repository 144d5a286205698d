package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.Aac;
import io.wadi.codec.AudioSpecificConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.MalformedException;
import io.wadi.ts.TsTrack;

/** AAC: each raw access unit gets an ADTS header in front. */
final class AacTrack extends ElementaryTrack {
    private final ByteBuf header = Unpooled.buffer(64);
    private AudioSpecificConfig config;

    AacTrack(int pid, String language, AccessUnits out) {
        super(pid, language, out);
    }

    @Override
    public void configure(ByteBuf bytes) throws MalformedException {
        AudioSpecificConfig parsed = AudioSpecificConfig.parse(bytes);
        if (!parsed.fitsAdts()) {
            config = null;
            out().onUnsupported(
                            "AAC that ADTS cannot carry ("
                                    + parsed.codecString()
                                    + "), expected AAC-LC or HE-AAC");
            return;
        }
        config = parsed;
        declare();
    }

    @Override
    TsTrack describe(int pid, String language) {
        return TsTrack.of(pid, CodecId.AAC, language);
    }

    @Override
    public void accessUnit(long pts, long dts, boolean keyFrame, ByteBuf payload)
            throws MalformedException {
        int index = payload.readerIndex();
        int length = payload.readableBytes();
        if (length > Aac.ADTS_HEADER_SIZE
                && Aac.isAdts(payload, index, payload.writerIndex())
                && Aac.frameLength(payload, index) == length) {
            // Some hardware puts ADTS into FLV, against Annex E.4.2.2.
            out().onAccessUnit(track(), pts, dts, true, Unpooled.EMPTY_BUFFER, payload);
        } else if (config != null) {
            header.clear();
            config.writeAdtsHeader(header, length);
            out().onAccessUnit(track(), pts, dts, true, header, payload);
        }
    }
}
