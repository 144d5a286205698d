package io.wadi.dash;

import io.lindstrom.mpd.data.AdaptationSet;
import io.lindstrom.mpd.data.FrameRate;
import io.lindstrom.mpd.data.Ratio;
import io.lindstrom.mpd.data.Representation;
import io.lindstrom.mpd.data.SegmentTemplate;
import io.lindstrom.mpd.data.descriptor.GenericDescriptor;
import io.lindstrom.mpd.data.descriptor.Role;
import io.wadi.codec.AudioFormat;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.dash.DashStream.Rendition;
import io.wadi.ring.RenditionOffer;
import io.wadi.segment.CmafEpoch;
import io.wadi.segment.CmafFiles;
import io.wadi.segment.CmafTrack;
import io.wadi.segment.Segment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/** The AdaptationSets and Representations of a Period. */
final class Representations {
    static final long TICKS_PER_MS = Segment.TICKS_PER_SECOND / 1000;

    /** The rungs of a ladder start their epochs together; an encoder may lag this far behind. */
    static final long SAME_EPOCH_TICKS = 10L * Segment.TICKS_PER_SECOND;

    /** What passes between a segment being listed and an encoder being there to make it. */
    private static final long ASKED_TICKS = 3L * Segment.TICKS_PER_SECOND;

    /** How far before the newest segment a rung that rests is listed from. */
    static final long PROMISED_TICKS = RenditionOffer.WAKES_BACK_MAX_TICKS - ASKED_TICKS;

    private static final int VIDEO_SET_ID = 1;

    /** Every segment starts with a closed or open random access point (§5.3.5.2). */
    private static final long SAP_TYPE = 1;

    /** ChannelConfiguration of ISO/IEC 23001-8 (§5.8.5.4). */
    private static final String CHANNELS = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011";

    /** A rate this near to a multiple of 1/1001 is one. */
    private static final double RATE_TOLERANCE = 0.005;

    /** Announced bandwidth is rounded up to this, and never goes down. */
    private static final long BANDWIDTH_STEP = 10_000;

    /** Of tracks that are there; one thread renders at a time. */
    private final Map<CmafTrack, Long> bandwidths = new WeakHashMap<>();

    /**
     * A Period: an epoch of the rendition that leads.
     *
     * @param lead its first track, with the segments whose times others have, too
     * @param endTicks where the next one starts
     */
    record Span(CmafTrack lead, CmafEpoch epoch, long endTicks) {
        static Span of(CmafTrack lead, CmafEpoch epoch) {
            List<CmafEpoch> epochs = lead.state().epochs();
            int next = epochs.indexOf(epoch) + 1;
            return new Span(
                    lead,
                    epoch,
                    next > 0 && next < epochs.size()
                            ? epochs.get(next).startTicks()
                            : Long.MAX_VALUE);
        }

        /** Where it starts: whole milliseconds, so that every timescale says the same. */
        long startMs() {
            return epoch.startTicks() / TICKS_PER_MS;
        }

        /** Of a rung that came in the middle: from its first segment in this Period on. */
        private boolean holds(Segment segment) {
            return segment.startTicks() >= epoch.startTicks() - TICKS_PER_MS
                    && segment.startTicks() < endTicks;
        }
    }

    /**
     * What a track has in a Period.
     *
     * @param epoch says the format
     * @param segments at least one
     */
    private record Run(CmafEpoch epoch, List<Segment> segments) {}

    /** The epoch of a track that began with the Period, or else the newest that lies in it. */
    private static Optional<Run> run(CmafTrack track, Span span) {
        CmafEpoch alike = epochLike(track, span.epoch()).orElse(null);
        if (alike != null && !segmentsOf(track, alike).isEmpty()) {
            return Optional.of(new Run(alike, segmentsOf(track, alike)));
        }
        for (CmafEpoch epoch : track.state().epochs().reversed()) {
            List<Segment> segments = segmentsOf(track, epoch).stream().filter(span::holds).toList();
            if (!segments.isEmpty()) {
                return Optional.of(new Run(epoch, segments));
            }
        }
        return Optional.empty();
    }

    /** The listed segments of a track's epoch. */
    static List<Segment> segmentsOf(CmafTrack track, CmafEpoch epoch) {
        CmafTrack.State state = track.state();
        int index = state.epochs().indexOf(epoch);
        long end =
                index >= 0 && index + 1 < state.epochs().size()
                        ? state.epochs().get(index + 1).firstNumber()
                        : Long.MAX_VALUE;
        return track.segments().snapshot().listed().stream()
                .filter(s -> s.number() >= epoch.firstNumber() && s.number() < end)
                .toList();
    }

    /** The epoch of a track that belongs to that of another. */
    static Optional<CmafEpoch> epochLike(CmafTrack track, CmafEpoch other) {
        CmafEpoch nearest = null;
        for (CmafEpoch epoch : track.state().epochs()) {
            long distance = Math.abs(epoch.startTicks() - other.startTicks());
            if (distance < SAME_EPOCH_TICKS
                    && (nearest == null
                            || distance < Math.abs(nearest.startTicks() - other.startTicks()))) {
                nearest = epoch;
            }
        }
        return Optional.ofNullable(nearest);
    }

