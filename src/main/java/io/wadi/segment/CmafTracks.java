package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.CodecId;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The tracks of a packager and where their segments are cut. States: waiting for a random access
 * point to start an epoch at, and running. One thread.
 */
final class CmafTracks {
    /** Audio languages of one program; each costs memory of its own. */
    private static final int MAX_AUDIO_TRACKS = 8;

    /** Slabs of a video track: a window of 20 segments of 4 s at 16 Mbit/s, and room for bursts. */
    private static final long VIDEO_MEMORY = 256L * 1024 * 1024;

    /** Slabs of an audio track: the same window at 1 Mbit/s, and room. */
    private static final long AUDIO_MEMORY = 32L * 1024 * 1024;

    /** Audio goes on alone when video has been silent for so long. */
    private static final long VIDEO_SILENCE_TICKS = 5L * Segment.TICKS_PER_SECOND;

    /** What audio may run ahead of the first picture of an epoch and still be kept for it. */
    private static final long AUDIO_AHEAD_TICKS = 2L * Segment.TICKS_PER_SECOND;

    /** Audio is cut without waiting for it when it is this far behind a cut. */
    private static final long AUDIO_BEHIND_TICKS = 2L * Segment.TICKS_PER_SECOND;

    /** Composition offsets have 32 bits; no real delay between decoding and showing is near it. */
    private static final long MAX_DELAY_TICKS = 10L * Segment.TICKS_PER_SECOND;

    /** Kept after they left the list, for players that are about to ask for them. */
    private static final int LEFT_OVER_SEGMENTS = 3;

    private static final int VIDEO_TRACK_ID = 1;
    private static final long NEVER = Long.MIN_VALUE;

    private final CmafOptions options;
    private final CmafNumbers numbers;
    private final Runnable changed;
    private final CmafCutRule cutRule;

    /** Every track that has or may still have segments in its window. */
    private final List<CmafTrack> known = new ArrayList<>();

    private volatile List<CmafTrack> published = List.of();
    private volatile int expected;
    private volatile long droppedSamples;
    private long droppedByClosed;

    private CmafTrackWriter video;
    private List<CmafTrackWriter> audio = List.of();

    private boolean running;
    private boolean audioOnly;
    private boolean restart;
    private boolean epochSeen;
    private long epochStart;
    private long delay;
    private long newestVideo = NEVER;
    private long firstAudio = NEVER;

    CmafTracks(CmafOptions options, CmafNumbers numbers, Runnable changed) {
        this.options = options;
        this.numbers = numbers;
        this.changed = changed;
        this.cutRule = new CmafCutRule(options.segmentTicks());
    }

    List<CmafTrack> published() {
        return published;
    }

    /** Tracks of the program, with segments or not yet. */
    int expected() {
        return expected;
    }

    /** Access units that held nothing to decode or found no memory. */
    long droppedSamples() {
        return droppedSamples;
    }

    /** Takes the tracks of a program; those that stay as they are go on without a break. */
    void onProgram(TsProgram program) {
        TsTrack picture = null;
        List<TsTrack> sounds = new ArrayList<>();
        for (TsTrack track : program.tracks()) {
            if (track.codec().isEmpty()) {
                continue;
            }
            if (!track.codec().get().isVideo()) {
                sounds.add(track);
            } else if (picture == null) {
                picture = track;
            }
        }
        sounds = sounds.subList(0, Math.min(sounds.size(), MAX_AUDIO_TRACKS));
        if (isSame(picture, sounds)) {
            return;
        }
        endEpoch();
        closeWriters();
        video = picture == null ? null : writer("v", VIDEO_TRACK_ID, picture, VIDEO_MEMORY);
        List<CmafTrackWriter> writers = new ArrayList<>();
        for (TsTrack sound : sounds) {
            int index = writers.size() + 1;
            String name = index == 1 ? "a" : "a" + index;
            writers.add(writer(name, VIDEO_TRACK_ID + index, sound, AUDIO_MEMORY));
        }
        audio = List.copyOf(writers);
        expected = audio.size() + (video == null ? 0 : 1);
        newestVideo = NEVER;
        firstAudio = NEVER;
    }

