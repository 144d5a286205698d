package io.wadi.app;

import io.wadi.api.SpecCheck;
import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.stream.SpecProblem;
import io.wadi.stream.StreamSpec;

import java.io.IOException;
import java.util.List;

/** Whether there is the picture that a watermark names, be it drawn now or not. */
final class WatermarkCheck implements SpecCheck {
    private final FfmpegComponent ffmpeg;

    WatermarkCheck(FfmpegComponent ffmpeg) {
        this.ffmpeg = ffmpeg;
    }

    @Override
    public List<SpecProblem> check(StreamSpec spec) {
        String id = spec.watermark().map(StreamSpec.Watermark::assetId).orElse("");
        if (id.isEmpty() || exists(id)) {
            return List.of();
        }
        return List.of(
                new SpecProblem(
                        SpecProblem.INVALID_WATERMARK,
                        "watermark.asset_id",
                        id,
                        "the id of a picture that is there, see GET /watermarks"));
    }

    private boolean exists(String id) {
        try {
            return ffmpeg.watermarks().find(id).isPresent();
        } catch (IOException notReadable) {
            return false;
        }
    }
}
