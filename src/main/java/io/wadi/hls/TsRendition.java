package io.wadi.hls;

import io.netty.buffer.ByteBuf;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaResponse.CachePolicy;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.Unit;
import io.wadi.segment.CutSegment;
import io.wadi.segment.FrameRateMeter;
import io.wadi.segment.Segment;
import io.wadi.segment.SegmentLimits;
import io.wadi.segment.SegmentNumbers;
import io.wadi.segment.SegmentWindow;
import io.wadi.segment.TsSegmenter;
import io.wadi.segment.WallClock;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rendition in MPEG-TS segments. Fed by one thread, served on any. */
final class TsRendition implements Rendition {
    static final String MEDIA_PLAYLIST = "media.m3u8";

    /**
     * Segments that can still be fetched after they left the playlist (RFC 8216 §6.2.2). The RFC's
     * own rule would double the memory of every stream; three segments are what a player is behind
     * the playlist that it read last.
     */
    private static final int GRACE_SEGMENTS = 3;

    private static final String TS_TYPE = "video/mp2t";
    private static final Pattern SEGMENT = Pattern.compile("seg_(\\d{6,18})\\.ts");

    /** Whether a file could be one of the segments. */
    static boolean isSegment(String file) {
        return SEGMENT.matcher(file).matches();
    }

    private final String name;
    private final SegmentNumbers numbers;
    private final SegmentWindow window;
    private final TsSegmenter segmenter;
    private final MediaPlaylists playlists;
    private final WallClock wallClock = new WallClock(Clock.systemUTC());
    private final FrameRateMeter frameRate = new FrameRateMeter();
    private final Supplier<List<TrackFormat>> formats;
    private final Runnable changed;

    /** Two runs without stored numbers use the same names for other bytes. */
    private final String etagPrefix =
            Long.toHexString(ThreadLocalRandom.current().nextLong()) + "-";

    private volatile boolean independent = true;

    /**
     * @param numbers taken over and closed
     * @param formats what the tracks carry, as far as it is known
     * @param changed called after each new segment, on the thread that feeds
     */
    TsRendition(
            String name,
            Duration segmentDuration,
            int listed,
            SegmentNumbers numbers,
            Supplier<List<TrackFormat>> formats,
            Runnable changed) {
        this.name = name;
        this.numbers = numbers;
        this.formats = formats;
        this.changed = changed;
        this.window = new SegmentWindow(listed, GRACE_SEGMENTS, numbers.state().discontinuity());
        this.playlists = new MediaPlaylists(segmentDuration, false, new TsNaming());
        this.segmenter = new TsSegmenter(SegmentLimits.of(segmentDuration), this::onSegment);
        if (numbers.isResumed()) {
            segmenter.markDiscontinuity();
        }
    }

    /** Where its numbers stand: what follows goes on from here. */
    SegmentNumbers.State position() {
        return numbers.state();
    }

    /**
     * Lists the segments of a rendition that this one follows, and whose numbers lead up to its
     * own. Before the first unit.
     */
    void follow(TsRendition former) {
        window.inherit(former.window.snapshot());
    }

    private static final class TsNaming implements MediaPlaylists.Naming {
        @Override
        public String segment(Segment segment) {
            return fileOf(segment.number());
        }

        @Override
        public String init(Segment segment) {
            return "";
        }
    }

    private static String fileOf(long number) {
        return String.format("seg_%06d.ts", number);
    }

    @Override
    public void onUnit(Unit unit) {
        segmenter.onUnit(unit);
    }

    private void onSegment(CutSegment cut) {
        long end = cut.startTicks() + cut.durationTicks();
        frameRate.add(cut);
        independent = cut.independent();
        window.add(
                new Segment(
                        numbers.next(cut.discontinuity()),
                        cut.startTicks(),
                        cut.durationTicks(),
                        cut.discontinuity(),
                        wallClock.at(cut.startTicks(), end),
                        cut.bytes()));
        changed.run();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isReady() {
        return !window.snapshot().own().isEmpty();
    }

    @Override
    public boolean isPlayable() {
        return !window.snapshot().listed().isEmpty();
    }

    @Override
    public Document index() {
        return playlists.of(window.snapshot());
    }

    @Override
    public List<Description> describe() {
        SegmentWindow.Snapshot snapshot = window.snapshot();
        if (snapshot.own().isEmpty()) {
            return List.of();
        }
        List<TrackFormat> tracks = formats.get();
        Optional<VideoFormat> video =
                tracks.stream()
                        .filter(VideoFormat.class::isInstance)
                        .map(VideoFormat.class::cast)
                        .findFirst();
        double measured = frameRate.picturesPerSecond();
        return List.of(
                new Description(
                        listedAs(),
                        MediaPlaylists.peakBps(snapshot),
                        MediaPlaylists.averageBps(snapshot),
                        tracks.stream().map(TrackFormat::codecString).distinct().toList(),
                        video.map(TsRendition::displayWidth).orElse(0),
                        video.map(VideoFormat::height).orElse(0),
                        measured > 0 ? measured : video.map(VideoFormat::frameRate).orElse(0.0),
                        independent,
                        List.of()));
    }

    private String listedAs() {
        return name.isEmpty() ? MEDIA_PLAYLIST : HlsStream.INDEX;
    }

    @Override
    public Description promise(RenditionOffer offer) {
        return Description.promised(listedAs(), offer, List.of());
    }

    /** In square samples. */
    static int displayWidth(VideoFormat video) {
        return (int) Math.round((double) video.width() * video.sarWidth() / video.sarHeight());
    }

    @Override
    public void forget() {
        segmenter.forget();
        window.forget();
    }

    @Override
    public int serve(String file, MediaRequest request, MediaResponse response) {
        if (file.equals(MEDIA_PLAYLIST) && isPlayable()) {
            Document playlist = index();
            playlist.send(response);
            return playlist.sizeBytes();
        }
        Matcher segment = SEGMENT.matcher(file);
        if (!segment.matches()) {
            return -1;
        }
        long number = Long.parseLong(segment.group(1));
        Optional<ByteBuf> bytes =
                fileOf(number).equals(file) ? window.retain(number) : Optional.empty();
        if (bytes.isEmpty()) {
            return -1;
        }
        int size = bytes.get().readableBytes();
        response.send(TS_TYPE, CachePolicy.SEGMENT, etagPrefix + number, bytes.get());
        return size;
    }

    @Override
    public void retire() {
        segmenter.close();
        numbers.close();
    }

    @Override
    public void close() {
        window.close();
    }
}
