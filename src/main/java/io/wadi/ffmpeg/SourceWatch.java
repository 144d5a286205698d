package io.wadi.ffmpeg;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ring.TrackProbe;
import io.wadi.ring.Unit;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the source carries now. A track that is announced and never comes is waited for a little and
 * then left out; when it does come, the source has changed. Fed on the writer's thread, read by
 * any.
 */
final class SourceWatch {
    /** A second of media: key pictures come later than this in some streams, formats do not. */
    private static final long PATIENCE_TICKS = 90_000;

    private final TrackProbe probe = new TrackProbe();
    private Optional<TsProgram> program = Optional.empty();
    private Map<Integer, TrackFormat> formats = Map.of();
    private long programAt = Unit.NO_TIME;
    private volatile Optional<SourceTracks> settled = Optional.empty();
    private volatile long newestDts = Unit.NO_TIME;

    void onUnit(Unit unit) {
        probe.onUnit(unit);
        if (unit.dts() == Unit.NO_TIME) {
            return;
        }
        newestDts = unit.dts();
        boolean changed = !probe.program().equals(program);
        if (changed) {
            program = probe.program();
            programAt = unit.dts();
        }
        Map<Integer, TrackFormat> known = probe.formats();
        boolean waiting = program.isEmpty() || !isComplete(known);
        boolean patient = waiting && unit.dts() - programAt < PATIENCE_TICKS;
        if ((changed || !known.equals(formats) || settled.isEmpty()) && !patient) {
            formats = known;
            settled = known.isEmpty() ? settled : Optional.of(tracks(known));
        }
    }

    private boolean isComplete(Map<Integer, TrackFormat> known) {
        return program.orElseThrow().tracks().stream()
                .filter(track -> track.codec().isPresent())
                .map(TsTrack::pid)
                .allMatch(known::containsKey);
    }

    private SourceTracks tracks(Map<Integer, TrackFormat> known) {
        Optional<SourceTracks.Video> video = Optional.empty();
        List<Integer> audio = new ArrayList<>();
        Set<Integer> aac = new HashSet<>();
        for (Map.Entry<Integer, TrackFormat> track : known.entrySet()) {
            switch (track.getValue()) {
                case VideoFormat f -> {
                    if (video.isEmpty()) {
                        video = Optional.of(video(track.getKey(), f));
                    }
                }
                case AudioFormat f -> {
                    audio.add(track.getKey());
                    if (f.codec() == CodecId.AAC) {
                        aac.add(track.getKey());
                    }
                }
            }
        }
        return new SourceTracks(video, audio, aac, fed(video, audio, known));
    }

    /** All tracks, where FFmpeg would not know the picture in MPEG-TS. */
    private List<SourceTracks.Fed> fed(
            Optional<SourceTracks.Video> video,
            List<Integer> audio,
            Map<Integer, TrackFormat> known) {
        if (video.isEmpty() || VideoCodec.valueOf(video.get().codec()).isForMpegTs()) {
            return List.of();
        }
        List<SourceTracks.Fed> fed = new ArrayList<>();
        fed.add(fed(video.get().pid(), known));
        audio.forEach(pid -> fed.add(fed(pid, known)));
        return fed;
    }

    private SourceTracks.Fed fed(int pid, Map<Integer, TrackFormat> known) {
        String language =
                program.orElseThrow().tracks().stream()
                        .filter(track -> track.pid() == pid)
                        .map(TsTrack::language)
                        .findFirst()
                        .orElse("");
        return new SourceTracks.Fed(pid, known.get(pid), language);
    }

    private static SourceTracks.Video video(int pid, VideoFormat format) {
        return new SourceTracks.Video(
                pid,
                format.codec().name(),
                format.width(),
                format.height(),
                format.sarWidth() == format.sarHeight(),
                format.frameRate(),
                (int) Math.round((double) format.width() * format.sarWidth() / format.sarHeight()));
    }

    /** What there is to encode, empty until it is known. */
    Optional<SourceTracks> tracks() {
        return settled;
    }

    /** Decoding time of the newest unit, unwrapped; {@link Unit#NO_TIME} before the first. */
    long newestDts() {
        return newestDts;
    }
}
