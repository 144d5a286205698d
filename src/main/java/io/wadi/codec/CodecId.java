package io.wadi.codec;

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
}
