package io.wadi.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * What a player must have got before the tags of a stream mean something to it. The bodies are on
 * the heap, so that nobody has to release them; their indices are left alone.
 *
 * @param metadata body of the onMetaData tag, empty when there is none
 * @param video body of the video sequence header, empty when there is none
 * @param audio body of the audio sequence header, empty when there is none
 */
public record FlvHeaders(ByteBuf metadata, ByteBuf video, ByteBuf audio) {
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

    /** Whether a player has to know Enhanced RTMP: the first bits of an enhanced tag. */
    public boolean isEnhanced() {
        boolean enhancedVideo = video.isReadable() && (video.getByte(0) & 0x80) != 0;
        boolean enhancedAudio = audio.isReadable() && (audio.getByte(0) & 0xF0) == 0x90;
        return enhancedVideo || enhancedAudio;
    }
}
