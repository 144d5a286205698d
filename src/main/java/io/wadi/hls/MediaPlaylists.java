package io.wadi.hls;

import io.lindstrom.m3u8.model.MediaPlaylist;
import io.lindstrom.m3u8.model.MediaSegment;
import io.lindstrom.m3u8.model.SegmentMap;
import io.lindstrom.m3u8.parser.MediaPlaylistParser;
import io.wadi.segment.Segment;
import io.wadi.segment.SegmentWindow;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.function.ToLongFunction;

/**
 * Renders a media playlist (RFC 8216 §4.3.3) once for each change of its window, when somebody asks
 * for it.
 */
final class MediaPlaylists {
    private static final MediaPlaylistParser WRITER = new MediaPlaylistParser();

    /** Integer EXTINF needs 2, decimals need 3; EXT-X-MAP without I-frames needs 6 (§7). */
    private static final int TS_VERSION = 3;

    private static final int FMP4_VERSION = 7;
    private static final double MILLIS = 1000.0;

    /** How a container names its files. */
    interface Naming {
        String segment(Segment segment);

        /** The init segment's file, or "" when there is none. */
        String init(Segment segment);
    }

    private record Rendered(SegmentWindow.Snapshot of, Document document) {}

    private final Naming naming;
    private final int version;
    private int targetSeconds;
    private volatile Rendered rendered;

    MediaPlaylists(Duration segmentDuration, boolean fragmented, Naming naming) {
        this.naming = naming;
        this.version = fragmented ? FMP4_VERSION : TS_VERSION;
        // One second more than asked for, so that a GOP that does not fit never changes it.
        this.targetSeconds = (int) Math.ceil(segmentDuration.toMillis() / MILLIS) + 1;
    }

    /** The playlist of a window as it is now. */
    @SuppressWarnings("ReferenceEquality") // snapshots are immutable and replaced
    Document of(SegmentWindow.Snapshot snapshot) {
        Rendered last = rendered;
        if (last != null && last.of() == snapshot) {
            return last.document();
        }
        Document document = Document.of(render(snapshot));
        rendered = new Rendered(snapshot, document);
        return document;
    }

    private String render(SegmentWindow.Snapshot snapshot) {
        var playlist =
                MediaPlaylist.builder()
                        .version(version)
                        .targetDuration(targetFor(snapshot))
                        .mediaSequence(snapshot.mediaSequence())
                        .ongoing(true);
        if (snapshot.discontinuitySequence() > 0) {
            playlist.discontinuitySequence(snapshot.discontinuitySequence());
        }
        String init = "";
        for (Segment segment : snapshot.listed()) {
            var entry =
                    MediaSegment.builder()
                            .uri(naming.segment(segment))
                            .duration(roundToMillis(segment.durationSeconds()))
                            .discontinuity(segment.discontinuity())
                            .programDateTime(
                                    segment.wallClock()
                                            .truncatedTo(ChronoUnit.MILLIS)
                                            .atOffset(ZoneOffset.UTC));
            String map = naming.init(segment);
            if (!map.isEmpty() && (!map.equals(init) || segment.discontinuity())) {
                entry.segmentMap(SegmentMap.builder().uri(map).build());
                init = map;
            }
            playlist.addMediaSegments(entry.build());
        }
        return WRITER.writePlaylistAsString(playlist.build());
    }

    /** Never below the longest segment (§4.3.3.1), and never smaller again. */
    private synchronized int targetFor(SegmentWindow.Snapshot snapshot) {
        for (Segment segment : snapshot.listed()) {
            targetSeconds = Math.max(targetSeconds, (int) Math.round(segment.durationSeconds()));
        }
        return targetSeconds;
    }

    private static double roundToMillis(double seconds) {
        return Math.round(seconds * MILLIS) / MILLIS;
    }

    /** The highest bitrate of any listed segment of its own. */
    static long peakBps(SegmentWindow.Snapshot snapshot) {
        return snapshot.own().stream().mapToLong(MediaPlaylists::bps).max().orElse(0);
    }

    /** The bitrate of all listed segments of its own together. */
    static long averageBps(SegmentWindow.Snapshot snapshot) {
        long ticks = sum(snapshot, Segment::durationTicks);
        return ticks == 0 ? 0 : bps(sum(snapshot, Segment::sizeBytes), ticks);
    }

    private static long bps(Segment segment) {
        return bps(segment.sizeBytes(), Math.max(1, segment.durationTicks()));
    }

    private static long bps(long bytes, long ticks) {
        return Math.ceilDiv(bytes * Byte.SIZE * Segment.TICKS_PER_SECOND, ticks);
    }

    private static long sum(SegmentWindow.Snapshot snapshot, ToLongFunction<Segment> value) {
        return snapshot.own().stream().mapToLong(value).sum();
    }
}
