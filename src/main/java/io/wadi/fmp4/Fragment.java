package io.wadi.fmp4;

import java.util.List;

/**
 * One track's part of a movie fragment.
 *
 * @param sequence sequence_number of the {@code moof}
 * @param trackId track_ID
 * @param baseDecodeTime decoding time of the first sample, in the track's timescale
 * @param samples in decoding order
 */
public record Fragment(long sequence, int trackId, long baseDecodeTime, List<Sample> samples) {
    public Fragment {
        samples = List.copyOf(samples);
    }

    /** Decoding time after the last sample. */
    public long endTime() {
        return samples.isEmpty()
                ? baseDecodeTime
                : samples.getLast().decodeTime() + samples.getLast().duration();
    }

    /**
     * One sample.
     *
     * @param decodeTime in the track's timescale
     * @param duration in the track's timescale
     * @param compositionOffset presentation minus decoding time
     * @param sync whether decoding can start here
     * @param offset index of its first byte in the buffer that was read
     * @param size in bytes
     */
    public record Sample(
            long decodeTime,
            long duration,
            int compositionOffset,
            boolean sync,
            int offset,
            int size) {
        public long presentationTime() {
            return decodeTime + compositionOffset;
        }
    }
}
