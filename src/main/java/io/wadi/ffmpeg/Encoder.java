package io.wadi.ffmpeg;

/** A video encoder of the FFmpeg at hand. */
record Encoder(String name, HardwareFamily family, VideoCodec codec) {
    /**
     * The encoder for a rung.
     *
     * @param wanted the family that is asked for; another is taken where it has no such encoder
     * @param fallen the hardware did not start: a hardware encoder that is named is passed over
     * @throws IllegalArgumentException saying which encoder is missing
     */
    static Encoder of(Rung rung, HardwareFamily wanted, boolean fallen, FfmpegBuild build) {
        HardwareFamily own = HardwareFamily.ofEncoder(rung.encoder());
        if (!rung.encoder().isEmpty() && !(fallen && own != HardwareFamily.SOFTWARE)) {
            return named(rung, own, build);
        }
        Encoder encoder = firstOf(rung.codec(), wanted, build);
        if (encoder == null && wanted != HardwareFamily.SOFTWARE) {
            encoder = firstOf(rung.codec(), HardwareFamily.SOFTWARE, build);
        }
        if (encoder == null) {
            throw new IllegalArgumentException(
                    "this FFmpeg ("
                            + build.version()
                            + ") has no encoder for "
                            + rung.codec()
                            + ", expected one of "
                            + HardwareFamily.SOFTWARE.encoders(rung.codec()));
        }
        return encoder;
    }

    private static Encoder named(Rung rung, HardwareFamily family, FfmpegBuild build) {
        if (!build.encoders().contains(rung.encoder())) {
            throw new IllegalArgumentException(
                    "this FFmpeg (" + build.version() + ") has no encoder " + rung.encoder());
        }
        if (!build.canUse(rung.encoder())) {
            throw new IllegalArgumentException(
                    "this FFmpeg ("
                            + build.version()
                            + ") is too old to use "
                            + rung.encoder()
                            + " for a ladder, expected 7.0 or newer");
        }
        return new Encoder(rung.encoder(), family, rung.codec());
    }

    private static Encoder firstOf(VideoCodec codec, HardwareFamily family, FfmpegBuild build) {
        return family.encoders(codec).stream()
                .filter(build::canUse)
                .findFirst()
                .map(name -> new Encoder(name, family, codec))
                .orElse(null);
    }
}
