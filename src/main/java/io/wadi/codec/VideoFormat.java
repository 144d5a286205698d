package io.wadi.codec;

/**
 * A video track.
 *
 * @param width coded width after cropping, in luma samples
 * @param height coded height after cropping, in luma samples
 * @param sarWidth horizontal part of the sample aspect ratio, 1 when unknown
 * @param sarHeight vertical part of the sample aspect ratio, 1 when unknown
 * @param frameRate pictures a second as the bitstream declares it, 0 when it does not say
 * @param config decoder configuration record, see {@link CodecConfig}
 * @param codecString RFC 6381 codecs parameter
 */
public record VideoFormat(
        CodecId codec,
        int width,
        int height,
        int sarWidth,
        int sarHeight,
        double frameRate,
        CodecConfig config,
        String codecString)
        implements TrackFormat {}
