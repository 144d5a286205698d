package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecId;
import io.wadi.codec.Flac;
import io.wadi.codec.FormatProbe;
import io.wadi.codec.Opus;
import io.wadi.codec.TrackFormat;
import io.wadi.fmp4.FragmentWriter;
import io.wadi.fmp4.SampleRun;

import java.time.Instant;

/**
 * Collects the samples of one track and makes segments of them. The last sample's duration is known
 * when the next one comes; until then it is the one before it or what the format says. One thread.
 */
final class CmafTrackWriter implements AutoCloseable {
    /**
     * What an audio track's clock may be off from its time stamps before it is set right. Time
     * stamps of RTMP are whole milliseconds, so frame durations are counted in samples instead; a
     * viewer does not see less than this.
     */
    private static final long TOLERANCE_TICKS = 20 * Segment.TICKS_PER_SECOND / 1000;

    /** A longer hole is a hole in the timeline, not one long sample. */
    private static final long MAX_STRETCH_TICKS = Segment.TICKS_PER_SECOND;

    /** Duration of a sample that is alone: one of 25 pictures a second. */
    private static final int LONE_PICTURE_TICKS = 3600;

    private static final int HEADER_SIZE = 4096;

    private final CmafTrack track;
    private final int pid;
    private final CodecId codec;
    private final String language;
    private final FormatProbe probe;
    private final CmafSampleBytes bytes;
    private final Runnable added;
    private final FragmentWriter fragments;
    private final ByteBuf header = Unpooled.buffer(HEADER_SIZE);
    private final SampleRun cut = new SampleRun();
    private final SampleRun run = new SampleRun();
    private final SampleRun suspended = new SampleRun();
    private final CmafCuts cuts = new CmafCuts();

    private TrackFormat format;
    private int timescale;
    private long runStart;
    private long lastTime;
    private long suspendedStart;
    private boolean follows;
    private boolean waiting;
    private long epochStart;
    private long decodeDelay;
    private long droppedSamples;

    CmafTrackWriter(
            CmafTrack track,
            int pid,
            CodecId codec,
            String language,
            long memoryBytes,
            Runnable added) {
        this.track = track;
        this.pid = pid;
        this.codec = codec;
        this.language = language;
        this.added = added;
        this.probe = FormatProbe.of(codec);
        this.bytes = new CmafSampleBytes(memoryBytes);
        this.fragments = new FragmentWriter(track.trackId());
    }

    int pid() {
        return pid;
    }

    CodecId codec() {
        return codec;
    }

    String language() {
        return language;
    }

    CmafTrack track() {
        return track;
    }

    /** Access units that found no memory or held nothing to decode. */
    long droppedSamples() {
        return droppedSamples;
    }

    /** Whether it collects for the next epoch while the others are still in this one. */
    boolean isWaiting() {
        return waiting;
    }

    void setWaiting(boolean waiting) {
        this.waiting = waiting;
    }

    boolean hasFormat() {
        return format != null;
    }

    /** Whether the format of the next sample is known. */
    boolean isReady() {
        return probe.format().isPresent();
    }

    /**
     * Looks at an access unit.
     *
     * @return whether its format differs from that of the samples before it
     */
    boolean inspect(ByteBuf unit) {
        return probe.inspect(unit) && format != null && !format.equals(probe.format().get());
    }

    /** Takes the newest format for the samples to come; the run must be empty. */
    void takeFormat() {
        format = probe.format().orElseThrow();
        timescale = CmafTrack.timescaleOf(format);
    }

    /**
     * Media time starts anew for all tracks; samples before it are dropped.
     *
     * @param decodeDelayTicks how long before its media time a sample is decoded
     */
    void startEpoch(long startTicks, long decodeDelayTicks) {
        epochStart = startTicks;
        decodeDelay = decodeDelayTicks;
        cuts.clear();
        if (!run.isEmpty()) {
            dropBefore(startTicks);
        }
    }

    /** Time of the first sample collected, 90 kHz; only when there is one. */
    long startTicks() {
        return toTicks(runStart);
    }

    /** Time of the newest sample, 90 kHz; only when there is one. */
    long lastTicks() {
        return toTicks(lastTime);
    }

    boolean isEmpty() {
        return run.isEmpty();
    }

    /**
     * Appends a picture.
     *
     * @param ticks its media time, 90 kHz: decoding time moved by the delay of the epoch, so that
     *     the first picture's is when it is shown
     * @param compositionOffset shown minus decoding time
     */
    void addPicture(ByteBuf unit, long ticks, int compositionOffset, boolean sync) {
        long time = ticks;
        if (follows) {
            time = Math.max(time, lastTime + 1);
        }
        add(unit, time, sync, compositionOffset, 0);
    }

    /** Appends an audio frame. */
    void addFrame(ByteBuf unit, long ticks) {
        long stamped = toTime(ticks);
        long time = stamped;
        int duration = frameDuration(unit);
        if (follows) {
            long counted = runStart + run.duration();
            long late = stamped - counted;
            if (duration > 0 && Math.abs(late) <= toTime(TOLERANCE_TICKS)) {
                time = counted;
            } else if (late > toTime(MAX_STRETCH_TICKS)) {
                finish();
            } else {
                time = Math.max(stamped, lastTime + 1);
            }
        }
        add(unit, time, true, 0, duration);
    }

    private void add(ByteBuf unit, long time, boolean sync, int compositionOffset, int duration) {
        if (run.isFull()) {
            finish();
        }
        int size = CmafSamples.write(codec, unit, bytes);
        if (size == CmafSamples.INVALID) {
            droppedSamples++;
            return;
        }
        if (run.isEmpty()) {
            runStart = time;
        } else {
            run.setDuration(run.count() - 1, (int) (time - lastTime));
        }
        int guess = duration > 0 ? duration : guessDuration();
        run.add(guess, size, sync, compositionOffset);
        lastTime = time;
        follows = true;
    }

