package io.wadi.ffmpeg;

/**
 * What becomes of the sound, the same in every rung.
 *
 * @param copy as it is; nothing below counts then
 * @param sampleRate 0: the source's, or the nearest that the codec has
 * @param channels 0: the source's
 * @param language ISO 639 code that the track is marked with, empty to leave it
 * @param normalize to a common loudness (EBU R 128)
 */
record AudioPlan(
        boolean copy,
        AudioCodec codec,
        long bitrateBps,
        int sampleRate,
        int channels,
        String language,
        boolean normalize) {
    enum AudioCodec {
        AAC("aac"),
        MP3("libmp3lame"),
        OPUS("libopus"),
        AC3("ac3");

        private final String encoder;

        AudioCodec(String encoder) {
            this.encoder = encoder;
        }

        String encoder() {
            return encoder;
        }
    }
}
