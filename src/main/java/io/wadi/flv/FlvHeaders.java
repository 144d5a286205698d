package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.amf.Amf0;
import io.wadi.amf.AmfValue;
import io.wadi.codec.MalformedException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a player must have got before the tags of a stream mean something to it. The bodies are on
 * the heap, so that nobody has to release them; their indices are left alone.
 *
 * @param metadata body of the onMetaData tag, empty when there is none
 * @param video body of the video sequence header, empty when there is none
 * @param audio body of the audio sequence header, empty when there is none
 */
public record FlvHeaders(ByteBuf metadata, ByteBuf video, ByteBuf audio) {
    /** A legacy codec number is one nibble; anything above is a FourCC read as a number. */
    private static final int MAX_LEGACY_ID = 15;

    public static final FlvHeaders NONE =
            new FlvHeaders(Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER);

    /** These with one of them replaced by a copy of {@code body}, which is borrowed. */
    FlvHeaders with(int type, ByteBuf body) {
        ByteBuf copy = Unpooled.wrappedBuffer(ByteBufUtil.getBytes(body));
        return switch (type) {
            case FlvTags.SCRIPT -> new FlvHeaders(copy, video, audio);
            case FlvTags.VIDEO -> new FlvHeaders(metadata, copy, audio);
            case FlvTags.AUDIO -> new FlvHeaders(metadata, video, copy);
            default -> throw new IllegalArgumentException("FLV tag type " + type);
        };
    }

    /** Those of these that differ from what somebody has got already. */
    public FlvHeaders beyond(FlvHeaders got) {
        return new FlvHeaders(
                beyond(metadata, got.metadata), beyond(video, got.video), beyond(audio, got.audio));
    }

    private static ByteBuf beyond(ByteBuf body, ByteBuf got) {
        return body.equals(got) ? Unpooled.EMPTY_BUFFER : body;
    }

    /**
     * The FourCCs of the codecs that have no legacy tags, and so can be played with Enhanced RTMP
     * only. They are read from the metadata, since AC-3 has no sequence header.
     */
    public List<String> enhancedCodecs() {
        List<String> fourCcs = new ArrayList<>();
        try {
            for (AmfValue value : Amf0.readAll(metadata.duplicate())) {
                for (String key : List.of("videocodecid", "audiocodecid")) {
                    double id = value.get(key).map(codec -> codec.number(0)).orElse(0.0);
                    if (id > MAX_LEGACY_ID) {
                        fourCcs.add(fourCc((int) (long) id));
                    }
                }
            }
        } catch (MalformedException e) {
            throw new IllegalStateException("metadata that FlvMuxer has written", e);
        }
        return fourCcs;
    }

    private static String fourCc(int code) {
        byte[] letters = {
            (byte) (code >>> 24), (byte) (code >>> 16), (byte) (code >>> 8), (byte) code
        };
        return new String(letters, StandardCharsets.US_ASCII);
    }
}
