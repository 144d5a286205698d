package io.wadi.app;

import io.wadi.api.SpecCheck;
import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.stream.SpecProblem;
import io.wadi.stream.StreamSpec;

import java.util.List;

/** Whether the slate of a document is there and can be shown. */
final class SlateCheck implements SpecCheck {
    private final FfmpegComponent ffmpeg;

    SlateCheck(FfmpegComponent ffmpeg) {
        this.ffmpeg = ffmpeg;
    }

    @Override
    public List<SpecProblem> check(StreamSpec spec) {
        if (spec.slate().isEmpty()) {
            return List.of();
        }
        try {
            ffmpeg.checkSlate(spec.slate().get().file());
            return List.of();
        } catch (IllegalArgumentException e) {
            return List.of(
                    new SpecProblem(
                            SpecProblem.INVALID_BODY,
                            "slate.file",
                            e.getMessage(),
                            "a film or a picture in the folder of wadi.slates.dir"));
        }
    }
}