    private boolean isSame(TsTrack picture, List<TsTrack> sounds) {
        if ((picture == null) != (video == null)
                || (picture != null && !isSame(video, picture))
                || sounds.size() != audio.size()) {
            return false;
        }
        for (int i = 0; i < sounds.size(); i++) {
            if (!isSame(audio.get(i), sounds.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(CmafTrackWriter writer, TsTrack track) {
        return writer.pid() == track.pid()
                && writer.codec() == track.codec().orElseThrow()
                && writer.language().equals(track.language());
    }

    private CmafTrackWriter writer(String name, int trackId, TsTrack from, long memory) {
        CodecId codec = from.codec().orElseThrow();
        CmafTrack track =
                known.stream().filter(t -> t.name().equals(name)).findFirst().orElse(null);
        if (track == null) {
            track =
                    new CmafTrack(
                            name,
                            trackId,
                            codec.isVideo(),
                            new SegmentWindow(
                                    options.window() + options.history(),
                                    LEFT_OVER_SEGMENTS,
                                    numbers.start().discontinuities()),
                            numbers);
            known.add(track);
            known.sort(Comparator.comparingInt(CmafTrack::trackId));
        }
        return new CmafTrackWriter(
                track, from.pid(), codec, from.language(), memory, this::onSegment);
    }

    private void onSegment() {
        forgetGone();
        if (published.size() != known.size()) {
            published =
                    known.stream().filter(t -> !t.segments().snapshot().held().isEmpty()).toList();
        }
        long dropped = droppedByClosed + (video == null ? 0 : video.droppedSamples());
        for (int i = 0; i < audio.size(); i++) {
            dropped += audio.get(i).droppedSamples();
        }
        droppedSamples = dropped;
        changed.run();
    }

    /** Lets go of tracks that left the program once no other track's segments are as old. */
    private void forgetGone() {
        if (known.size() == expected) {
            return;
        }
        long oldest = Long.MAX_VALUE;
        for (CmafTrack track : known) {
            List<Segment> held = track.segments().snapshot().held();
            if (isInUse(track)) {
                oldest = Math.min(oldest, held.isEmpty() ? NEVER : held.getFirst().startTicks());
            }
        }
        for (CmafTrack track : List.copyOf(known)) {
            List<Segment> held = track.segments().snapshot().held();
            if (!isInUse(track) && (held.isEmpty() || held.getLast().endTicks() < oldest)) {
                known.remove(track);
                published = published.stream().filter(t -> t != track).toList();
                track.segments().close();
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // this track, not one like it
    private boolean isInUse(CmafTrack track) {
        if (video != null && video.track() == track) {
            return true;
        }
        for (int i = 0; i < audio.size(); i++) {
            if (audio.get(i).track() == track) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes an access unit.
     *
     * @param pts stream time, 90 kHz
     * @param dts stream time, 90 kHz
     * @param unit borrowed
     */
    void onAccessUnit(int pid, long pts, long dts, boolean randomAccess, ByteBuf unit) {
        if (video != null && video.pid() == pid) {
            onPicture(pts, dts, randomAccess, unit);
            return;
        }
        for (int i = 0; i < audio.size(); i++) {
            if (audio.get(i).pid() == pid) {
                onFrame(audio.get(i), pts, unit);
                return;
            }
        }
    }

    private void onPicture(long pts, long dts, boolean randomAccess, ByteBuf unit) {
        newestVideo = dts;
        boolean otherFormat = video.inspect(unit);
        boolean canStart = randomAccess && video.isReady();
        if (canStart && (!running || audioOnly || restart || otherFormat)) {
            long newDelay = Math.clamp(pts - dts, 0, MAX_DELAY_TICKS);
            endEpochAt(dts + newDelay);
            delay = newDelay;
            video.takeFormat();
            start(dts + delay, false);
            cutRule.start(dts + delay);
        } else if (otherFormat) {
            // Nothing can be decoded up to the next random access point.
            endEpoch();
        }
        if (!running || audioOnly) {
            return;
        }
        long ticks = dts + delay;
        if (!video.isEmpty() && cutRule.isCut(randomAccess, video.startTicks(), ticks)) {
            cut(ticks);
        }
        long offset = Math.clamp(pts - dts, -MAX_DELAY_TICKS, MAX_DELAY_TICKS);
        video.addPicture(unit, ticks, (int) offset, randomAccess);
    }

    private void cut(long ticks) {
        video.cutBeforePicture(ticks);
        for (CmafTrackWriter sound : audio) {
            if (sound.isWaiting()) {
                continue;
            }
            sound.cutAt(ticks);
            if (!sound.isEmpty() && ticks - sound.lastTicks() > AUDIO_BEHIND_TICKS) {
                sound.finish();
            }
        }
    }

    private void onFrame(CmafTrackWriter sound, long pts, ByteBuf unit) {
        boolean otherFormat = sound.inspect(unit);
        if (!sound.isReady()) {
            return;
        }
        if (firstAudio == NEVER) {
            firstAudio = pts;
        }
        if (running && otherFormat) {
            changeFormat(sound);
        }
        if (otherFormat || !sound.hasFormat()) {
            sound.discard();
            sound.takeFormat();
        }
        if (!audioOnly && isVideoSilent(pts)) {
            endEpoch();
        }
        if (!running && isVideoSilent(pts)) {
            start(pts, true);
        }
        if (!running || sound.isWaiting()) {
            collect(sound, pts, unit);
        } else {
            append(sound, pts, unit);
        }
    }

    /** Audio alone starts anew at once; with video it waits for the next random access point. */
    private void changeFormat(CmafTrackWriter sound) {
        if (audioOnly) {
            endEpoch();
        } else {
            sound.finish();
            sound.setWaiting(true);
            restart = true;
        }
    }

    private boolean isVideoSilent(long pts) {
        if (video == null) {
            return true;
        }
        long since = newestVideo == NEVER ? firstAudio : newestVideo;
        return pts - since > VIDEO_SILENCE_TICKS;
    }

    /** Keeps audio for an epoch that a picture will start. */
    private void collect(CmafTrackWriter sound, long pts, ByteBuf unit) {
        sound.addFrame(unit, pts);
        if (!sound.isEmpty() && sound.lastTicks() - sound.startTicks() > AUDIO_AHEAD_TICKS) {
            sound.dropBefore(sound.lastTicks() - AUDIO_AHEAD_TICKS);
        }
    }

    private void append(CmafTrackWriter sound, long pts, ByteBuf unit) {
        if (sound.isEmpty() && pts < epochStart) {
            return;
        }
        boolean leads = audioOnly && sound == audio.getFirst();
        if (leads && !sound.isEmpty() && pts - sound.startTicks() >= options.segmentTicks()) {
            for (CmafTrackWriter other : audio) {
                other.cutAt(pts);
            }
        }
        sound.addFrame(unit, pts);
        sound.settleCuts();
    }

    private void start(long ticks, boolean withoutVideo) {
        endSuspendedAt(ticks);
        running = true;
        audioOnly = withoutVideo;
        restart = false;
        epochStart = ticks;
        if (video != null) {
            startWriter(video);
        }
        audio.forEach(this::startWriter);
        epochSeen = true;
    }

    @SuppressWarnings("ReferenceEquality") // the one video track
    private void startWriter(CmafTrackWriter writer) {
        writer.setWaiting(false);
        if (epochSeen) {
            writer.track().markDiscontinuity();
        }
        writer.startEpoch(epochStart, writer == video ? delay : 0);
    }

    /** Media time breaks here: everything collected becomes segments or is forgotten. */
    void endEpoch() {
        if (video != null) {
            end(video);
        }
        audio.forEach(this::end);
        running = false;
        restart = false;
    }

    private void end(CmafTrackWriter writer) {
        if (running && !writer.isWaiting()) {
            writer.suspend();
        } else {
            writer.discard();
        }
    }

    /** Makes segments of what waits for the next epoch. */
    void flush() {
        if (video != null) {
            video.endSuspended();
        }
        audio.forEach(CmafTrackWriter::endSuspended);
    }

    /** The next epoch starts at a known time: audio that is ahead of it stays for it. */
    private void endEpochAt(long ticks) {
        if (audioOnly) {
            endEpoch();
        }
        if (!running) {
            endSuspendedAt(ticks);
            return;
        }
        video.cutBeforePicture(ticks);
        for (CmafTrackWriter sound : audio) {
            if (sound.isWaiting()) {
                continue;
            }
            sound.cutAt(ticks);
            if (!sound.isEmpty() && sound.lastTicks() < ticks) {
                sound.finish();
            }
        }
        running = false;
    }

    private void endSuspendedAt(long ticks) {
        if (video != null) {
            video.endSuspendedAt(ticks);
        }
        for (CmafTrackWriter sound : audio) {
            sound.endSuspendedAt(ticks);
        }
    }

    /** Gives up what was collected and every segment; the tracks stay. */
    void forget() {
        published = List.of();
        if (video != null) {
            video.forget();
        }
        audio.forEach(CmafTrackWriter::forget);
        known.forEach(CmafTrack::forget);
        newestVideo = NEVER;
        firstAudio = NEVER;
        running = false;
        restart = false;
    }

    private void closeWriters() {
        if (video != null) {
            close(video);
            video = null;
        }
        audio.forEach(this::close);
        audio = List.of();
    }

    private void close(CmafTrackWriter writer) {
        droppedByClosed += writer.droppedSamples();
        writer.close();
    }

    /** Where the track stands that is furthest. */
    CmafNumbers.Position position() {
        return known.stream()
                .map(CmafTrack::position)
                .reduce(CmafNumbers.Position.ZERO, CmafNumbers.Position::orLater);
    }

    /** Gives up what was collected; the segments stay. */
    void retire() {
        closeWriters();
    }

    /** Gives up every segment, after {@link #retire}. */
    void close() {
        published = List.of();
        known.forEach(track -> track.segments().close());
        known.clear();
    }
}
