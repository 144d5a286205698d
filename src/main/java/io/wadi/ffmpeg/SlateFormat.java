package io.wadi.ffmpeg;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tracks that a slate is made of: those of the stream that it stands in for, with their PIDs,
 * so that the program map stays as it was and no decoder has to be set up for something else.
 */
record SlateFormat(int programNumber, int pmtPid, Optional<Video> video, List<Audio> audio) {
    /**
     * The picture.
     *
     * @param fps pictures a second
     */
    record Video(
            int pid,
            CodecId codec,
            int width,
            int height,
            int sarWidth,
            int sarHeight,
            double fps) {}

    /**
     * A sound track.
     *
     * @param language ISO 639-2 code, or empty
     */
    record Audio(int pid, CodecId codec, int sampleRate, int channels, String language) {}

    /** Where nothing was ever seen. */
    static final SlateFormat DEFAULT =
            new SlateFormat(
                    1,
                    TsTrack.PMT_PID,
                    Optional.of(new Video(TsTrack.VIDEO_PID, CodecId.H264, 1280, 720, 1, 1, 25)),
                    List.of(new Audio(TsTrack.AUDIO_PID, CodecId.AAC, 48_000, 2, "")));

    private static final int MIN_SIDE = 16;
    private static final int MAX_SIDE = 7680;
    private static final double MAX_FPS = 120;

    /** Where the bitstream does not say how many there are a second. */
    private static final double DEFAULT_FPS = 25;

    /** Languages of a program; each costs an encoder. */
    private static final int MAX_AUDIO = 8;

    /** What FFmpeg's multiplexer takes (ISO/IEC 13818-1 §2.4.3.3 reserves the others). */
    private static final int MIN_PID = 0x20;

    private static final int MAX_PID = 0x1F00;

    SlateFormat {
        audio = List.copyOf(audio);
    }

    /** What a ring carries; the default when nothing of it is known. */
    static SlateFormat of(Optional<TsProgram> program, Map<Integer, TrackFormat> formats) {
        List<Video> video = new ArrayList<>(); // one at most
        List<Audio> audio = new ArrayList<>();
        for (Map.Entry<Integer, TrackFormat> track : formats.entrySet()) {
            int pid = track.getKey();
            boolean usable = pid >= MIN_PID && pid <= MAX_PID;
            switch (track.getValue()) {
                case VideoFormat f when usable && video.isEmpty() -> video.add(video(pid, f));
                case AudioFormat f when usable && audio.size() < MAX_AUDIO ->
                        audio.add(audio(pid, f, program));
                default -> {}
            }
        }
        if (video.isEmpty() && audio.isEmpty()) {
            return DEFAULT;
        }
        int pmt = program.map(TsProgram::pmtPid).orElse(0);
        return new SlateFormat(
                program.map(TsProgram::programNumber).filter(n -> n > 0).orElse(1),
                pmt >= MIN_PID && pmt <= MAX_PID ? pmt : TsTrack.PMT_PID,
                video.stream().findFirst(),
                audio);
    }

    private static Video video(int pid, VideoFormat format) {
        boolean sized =
                Math.min(format.width(), format.height()) >= MIN_SIDE
                        && Math.max(format.width(), format.height()) <= MAX_SIDE;
        Video usual = DEFAULT.video().orElseThrow();
        boolean paced = format.frameRate() >= 1 && format.frameRate() <= MAX_FPS;
        return new Video(
                pid,
                format.codec(),
                sized ? format.width() & ~1 : usual.width(),
                sized ? format.height() & ~1 : usual.height(),
                sized ? Math.max(1, format.sarWidth()) : 1,
                sized ? Math.max(1, format.sarHeight()) : 1,
                paced ? format.frameRate() : DEFAULT_FPS);
    }

    private static Audio audio(int pid, AudioFormat format, Optional<TsProgram> program) {
        String language =
                program.stream()
                        .flatMap(map -> map.tracks().stream())
                        .filter(track -> track.pid() == pid)
                        .map(TsTrack::language)
                        .filter(code -> code.matches("[a-z]{3}"))
                        .findFirst()
                        .orElse("");
        return new Audio(pid, format.codec(), format.sampleRate(), format.channels(), language);
    }
}
