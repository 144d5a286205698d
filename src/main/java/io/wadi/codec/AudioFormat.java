package io.wadi.codec;

/**
 * An audio track.
 *
 * @param sampleRate samples a second and channel
 * @param channels number of channels
 * @param samplesPerFrame samples a channel in one access unit: 1024 for AAC-LC, 1152 for MP3 layer
 *     III, 1536 for AC-3; 0 when it varies (Opus)
 * @param config decoder configuration, see {@link CodecConfig}
 * @param codecString RFC 6381 codecs parameter
 */
public record AudioFormat(
        CodecId codec,
        int sampleRate,
        int channels,
        int samplesPerFrame,
        CodecConfig config,
        String codecString)
        implements TrackFormat {}
