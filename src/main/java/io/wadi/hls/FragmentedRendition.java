package io.wadi.hls;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.http.MediaRequest;
import io.wadi.http.MediaResponse;
import io.wadi.http.MediaResponse.CachePolicy;
import io.wadi.ring.RenditionOffer;
import io.wadi.ring.Unit;
import io.wadi.segment.CmafEpoch;
import io.wadi.segment.CmafFiles;
import io.wadi.segment.CmafPackager;
import io.wadi.segment.CmafTrack;
import io.wadi.segment.Segment;
import io.wadi.segment.SegmentWindow;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/**
 * A rendition in fMP4 segments: one playlist a track, so that audio is fetched once whatever the
 * picture size. The segments are those that DASH serves too.
 */
final class FragmentedRendition implements Rendition {
    /** Segments of video after which a track that is still missing is not waited for. */
    private static final int PATIENT_SEGMENTS = 2;

    private static final String EXTENSION = ".m3u8";
    private static final String VIDEO = "video";
    private static final String AUDIO = "audio";

    private record Rendered(long version, Document document) {}

    private final String name;
    private final CamelContext context;
    private final CmafPackager packager;
    private final Duration segmentDuration;
    private final Map<String, MediaPlaylists> playlists = new ConcurrentHashMap<>();
    private final Runnable listener;
    private volatile long version;
    private volatile Rendered index;

    /**
     * @param packager acquired by the caller, released by {@link #close}
     * @param changed called after each new segment, on the thread that feeds
     */
    FragmentedRendition(
            String name,
            Duration segmentDuration,
            CamelContext context,
            CmafPackager packager,
            Runnable changed) {
        this.name = name;
        this.context = context;
        this.packager = packager;
        this.segmentDuration = segmentDuration;
        this.listener = () -> onSegment(changed);
        packager.addListener(listener);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the packager's thread
    private void onSegment(Runnable changed) {
        version++;
        changed.run();
    }

    @Override
    public void onUnit(Unit unit) {
        packager.onUnit(unit);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isReady() {
        List<CmafTrack> tracks = playable();
        return !tracks.isEmpty()
                && (tracks.size() >= packager.expectedTracks()
                        || tracks.getFirst().segments().snapshot().held().size()
                                >= PATIENT_SEGMENTS);
    }

    @Override
    public boolean isPlayable() {
        return isReady();
    }

    private List<CmafTrack> playable() {
        return packager.tracks().stream()
                .filter(track -> !track.segments().snapshot().listed().isEmpty())
                .toList();
    }

    @Override
    public Document index() {
        long now = version;
        Rendered last = index;
        if (last != null && last.version() == now) {
            return last.document();
        }
        List<CmafTrack> tracks = playable();
        Document document =
                tracks.size() == 1 ? playlist(tracks.getFirst()) : MasterPlaylists.ofOne(this);
        index = new Rendered(now, document);
        return document;
    }

    private Document playlist(CmafTrack track) {
        return playlists
                .computeIfAbsent(
                        track.name(),
                        _ -> new MediaPlaylists(segmentDuration, true, new TrackNaming(track)))
                .of(track.segments().snapshot());
    }

    /** {@code v} is {@code video.m3u8}, {@code a} {@code audio.m3u8}, {@code a2} {@code audio2}. */
    private static String playlistName(CmafTrack track) {
        String stem = track.isVideo() ? VIDEO : AUDIO;
        return stem + track.name().substring(1) + EXTENSION;
    }

    private record TrackNaming(CmafTrack track) implements MediaPlaylists.Naming {
        @Override
        public String segment(Segment segment) {
            return CmafFiles.segmentName(track.name(), segment.number());
        }

        @Override
        public String init(Segment segment) {
            return CmafFiles.initName(
                    track.name(),
                    track.state().epochOf(segment.number()).map(CmafEpoch::initVersion).orElse(1));
        }
    }

    @Override
    public List<Description> describe() {
        List<CmafTrack> tracks = playable();
        if (tracks.isEmpty()) {
            return List.of();
        }
        CmafTrack main = tracks.getFirst();
        List<Alternative> audio = new ArrayList<>();
        for (CmafTrack track : tracks) {
            if (main.isVideo() && !track.isVideo()) {
                audio.add(alternative(track));
            }
        }
        SegmentWindow.Snapshot video = main.segments().snapshot();
        long audioPeak = audio.isEmpty() ? 0 : peak(tracks, MediaPlaylists::peakBps);
        long audioAverage = audio.isEmpty() ? 0 : peak(tracks, MediaPlaylists::averageBps);
        Optional<VideoFormat> format =
                main.format().filter(VideoFormat.class::isInstance).map(VideoFormat.class::cast);
        return List.of(
                new Description(
                        playlistName(main),
                        MediaPlaylists.peakBps(video) + audioPeak,
                        MediaPlaylists.averageBps(video) + audioAverage,
                        tracks.stream()
                                .flatMap(track -> track.format().stream())
                                .map(TrackFormat::codecString)
                                .distinct()
                                .toList(),
                        format.map(TsRendition::displayWidth).orElse(0),
                        format.map(VideoFormat::height).orElse(0),
                        main.picturesPerSecond() > 0
                                ? main.picturesPerSecond()
                                : format.map(VideoFormat::frameRate).orElse(0.0),
                        true,
                        audio));
    }

    @Override
    public Description promise(RenditionOffer offer) {
        boolean video = offer.width() > 0;
        return Description.promised(
                (video ? VIDEO : AUDIO) + EXTENSION,
                offer,
                video && offer.sound()
                        ? List.of(new Alternative(AUDIO + EXTENSION, "", 0))
                        : List.of());
    }

    /** Of the audio that costs most: a player chooses one. */
    private static long peak(
            List<CmafTrack> tracks, ToLongFunction<SegmentWindow.Snapshot> bitrate) {
        return tracks.stream()
                .filter(track -> !track.isVideo())
                .mapToLong(track -> bitrate.applyAsLong(track.segments().snapshot()))
                .max()
                .orElse(0);
    }

    private static Alternative alternative(CmafTrack track) {
        int channels =
                track.format()
                        .filter(AudioFormat.class::isInstance)
                        .map(AudioFormat.class::cast)
                        .map(AudioFormat::channels)
                        .orElse(0);
        return new Alternative(playlistName(track), track.language(), channels);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // nobody writes while the ring forgets
    public void forget() {
        packager.forget();
        version++;
    }

    @Override
    public int serve(String file, MediaRequest request, MediaResponse response) {
        if (file.endsWith(EXTENSION)) {
            for (CmafTrack track : playable()) {
                if (playlistName(track).equals(file)) {
                    Document playlist = playlist(track);
                    playlist.send(response);
                    return playlist.sizeBytes();
                }
            }
            return -1;
        }
        Optional<CmafFiles.File> found = CmafFiles.find(packager.tracks(), file);
        if (found.isEmpty()) {
            return -1;
        }
        CmafFiles.File served = found.get();
        int size = served.bytes().readableBytes();
        response.send(
                served.contentType(),
                served.immutable() ? CachePolicy.SEGMENT : CachePolicy.PLAYLIST,
                served.etag(),
                served.bytes());
        return size;
    }

    @Override
    public void retire() {
        packager.removeListener(listener);
        CmafPackager.release(context, packager);
    }

    @Override
    public void close() {
        // The packager's memory is its own affair.
    }
}
