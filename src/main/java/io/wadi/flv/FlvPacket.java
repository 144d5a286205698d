package io.wadi.flv;

import io.netty.buffer.ByteBuf;

/**
 * One track's part of an audio or video tag. A flyweight over the tag's bytes, reused by {@link
 * FlvPacketReader}: valid during the call that passes it.
 */
public final class FlvPacket {
    /** What a packet carries, over all generations of tags. */
    public enum Kind {
        /** The decoder configuration record of the codec. */
        SEQUENCE_START,
        /** One access unit. */
        CODED_FRAMES,
        SEQUENCE_END,
        /** AMF0 about colours (HDR) and the like. */
        METADATA,
        /** An AV1 video descriptor as MPEG-2 TS has it, in place of a sequence start. */
        MPEG2_TS_SEQUENCE_START,
        /** The order and number of audio channels. */
        MULTICHANNEL_CONFIG,
        /** A packet type of a later specification: to be passed over. */
        UNKNOWN
    }

    boolean video;
    int trackId;
    FlvCodec codec;
    Kind kind;
    boolean keyFrame;
    int compositionTimeMs;
    int nanosOffset;
    boolean enhanced;
    ByteBuf buffer;
    int offset;
    int length;

    FlvPacket() {}

    public boolean isVideo() {
        return video;
    }

    /** 0 for tags without tracks. */
    public int trackId() {
        return trackId;
    }

    public FlvCodec codec() {
        return codec;
    }

    public Kind kind() {
        return kind;
    }

    /** FrameType 1: seekable, says the encoder. */
    public boolean isKeyFrame() {
        return keyFrame;
    }

    /** PTS minus DTS, signed. */
    public int compositionTimeMs() {
        return compositionTimeMs;
    }

    /** Nanoseconds to add to the tag's timestamp (ModEx TimestampOffsetNano), 0 to 999 999. */
    public int nanosOffset() {
        return nanosOffset;
    }

    /** Whether the tag was of Enhanced RTMP. */
    public boolean isEnhanced() {
        return enhanced;
    }

    /** Holds the payload at {@link #offset()} for {@link #length()}; borrowed. */
    public ByteBuf buffer() {
        return buffer;
    }

    public int offset() {
        return offset;
    }

    public int length() {
        return length;
    }
}