    private int guessDuration() {
        int count = run.count();
        if (count > 0) {
            return run.duration(count - 1);
        }
        return format.codec().isVideo() ? LONE_PICTURE_TICKS : timescale / 50;
    }

    private int frameDuration(ByteBuf unit) {
        int samples =
                switch (codec) {
                    case OPUS -> Opus.samples(unit);
                    case FLAC -> Flac.samples(unit);
                    case AAC, MP3, AC3, EAC3, H264, H265, AV1, VP9 ->
                            ((AudioFormat) format).samplesPerFrame();
                };
        int rate = codec == CodecId.OPUS ? Opus.SAMPLE_RATE : ((AudioFormat) format).sampleRate();
        return (int) ((long) samples * timescale / rate);
    }

    /** The segment in the making ends before this time, which may be still to come. */
    void cutAt(long ticks) {
        cuts.add(ticks);
        settleCuts();
    }

    /** Makes the segments whose end was reached. */
    void settleCuts() {
        while (!cuts.isEmpty() && !run.isEmpty() && lastTime >= toTime(cuts.first())) {
            emit(samplesBefore(toTime(cuts.first())));
            cuts.removeFirst();
        }
    }

    /** Makes a segment of the pictures collected; the next picture starts the next segment. */
    void cutBeforePicture(long ticks) {
        if (!run.isEmpty()) {
            run.setDuration(run.count() - 1, (int) Math.max(1, ticks - lastTime));
            emit(run.count());
        }
    }

    /** Makes segments of everything that was collected; what comes next need not follow it. */
    void finish() {
        settleCuts();
        emit(run.count());
        follows = false;
    }

    /**
     * Media time breaks: what was collected waits for {@link #endSuspended}, what comes next starts
     * anew behind it.
     */
    void suspend() {
        endSuspended();
        settleCuts();
        run.moveFirst(run.count(), suspended);
        suspendedStart = runStart;
        cuts.clear();
        follows = false;
    }

    /**
     * Makes a segment of what waits. A small hole before the next epoch is filled with the last
     * sample, so that players do not stop for it.
     */
    void endSuspendedAt(long nextEpoch) {
        if (!suspended.isEmpty()) {
            long hole = toTime(nextEpoch) - suspendedStart - suspended.duration();
            if (hole > 0 && hole <= toTime(MAX_STRETCH_TICKS)) {
                int last = suspended.count() - 1;
                suspended.setDuration(last, (int) (suspended.duration(last) + hole));
            }
        }
        endSuspended();
    }

    /** Makes a segment of what waits, as it is. */
    void endSuspended() {
        if (!suspended.isEmpty()) {
            emit(suspended, suspendedStart);
            suspended.clear();
        }
    }

    /** Forgets what was collected since the last break. */
    void discard() {
        endSuspended();
        bytes.truncate(0);
        run.clear();
        cuts.clear();
        follows = false;
    }

    /** Forgets all that was collected. */
    void forget() {
        suspended.clear();
        bytes.truncate(0);
        run.clear();
        cuts.clear();
        follows = false;
    }

    /** Drops the collected samples before a time. */
    void dropBefore(long ticks) {
        endSuspended();
        int samples = samplesBefore(toTime(ticks));
        run.moveFirst(samples, cut);
        bytes.drop(cut.bytes());
        runStart += cut.duration();
        follows = !run.isEmpty();
    }

    private int samplesBefore(long time) {
        int samples = run.count();
        long at = runStart + run.duration();
        while (samples > 0) {
            at -= run.duration(samples - 1);
            if (at < time) {
                return samples;
            }
            samples--;
        }
        return 0;
    }

    private void emit(int samples) {
        if (samples == 0) {
            return;
        }
        run.moveFirst(samples, cut);
        long start = runStart;
        runStart += cut.duration();
        emit(cut, start);
    }

    private void emit(SampleRun samples, long start) {
        header.clear();
        header.ensureWritable(fragments.headerSize(samples, true));
        fragments.writeHeader(header, track.nextNumber() + 1, start - decodeDelay, samples, true);
        ByteBuf segment = bytes.take(samples.bytes(), header);
        if (segment == null) {
            droppedSamples += samples.count();
            return;
        }
        long startTicks = toTicks(start);
        track.add(
                new Segment(
                        track.nextNumber(),
                        startTicks,
                        toTicks(start + samples.duration()) - startTicks,
                        track.isDiscontinuity(),
                        wallClock(startTicks),
                        segment),
                samples.count(),
                epochStart,
                format,
                language);
        added.run();
    }

    private static Instant wallClock(long ticks) {
        long rest = ticks % Segment.TICKS_PER_SECOND;
        return Instant.ofEpochSecond(
                ticks / Segment.TICKS_PER_SECOND, rest * 1_000_000_000L / Segment.TICKS_PER_SECOND);
    }

    /** To the track's timescale, rounded; whole seconds apart, so that nothing overflows. */
    private long toTime(long ticks) {
        return convert(ticks, Segment.TICKS_PER_SECOND, timescale);
    }

    private long toTicks(long time) {
        return convert(time, timescale, Segment.TICKS_PER_SECOND);
    }

    private static long convert(long value, int from, int to) {
        long seconds = Math.floorDiv(value, (long) from);
        long rest = value - seconds * from;
        return seconds * to + (rest * to + from / 2) / from;
    }

    /** Forgets what was collected; segments stay. */
    @Override
    public void close() {
        suspended.clear();
        run.clear();
        bytes.close();
    }
}
