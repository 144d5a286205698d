package io.wadi.codec;

/** What a track carries, as sinks must announce it. Two equal formats need no new init segment. */
public sealed interface TrackFormat permits VideoFormat, AudioFormat {
    CodecId codec();

    CodecConfig config();

    /** The RFC 6381 codecs parameter, for example {@code avc1.64001F} or {@code mp4a.40.2}. */
    String codecString();

    /**
     * The format that a configuration record declares, as FLV, RTMP and MP4 carry it. VP9's record
     * has no picture size, which is 0 then; MPEG audio has no record.
     */
    static TrackFormat of(CodecId codec, CodecConfig config) throws MalformedException {
        return switch (codec) {
            case H264 -> H264.format(config);
            case H265 -> H265.format(config);
            case AV1 -> Av1.format(config);
            case VP9 -> Vp9.format(config, 0, 0);
            case AAC -> Aac.format(config);
            case AC3 -> Ac3.formatOfDac3(config);
            case EAC3 -> Ac3.formatOfDec3(config);
            case OPUS -> Opus.format(config);
            case FLAC -> Flac.format(config);
            case MP3 ->
                    throw new MalformedException(
                            "MPEG audio configuration",
                            config.length() + " bytes",
                            "none: its frames say all there is to know");
        };
    }
}
