package io.wadi.codec;

/** What a track carries, as sinks must announce it. Two equal formats need no new init segment. */
public sealed interface TrackFormat permits VideoFormat, AudioFormat {
    CodecId codec();

    CodecConfig config();

    /** The RFC 6381 codecs parameter, for example {@code avc1.64001F} or {@code mp4a.40.2}. */
    String codecString();
}