    static long area(TrackFormat format) {
        return switch (format) {
            case VideoFormat video -> (long) video.width() * video.height();
            case AudioFormat audio -> 0;
        };
    }

    /** One set of all renditions' video, empty when there is none. */
    Optional<AdaptationSet> video(List<Rendition> ladder, List<Rendition> resting, Span span) {
        List<Representation> rungs = new ArrayList<>();
        VideoFormat first = null;
        for (Rendition rendition : ladder) {
            for (CmafTrack track : rendition.packager().tracks()) {
                Run run = track.isVideo() ? run(track, span).orElse(null) : null;
                if (run == null) {
                    continue;
                }
                VideoFormat format = (VideoFormat) run.epoch().format();
                first = first == null ? format : first;
                rungs.add(picture(rendition, track, run, span, format));
            }
        }
        if (first == null) {
            return Optional.empty();
        }
        if (span.endTicks() == Long.MAX_VALUE && span.lead().isVideo()) {
            resting.forEach(rendition -> promise(rendition, span).ifPresent(rungs::add));
        }
        AdaptationSet.Builder set =
                AdaptationSet.builder()
                        .withId(VIDEO_SET_ID)
                        .withContentType("video")
                        .withSegmentAlignment("true")
                        .withPar(aspect(first))
                        .withRoles(Role.Type.MAIN)
                        .withRepresentations(rungs);
        set.withMimeType("video/mp4");
        set.withStartWithSAP(SAP_TYPE);
        return Optional.of(set.build());
    }

    /**
     * A rung that is made when somebody asks for it: with what its maker says, and the times of the
     * rendition that leads, since all are cut at the same pictures.
     */
    private static Optional<Representation> promise(Rendition rendition, Span span) {
        RenditionOffer offer = rendition.offer().orElseThrow();
        if (offer.codecs().isEmpty() || offer.width() == 0) {
            return Optional.empty();
        }
        List<Segment> segments = reachable(segmentsOf(span.lead(), span.epoch()));
        Representation.Builder picture =
                Representation.builder()
                        .withId(id(rendition, span.lead()))
                        .withBandwidth(
                                Math.ceilDiv(offer.peakBps(), BANDWIDTH_STEP) * BANDWIDTH_STEP)
                        .withSegmentTemplate(
                                template(
                                        rendition,
                                        span.lead(),
                                        new Run(span.epoch(), segments),
                                        span,
                                        CmafFiles.initName(span.lead().name(), 1)));
        picture.withCodecs(offer.codecs().getFirst());
        picture.withWidth(offer.width());
        picture.withHeight(offer.height());
        picture.withSar(Ratio.of(1, 1));
        frameRate(offer.frameRate()).ifPresent(picture::withFrameRate);
        return Optional.of(picture.build());
    }

    /**
     * What will be there when somebody asks for it: an encoder starts where that is, but so far
     * back and no further, and until it does, a player has asked, and had the MPD for a while. All
     * of that, as dash.js never asks for the next segment after a gap: it waits for ever.
     */
    private static List<Segment> reachable(List<Segment> segments) {
        long from = segments.getLast().endTicks() - PROMISED_TICKS;
        List<Segment> late = segments.stream().filter(s -> s.startTicks() >= from).toList();
        return late.isEmpty() ? List.of(segments.getLast()) : late;
    }

    private static String id(Rendition rendition, CmafTrack track) {
        return rendition.prefix().replace('/', '-') + track.name();
    }

    private Representation picture(
            Rendition rendition, CmafTrack track, Run run, Span span, VideoFormat format) {
        Representation.Builder picture = base(rendition, track, run, span);
        picture.withWidth(format.width());
        picture.withHeight(format.height());
        picture.withSar(Ratio.of(format.sarWidth(), format.sarHeight()));
        frameRate(format.frameRate()).ifPresent(picture::withFrameRate);
        return picture.build();
    }

    /** One set a language. */
    List<AdaptationSet> audio(Rendition rendition, Span span) {
        List<AdaptationSet> sets = new ArrayList<>();
        int id = VIDEO_SET_ID;
        for (CmafTrack track : rendition.packager().tracks()) {
            if (track.isVideo()) {
                continue;
            }
            id++;
            Run run = run(track, span).orElse(null);
            if (run == null) {
                continue;
            }
            AudioFormat format = (AudioFormat) run.epoch().format();
            Representation.Builder sound = base(rendition, track, run, span);
            sound.withAudioSamplingRate(Integer.toString(format.sampleRate()));
            sound.withAudioChannelConfigurations(
                    List.of(new GenericDescriptor(CHANNELS, channels(format.channels()))));
            AdaptationSet.Builder set =
                    AdaptationSet.builder()
                            .withId(id)
                            .withContentType("audio")
                            .withSegmentAlignment("true")
                            .withRoles(sets.isEmpty() ? Role.Type.MAIN : Role.Type.ALTERNATE)
                            .withRepresentations(sound.build());
            if (!track.language().isEmpty()) {
                set.withLang(track.language());
            }
            set.withMimeType("audio/mp4");
            set.withStartWithSAP(SAP_TYPE);
            sets.add(set.build());
        }
        return sets;
    }

