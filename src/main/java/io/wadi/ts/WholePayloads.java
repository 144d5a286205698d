package io.wadi.ts;

import io.wadi.codec.CodecId;

import java.util.Optional;

/** Tracks where the payload of a PES packet is the access unit: AV1, VP9, FLAC, private data. */
final class WholePayloads implements UnitSplitter {
    private final Optional<CodecId> codec;
    private final boolean video;
    private final Sink sink;

    WholePayloads(TsTrack track, Sink sink) {
        this.codec = track.codec();
        this.video = track.isVideo();
        this.sink = sink;
    }

    @Override
    public void payload(byte[] bytes, int from, int to, long pts, long dts, boolean marked) {
        sink.onUnit(bytes, from, to, pts, dts, isRandomAccess(bytes, from, to, marked));
    }

    private boolean isRandomAccess(byte[] bytes, int from, int to, boolean marked) {
        if (codec.isEmpty()) {
            return marked || !video;
        }
        return switch (codec.get()) {
            case AV1 -> KeyFrames.av1(bytes, from, to) == JoinDetector.Answer.YES;
            case VP9 -> from < to && KeyFrames.vp9(bytes[from] & 0xFF);
            case H264, H265, AAC, MP3, AC3, EAC3, OPUS, FLAC -> true;
        };
    }

    @Override
    public void lost() {
        // Nothing is kept over.
    }
}
