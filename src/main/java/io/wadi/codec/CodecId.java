package io.wadi.codec;

import io.netty.buffer.ByteBuf;

/** The codecs that Wadi carries, whatever the wire format. */
public enum CodecId {
    H264(true),
    H265(true),
    AV1(true),
    VP9(true),
    AAC(false),
    /** MPEG-1/2 audio layers I to III. */
    MP3(false),
    AC3(false),
    EAC3(false),
    OPUS(false),
    FLAC(false);

    private final boolean video;

    CodecId(boolean video) {
        this.video = video;
    }

    public boolean isVideo() {
        return video;
    }

    /**
     * Whether decoding can start with this access unit, in the form that {@link FormatProbe} says.
     * Always true for audio. Borrows, indices left alone.
     */
    public boolean isRandomAccess(ByteBuf accessUnit) {
        // Qualified: the constants hide the classes of their name.
        return switch (this) {
            case H264 -> io.wadi.codec.H264.isRandomAccess(accessUnit);
            case H265 -> io.wadi.codec.H265.isRandomAccess(accessUnit);
            case AV1 -> Av1.isRandomAccess(accessUnit);
            case VP9 -> Vp9.isRandomAccess(accessUnit);
            case AAC, MP3, AC3, EAC3, OPUS, FLAC -> true;
        };
    }
}
