package io.wadi.segment;

import io.netty.buffer.ByteBuf;

import java.util.List;
import java.util.Optional;
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
                            + "|seg_(?<segmentTrack>v|a\\d?)_(?<number>\\d{5}|[1-9]\\d{5,17})\\.m4s");

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

    /** Finds a file among the tracks of a packager. */
    public static Optional<File> find(List<CmafTrack> tracks, String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
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
