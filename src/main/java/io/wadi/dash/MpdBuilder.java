package io.wadi.dash;

import io.lindstrom.mpd.data.AdaptationSet;
import io.lindstrom.mpd.data.MPD;
import io.lindstrom.mpd.data.Period;
import io.lindstrom.mpd.data.PresentationType;
import io.lindstrom.mpd.data.Profile;
import io.lindstrom.mpd.data.Profiles;
import io.lindstrom.mpd.data.UTCTiming;
import io.wadi.dash.DashStream.Rendition;
import io.wadi.segment.CmafEpoch;
import io.wadi.segment.CmafOptions;
import io.wadi.segment.CmafTrack;
import io.wadi.segment.Segment;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Makes the MPD of a stream from what its packagers hold.
 *
 * <p>Time: media time is the stream's timeline, which counts from 1970. So availabilityStartTime is
 * 1970 (or off from it by a constant, where the timeline is off from the wall clock), a Period
 * starts at its first media time, and presentationTimeOffset is the same in the track's timescale:
 * wall clock = availabilityStartTime + Period@start + (media time - presentationTimeOffset).
 * Nothing of this changes while the stream runs, and neither over a restart of the process.
 */
final class MpdBuilder {
    /** A timeline that is less off than this is right: what is left is the encoder's delay. */
    private static final long SNAP_MS = 3000;

    /** A Period is shown without a missing track after so many segments of the others. */
    private static final int PATIENCE_SEGMENTS = 3;

    /** Suggested delay behind the live edge: three segments are the usual buffer of players. */
    private static final int DELAY_SEGMENTS = 3;

    private static final long UNANCHORED = Long.MIN_VALUE;

    private final Representations representations = new Representations();
    private volatile long offsetMs = UNANCHORED;

    boolean isAnchored() {
        return offsetMs != UNANCHORED;
    }

    /** Compares the timeline with the wall clock, once, when the first segment is finished. */
    void anchor(List<Rendition> renditions, long nowMs) {
        for (Rendition rendition : renditions) {
            for (CmafTrack track : rendition.packager().tracks()) {
                List<Segment> held = track.segments().snapshot().held();
                if (!held.isEmpty()) {
                    long late = nowMs - held.getLast().endTicks() / Representations.TICKS_PER_MS;
                    offsetMs = Math.abs(late) < SNAP_MS ? 0 : late;
                    return;
                }
            }
        }
    }

    /** Best first; what has no tracks yet, or is not made of this source, is left out. */
    private static List<Rendition> ladder(List<Rendition> renditions) {
        return renditions.stream()
                .filter(r -> !r.packager().tracks().isEmpty() && !r.isLeftOut())
                .sorted(Comparator.comparingLong(MpdBuilder::area).reversed())
                .toList();
    }

    /**
     * The rendition whose epochs are the Periods: the best, unless another has been there for much
     * longer. Those that come and go are no measure for the others.
     */
    private static Rendition leader(List<Rendition> ladder) {
        List<Rendition> steady = ladder.stream().filter(r -> !r.isOnDemand()).toList();
        List<Rendition> candidates = steady.isEmpty() ? ladder : steady;
        Rendition leader = candidates.getFirst();
        for (Rendition other : candidates) {
            if (startTicks(other) + Representations.SAME_EPOCH_TICKS < startTicks(leader)) {
                leader = other;
            }
        }
        return leader;
    }

    private static long startTicks(Rendition rendition) {
        List<Segment> listed =
                rendition.packager().tracks().getFirst().segments().snapshot().listed();
        return listed.isEmpty()
                ? Long.MAX_VALUE - Representations.SAME_EPOCH_TICKS
                : listed.getFirst().startTicks();
    }

    /** Whether {@link #build} would make an MPD; cheap enough for the writer's thread. */
    boolean isReady(List<List<Rendition>> generations) {
        return isAnchored() && generations.stream().anyMatch(MpdBuilder::hasPeriod);
    }

    private static boolean hasPeriod(List<Rendition> renditions) {
        List<Rendition> ladder = ladder(renditions);
        if (ladder.isEmpty()) {
            return false;
        }
        Rendition best = leader(ladder);
        CmafTrack lead = best.packager().tracks().getFirst();
        return lead.state().epochs().stream()
                .anyMatch(
                        epoch -> {
                            int segments = Representations.segmentsOf(lead, epoch).size();
                            return segments > 0 && isComplete(best, epoch, segments);
                        });
    }

