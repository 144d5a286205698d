package io.wadi.app;

import io.wadi.api.SpecCheck;
import io.wadi.ffmpeg.FfmpegComponent;
import io.wadi.stream.Ladders;
import io.wadi.stream.SpecProblem;
import io.wadi.stream.StreamSpec;

import java.util.List;

/** Whether the FFmpeg at hand can make the ladder of a document. */
final class LadderCheck implements SpecCheck {
    private static final String WATERMARK = "watermark.";
    private static final String THUMBNAIL = "thumbnail.";

    private final FfmpegComponent ffmpeg;

    LadderCheck(FfmpegComponent ffmpeg) {
        this.ffmpeg = ffmpeg;
    }

    @Override
    public List<SpecProblem> check(StreamSpec spec) {
        for (Ladders.Part part : Ladders.parts(spec)) {
            try {
                ffmpeg.checkLadder(part.json());
            } catch (IllegalArgumentException e) {
                boolean mark = e.getMessage().startsWith(WATERMARK);
                boolean still = e.getMessage().startsWith(THUMBNAIL);
                return List.of(
                        new SpecProblem(
                                mark ? SpecProblem.INVALID_WATERMARK : SpecProblem.INVALID_BODY,
                                mark ? "watermark" : still ? "thumbnail" : "transcoder",
                                "what cannot be encoded",
                                "another value: " + e.getMessage()));
            }
        }
        return List.of();
    }
}
