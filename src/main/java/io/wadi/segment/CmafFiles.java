package io.wadi.segment;

import io.netty.buffer.ByteBuf;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a packager by name: {@code init_v.mp4}, {@code init_v_2.mp4}, {@code
 * seg_v_00001.m4s}, {@code seg_a_00001.m4s} and so on.
 */
public final class CmafFiles {
    private static final Pattern NAME =
            Pattern.compile(
                    "init_(?<initTrack>v|a\\d?)(?:_(?<version>[1-9]\\d{0,8}))?\\.mp4"
                            + "|seg_(?<segmentTrack>v|a\\d?)_(?<number>\\d{5}|[1-9]\\d{5,17})\\.m4s"
                            + "|seg_(?<timedTrack>v|a\\d?)_t(?<time>\\d{1,18})\\.m4s");

    /** Two pictures of the slowest usual rate. */
    private static final long TIME_TOLERANCE_TICKS = Segment.TICKS_PER_SECOND / 6;

    /**
     * What is behind a name.
     *
     * @param immutable whether the same name always means the same bytes
     * @param etag strong entity tag without quotes
     * @param bytes owned by the caller, who releases it
     */
    public record File(String contentType, boolean immutable, String etag, ByteBuf bytes) {}

    private CmafFiles() {}

    /**
     * The name of an init segment. The first version has none in its name; it goes on to mean the
     * current one when no held segment needs the first any more.
     */
    public static String initName(String track, int version) {
        return version == 1 ? "init_" + track + ".mp4" : "init_" + track + "_" + version + ".mp4";
    }

    public static String segmentName(String track, long number) {
        return "seg_%s_%05d.m4s".formatted(track, number);
    }

    /** The segment names of a track as a DASH template (ISO/IEC 23009-1 §5.3.9.4.4). */
    public static String segmentTemplate(String track) {
        return "seg_" + track + "_$Number%05d$.m4s";
    }

    /** The same by the time at which a segment starts, in the track's timescale. */
    public static String timedTemplate(String track) {
        return "seg_" + track + "_t$Time$.m4s";
    }

    /**
     * Whether what has this name can come once the tracks are made: an init segment, or a segment
     * that is named by its time.
     */
    public static boolean isMade(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() && matcher.group("segmentTrack") == null;
    }

    /** Whether such a file is there, or will not come: the first segment is later. */
    public static boolean isSettled(List<CmafTrack> tracks, String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return true;
        }
        String timed = matcher.group("timedTrack");
        Optional<CmafTrack> track = track(tracks, timed == null ? "v" : timed);
        if (timed == null) {
            String init = matcher.group("initTrack");
            return track(tracks, init).isPresent();
        }
        return track.filter(t -> isReached(t, Long.parseLong(matcher.group("time")))).isPresent();
    }

    /**
     * When a segment of pictures starts that is named by its time.
     *
     * @return 90 kHz ticks, which are the timescale of every video track; empty for other names
     */
    public static OptionalLong videoTime(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() && "v".equals(matcher.group("timedTrack"))
                ? OptionalLong.of(Long.parseLong(matcher.group("time")))
                : OptionalLong.empty();
    }

    /**
     * How far behind the newest segment one of pictures is that is held: 90 kHz ticks from its
     * start to the end of the newest; empty for other files.
     */
    public static Optional<Long> ticksBehind(List<CmafTrack> tracks, String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean timed = "v".equals(matcher.group("timedTrack"));
        if (!timed && !"v".equals(matcher.group("segmentTrack"))) {
            return Optional.empty();
        }
        long named = Long.parseLong(matcher.group(timed ? "time" : "number"));
        return track(tracks, "v")
                .flatMap(
                        track ->
                                (timed ? heldAt(track, named) : held(track, named))
                                        .map(segment -> ticksBehind(track, segment)));
    }

    private static long ticksBehind(CmafTrack track, Segment segment) {
        List<Segment> held = track.segments().snapshot().held();
        long newest = held.isEmpty() ? segment.endTicks() : held.getLast().endTicks();
        return newest - segment.startTicks();
    }

    private static Optional<Segment> held(CmafTrack track, long number) {
        return track.segments().snapshot().held().stream()
                .filter(segment -> segment.number() == number)
                .findFirst();
    }

    private static boolean isReached(CmafTrack track, long time) {
        List<Segment> held = track.segments().snapshot().held();
        long ticks = ticksOf(track, time);
        return !held.isEmpty() && (held.getLast().endTicks() > ticks + TIME_TOLERANCE_TICKS);
    }

    private static long ticksOf(CmafTrack track, long time) {
        int timescale = track.format().map(CmafTrack::timescaleOf).orElse(1);
        return Math.round((double) time / timescale * Segment.TICKS_PER_SECOND);
    }

    /** Finds a file among the tracks of a packager. */
    public static Optional<File> find(List<CmafTrack> tracks, String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String timed = matcher.group("timedTrack");
        if (timed != null) {
            long time = Long.parseLong(matcher.group("time"));
            return track(tracks, timed)
                    .flatMap(t -> heldAt(t, time).flatMap(s -> segment(t, s.number())));
        }
        String initTrack = matcher.group("initTrack");
        if (initTrack == null) {
            long number = Long.parseLong(matcher.group("number"));
            return track(tracks, matcher.group("segmentTrack")).flatMap(t -> segment(t, number));
        }
        String version = matcher.group("version");
        return track(tracks, initTrack)
                .flatMap(t -> version == null ? plainInit(t) : init(t, Integer.parseInt(version)));
    }

    private static Optional<CmafTrack> track(List<CmafTrack> tracks, String name) {
        return tracks.stream().filter(t -> t.name().equals(name)).findFirst();
    }

    private static Optional<File> segment(CmafTrack track, long number) {
        return track.segments()
                .retain(number)
                .map(bytes -> new File(contentType(track), true, etag(track, number), bytes));
    }

    /**
     * The segment that is played at a time. Rungs whose pictures come at other rates are cut a
     * picture sooner or later than the one whose times were announced.
     */
    private static Optional<Segment> heldAt(CmafTrack track, long time) {
        long ticks = ticksOf(track, time) + TIME_TOLERANCE_TICKS;
        return track.segments().snapshot().held().stream()
                .filter(s -> s.startTicks() <= ticks && ticks < s.endTicks())
                .findFirst();
    }

    private static String etag(CmafTrack track, long number) {
        // Numbers may start again in a new process: the start of the epoch tells them apart.
        long epoch = track.state().epochOf(number).map(CmafEpoch::startTicks).orElse(0L);
        return Long.toHexString(number) + "-" + Long.toHexString(epoch);
    }

    private static Optional<File> plainInit(CmafTrack track) {
        CmafTrack.State state = track.state();
        return state.init(1).or(state::currentInit).map(init -> file(track, init));
    }

    private static Optional<File> init(CmafTrack track, int version) {
        return track.state().init(version).map(init -> file(track, init));
    }

    private static File file(CmafTrack track, CmafTrack.Init init) {
        ByteBuf bytes = init.bytes();
        String etag = Integer.toHexString(bytes.hashCode()) + "-" + bytes.readableBytes();
        return new File(contentType(track), false, etag, bytes.retainedDuplicate());
    }

    private static String contentType(CmafTrack track) {
        return track.isVideo() ? "video/mp4" : "audio/mp4";
    }
}