    private Representation.Builder base(Rendition rendition, CmafTrack track, Run run, Span span) {
        String init = CmafFiles.initName(track.name(), run.epoch().initVersion());
        Representation.Builder base =
                Representation.builder()
                        .withId(id(rendition, track))
                        .withBandwidth(bandwidth(track, run.segments()))
                        .withSegmentTemplate(template(rendition, track, run, span, init));
        base.withCodecs(run.epoch().format().codecString());
        return base;
    }

    /** Segments on demand are named by their times, which are known before they are made. */
    private static SegmentTemplate template(
            Rendition rendition, CmafTrack track, Run run, Span span, String init) {
        int timescale = CmafTrack.timescaleOf(run.epoch().format());
        boolean timed = rendition.isOnDemand();
        String media =
                timed
                        ? CmafFiles.timedTemplate(track.name())
                        : CmafFiles.segmentTemplate(track.name());
        return SegmentTemplate.builder()
                .withTimescale((long) timescale)
                .withPresentationTimeOffset(scale(span.startMs(), 1000, timescale))
                .withStartNumber(timed ? null : run.segments().getFirst().number())
                .withInitialization(rendition.prefix() + init)
                .withMedia(rendition.prefix() + media)
                .withSegmentTimeline(timeline(run.segments(), timescale))
                .build();
    }

    /** S elements: a run of equal durations is one, and time is said where it does not follow. */
    private static List<io.lindstrom.mpd.data.Segment> timeline(
            List<Segment> segments, int timescale) {
        List<io.lindstrom.mpd.data.Segment> timeline = new ArrayList<>();
        long expected = Long.MIN_VALUE;
        long runTime = 0;
        long runDuration = 0;
        long repeats = -1;
        boolean runSaysTime = false;
        for (Segment segment : segments) {
            long time = scale(segment.startTicks(), Segment.TICKS_PER_SECOND, timescale);
            long end = scale(segment.endTicks(), Segment.TICKS_PER_SECOND, timescale);
            if (time == expected && end - time == runDuration) {
                repeats++;
            } else {
                if (repeats >= 0) {
                    timeline.add(element(runSaysTime, runTime, runDuration, repeats));
                }
                runSaysTime = time != expected;
                runTime = time;
                runDuration = end - time;
                repeats = 0;
            }
            expected = end;
        }
        timeline.add(element(runSaysTime, runTime, runDuration, repeats));
        return timeline;
    }

    private static io.lindstrom.mpd.data.Segment element(
            boolean saysTime, long time, long duration, long repeats) {
        return io.lindstrom.mpd.data.Segment.builder()
                .withT(saysTime ? time : null)
                .withD(duration)
                .withR(repeats > 0 ? repeats : null)
                .build();
    }

    /** Whole seconds apart, so that nothing overflows; rounded. */
    private static long scale(long value, int from, int to) {
        long seconds = Math.floorDiv(value, (long) from);
        return seconds * to + ((value - seconds * from) * to + from / 2) / from;
    }

    /** The most that any listed segment took, as far as was seen. */
    private long bandwidth(CmafTrack track, List<Segment> segments) {
        long most = 0;
        for (Segment segment : segments) {
            long bits = (long) segment.sizeBytes() * Byte.SIZE * Segment.TICKS_PER_SECOND;
            most = Math.max(most, bits / Math.max(1, segment.durationTicks()));
        }
        long rounded = Math.ceilDiv(Math.max(1, most), BANDWIDTH_STEP) * BANDWIDTH_STEP;
        return bandwidths.merge(track, rounded, Math::max);
    }

    private static Ratio aspect(VideoFormat format) {
        long width = (long) format.width() * format.sarWidth();
        long height = (long) format.height() * format.sarHeight();
        long divisor = gcd(width, height);
        return Ratio.of(width / divisor, height / divisor);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? Math.max(1, a) : gcd(b, a % b);
    }

    /** 25, 30000/1001 and the like; anything else in thousandths. */
    static Optional<FrameRate> frameRate(double rate) {
        if (!(rate > 0)) {
            return Optional.empty();
        }
        long whole = Math.round(rate);
        if (Math.abs(rate - whole) < RATE_TOLERANCE) {
            return Optional.of(new FrameRate(Math.max(1, whole)));
        }
        long film = Math.round(rate * 1001 / 1000);
        if (Math.abs(rate - film * 1000 / 1001.0) < RATE_TOLERANCE) {
            return Optional.of(new FrameRate(film * 1000, 1001L));
        }
        return Optional.of(new FrameRate(Math.round(rate * 1000), 1000L));
    }

    /** Up to 5.1 the number of channels; 6.1 and 7.1 have numbers of their own. */
    private static String channels(int channels) {
        return switch (channels) {
            case 7 -> "11";
            case 8 -> "12";
            default -> Integer.toString(channels);
        };
    }
}
