package io.wadi.segment;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.wadi.codec.TrackFormat;
import io.wadi.fmp4.Fmp4Track;
import io.wadi.fmp4.InitSegment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One packaged track: its segments, its epochs and its init segments. Written by the packager's
 * thread, read by any: readers see immutable snapshots.
 */
public final class CmafTrack {
    /** Bytes of an init segment before its buffer grows. */
    private static final int INIT_SIZE = 1024;

    /**
     * An init segment that some held segment may need.
     *
     * @param version from 1, counted up with each change of format
     * @param bytes on the heap, read-only, needs no release
     */
    public record Init(int version, TrackFormat format, ByteBuf bytes) {}

    /**
     * What a track is at one moment.
     *
     * @param language ISO 639-2 code, "" when it is not known
     * @param epochs those of held segments, oldest first
     * @param inits those that the epochs name, oldest first
     */
    public record State(String language, List<CmafEpoch> epochs, List<Init> inits) {
        public State {
            epochs = List.copyOf(epochs);
            inits = List.copyOf(inits);
        }

        /** The epoch that a segment belongs to. */
        public Optional<CmafEpoch> epochOf(long segmentNumber) {
            CmafEpoch found = null;
            for (CmafEpoch epoch : epochs) {
                if (epoch.firstNumber() <= segmentNumber) {
                    found = epoch;
                }
            }
            return Optional.ofNullable(found);
        }

        /** The init segment with this version, if a held segment needs it. */
        public Optional<Init> init(int version) {
            return inits.stream().filter(i -> i.version() == version).findFirst();
        }

        /** The newest init segment, empty before the first segment. */
        public Optional<Init> currentInit() {
            return inits.isEmpty() ? Optional.empty() : Optional.of(inits.getLast());
        }
    }

    private final String name;
    private final int trackId;
    private final boolean video;
    private final SegmentWindow segments;
    private volatile State state = new State("", List.of(), List.of());
    private final CmafNumbers numbers;
    private int versions;
    private long nextNumber;
    private boolean discontinuity;
    private final FrameRateMeter frameRate = new FrameRateMeter();

    CmafTrack(
            String name, int trackId, boolean video, SegmentWindow segments, CmafNumbers numbers) {
        this.numbers = numbers;
        this.nextNumber = numbers.start().segment();
        this.versions = numbers.start().initVersions();
        // Segments of an earlier process have other init segments and another time.
        this.discontinuity = nextNumber > 0;
        this.name = name;
        this.trackId = trackId;
        this.video = video;
        this.segments = segments;
    }

    /** {@code v} for video; {@code a}, {@code a2}, {@code a3} ... for audio. Part of file names. */
    public String name() {
        return name;
    }

    public boolean isVideo() {
        return video;
    }

    /** The format of the newest segment, empty before the first one. */
    public Optional<TrackFormat> format() {
        return state.currentInit().map(Init::format);
    }

    public String language() {
        return state.language();
    }

    public State state() {
        return state;
    }

    public SegmentWindow segments() {
        return segments;
    }

    /** Ticks a second of the media times in segments of this format. */
    public static int timescaleOf(TrackFormat format) {
        return Fmp4Track.timescaleOf(format);
    }

    /** Pictures a second as counted, 0 for audio and before the first segment. */
    public double picturesPerSecond() {
        return frameRate.picturesPerSecond();
    }

    int trackId() {
        return trackId;
    }

    /** The number that the next segment gets. */
    long nextNumber() {
        return nextNumber;
    }

    /** What a track that follows this one starts behind. */
    CmafNumbers.Position position() {
        SegmentWindow.Snapshot now = segments.snapshot();
        long listed = now.listed().stream().filter(Segment::discontinuity).count();
        return new CmafNumbers.Position(nextNumber, versions, now.discontinuitySequence() + listed);
    }

    /** Whether the next segment starts a new run of time or has a new format. */
    boolean isDiscontinuity() {
        return discontinuity;
    }

    void markDiscontinuity() {
        discontinuity |= !segments.snapshot().held().isEmpty();
    }

    /** Gives up every segment; the format, and what the next is called, stay. */
    void forget() {
        discontinuity |= !segments.snapshot().held().isEmpty();
        List<Init> inits = state.currentInit().map(List::of).orElse(List.of());
        state = new State(state.language(), List.of(), inits);
        segments.forget();
    }

    /** The version whose init segment announces this format, made when the newest does not. */
    private Init initFor(TrackFormat format, String language) {
        State before = state;
        Optional<Init> current = before.currentInit();
        if (current.isPresent()
                && current.get().format().equals(format)
                && before.language().equals(language)) {
            return current.get();
        }
        ByteBuf bytes = Unpooled.buffer(INIT_SIZE);
        InitSegment.write(bytes, List.of(Fmp4Track.of(trackId, format, language)));
        return new Init(++versions, format, bytes.asReadOnly());
    }

    /**
     * Adds a segment of so many samples; takes ownership of its bytes. Drops the epochs and init
     * segments that no held segment needs any more.
     */
    void add(Segment segment, int samples, long epochStart, TrackFormat format, String language) {
        if (video) {
            frameRate.add(segment.discontinuity(), samples, segment.durationTicks());
        }
        State before = state;
        List<CmafEpoch> epochs = new ArrayList<>(before.epochs());
        List<Init> inits = new ArrayList<>(before.inits());
        boolean newEpoch = epochs.isEmpty() || epochs.getLast().startTicks() != epochStart;
        if (newEpoch) {
            Init init = initFor(format, language);
            if (!inits.contains(init)) {
                inits.add(init);
            }
            epochs.add(new CmafEpoch(epochStart, segment.number(), init.version(), format));
            // Before the segment, so that whoever sees the segment finds its init segment.
            state = new State(language, epochs, inits);
        }
        nextNumber = segment.number() + 1;
        discontinuity = false;
        numbers.used(segment.number());
        segments.add(segment);
        long oldest = segments.snapshot().held().getFirst().number();
        boolean outdated = false;
        while (epochs.size() > 1 && epochs.get(1).firstNumber() <= oldest) {
            epochs.removeFirst();
            outdated = true;
        }
        if (outdated) {
            inits.removeIf(i -> epochs.stream().noneMatch(e -> e.initVersion() == i.version()));
            state = new State(language, epochs, inits);
        }
    }
}