    /** What Periods are collected into. */
    private static final class Periods {
        private final List<Period> all = new ArrayList<>();
        private CmafOptions options;
        private long longestTicks;
    }

    /**
     * The MPD, empty while there is nothing to play.
     *
     * @param generations of a stream's renditions, one after the other; the last one is fed
     */
    Optional<MPD> build(List<List<Rendition>> generations, OffsetDateTime now) {
        Periods periods = new Periods();
        if (isAnchored()) {
            generations.forEach(generation -> add(generation, periods));
        }
        return periods.all.isEmpty() ? Optional.empty() : Optional.of(mpd(periods, now));
    }

    private void add(List<Rendition> renditions, Periods periods) {
        List<Rendition> ladder = ladder(renditions);
        if (ladder.isEmpty()) {
            return;
        }
        Rendition best = leader(ladder);
        CmafTrack lead = best.packager().tracks().getFirst();
        List<Rendition> resting = renditions.stream().filter(Rendition::rests).toList();
        for (CmafEpoch epoch : lead.state().epochs()) {
            List<Segment> segments = Representations.segmentsOf(lead, epoch);
            if (segments.isEmpty() || !isComplete(best, epoch, segments.size())) {
                continue;
            }
            for (Segment segment : segments) {
                periods.longestTicks = Math.max(periods.longestTicks, segment.durationTicks());
            }
            periods.options = best.packager().options();
            periods.all.add(period(ladder, resting, Representations.Span.of(lead, epoch)));
        }
    }

    /** A player does not look for tracks that join a Period later. */
    private static boolean isComplete(Rendition rendition, CmafEpoch epoch, int segments) {
        if (segments >= PATIENCE_SEGMENTS) {
            return true;
        }
        CmafTrack lead = rendition.packager().tracks().getFirst();
        if (!lead.state().epochs().getLast().equals(epoch)) {
            return true;
        }
        long started =
                rendition.packager().tracks().stream()
                        .filter(t -> Representations.epochLike(t, epoch).isPresent())
                        .count();
        return started >= rendition.packager().expectedTracks();
    }

    private static long area(Rendition rendition) {
        return rendition.packager().tracks().getFirst().format().stream()
                .mapToLong(Representations::area)
                .sum();
    }

    private Period period(
            List<Rendition> ladder, List<Rendition> resting, Representations.Span span) {
        long startMs = span.startMs();
        List<AdaptationSet> sets = new ArrayList<>();
        representations.video(ladder, resting, span).ifPresent(sets::add);
        // Audio once, with the best rendition that has any and runs anyway.
        List<Rendition> steadyFirst =
                ladder.stream().sorted(Comparator.comparing(Rendition::isOnDemand)).toList();
        for (Rendition rendition : steadyFirst) {
            List<AdaptationSet> audio = representations.audio(rendition, span);
            if (!audio.isEmpty()) {
                sets.addAll(audio);
                break;
            }
        }
        return Period.builder()
                .withId("p" + startMs)
                .withStart(Duration.ofMillis(startMs))
                .withAdaptationSets(sets)
                .build();
    }

    private MPD mpd(Periods periods, OffsetDateTime now) {
        CmafOptions options = periods.options;
        Duration target = options.segmentDuration();
        // Rounded up, so that it does not change with every segment.
        long longestSeconds = Math.ceilDiv(periods.longestTicks, (long) Segment.TICKS_PER_SECOND);
        return MPD.builder()
                .withProfiles(
                        Profiles.builder().withProfiles(List.of(Profile.MPEG_DASH_LIVE)).build())
                .withType(PresentationType.DYNAMIC)
                .withAvailabilityStartTime(Instant.ofEpochMilli(offsetMs).atOffset(ZoneOffset.UTC))
                .withPublishTime(now)
                .withMinimumUpdatePeriod(target)
                .withTimeShiftBufferDepth(
                        target.multipliedBy((long) options.window() + options.history()))
                .withSuggestedPresentationDelay(target.multipliedBy(DELAY_SEGMENTS))
                .withMinBufferTime(target)
                .withMaxSegmentDuration(Duration.ofSeconds(longestSeconds))
                .withPeriods(periods.all)
                .withUtcTimings(
                        UTCTiming.builder()
                                .withSchemeIdUri(UTCTiming.Type.HTTP_ISO)
                                .withValue(MpdDocument.TIME_URL)
                                .build())
                .build();
    }
}
