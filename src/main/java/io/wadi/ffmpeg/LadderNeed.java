package io.wadi.ffmpeg;

import io.wadi.ring.RenditionOffer;
import io.wadi.ring.Unit;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a process is to make now: which of its rungs the source is large enough for, and whether
 * anybody takes those that run on demand. Used by the supervisor's thread; says in each rung's ring
 * what is to be expected there.
 */
final class LadderNeed {
    /** Siblings in other processes start one after the other; then it is known who is smallest. */
    private static final long SIBLINGS_NANOS = 1_000_000_000L;

    /** What was there before is encoded, too, as fast as it goes. */
    private static final long BACK_TICKS = RenditionOffer.WAKES_BACK_TICKS;

    /** Rungs are cut a picture sooner or later than the one whose times are listed. */
    private static final long PICTURE_TICKS = 90_000 / 2;

    /** Of a source that does not say. */
    private static final double USUAL_FPS = 25;

    private final Ladder ladder;
    private final List<RungOutput> outputs;
    private final EncodingState state;
    private final Transcoders transcoders;
    private final long sinceNanos;
    private LadderChoice choice = new LadderChoice(List.of(), Map.of(), false);
    private Optional<SourceTracks> seen = Optional.empty();
    private long wantedNanos;
    private boolean wanted;

    LadderNeed(
            Ladder ladder,
            List<RungOutput> outputs,
            EncodingState state,
            Transcoders transcoders,
            long nowNanos) {
        this.ladder = ladder;
        this.outputs = outputs;
        this.state = state;
        this.transcoders = transcoders;
        this.sinceNanos = nowNanos;
    }

    /** What a look has found. */
    enum Look {
        /** As it was. */
        SAME,
        /** Other rungs, or another size of one. */
        OTHER_RUNGS
    }

    /** Chooses for the source as it is now. */
    Look look(SourceTracks source) {
        LadderChoice before = choice;
        choice =
                LadderChoice.of(
                        ladder.rungs(),
                        transcoders.rungs(state.stream()),
                        ladder.upscale(),
                        source.video());
        boolean other =
                !choice.equals(before)
                        || !sizes(source).equals(seen.map(this::sizes).orElse(List.of()));
        if (other || !seen.equals(Optional.of(source))) {
            seen = Optional.of(source);
            state.chosen(choice);
            offer(source);
            transcoders.chooseBest(state.stream());
        }
        return other ? Look.OTHER_RUNGS : Look.SAME;
    }

    /** Of what is encoded: an encoder does not change its size. */
    private List<PictureSize> sizes(SourceTracks source) {
        return choice.made().stream()
                .filter(rung -> !rung.copy() && source.video().isPresent())
                .map(rung -> PictureSize.of(rung, source.video().get()))
                .toList();
    }

    private void offer(SourceTracks source) {
        for (RungOutput output : outputs) {
            int track = output.rung().track();
            String reason = choice.leftOut().get(track);
            if (reason == null) {
                output.make(made(track));
            }
            RenditionOffer offer =
                    reason != null
                            ? Offers.leftOut(reason)
                            : Offers.of(output.made(), ladder.audio(), source);
            output.entry().setOffer(Optional.of(offer));
        }
    }

    private Rung made(int track) {
        return choice.made().stream()
                .filter(rung -> rung.track() == track)
                .findFirst()
                .orElseThrow();
    }

    /** Between two processes: what rungs bring from now on is set off from what they brought. */
    void breakOff() {
        outputs.forEach(RungOutput::breakOff);
    }

    /** Between two processes: what is not made leaves nothing behind. */
    void rest() {
        for (RungOutput output : outputs) {
            if (choice.leftOut().containsKey(output.rung().track())) {
                output.rest();
            }
        }
    }

    /** Whether a process should run. */
    boolean isNow(long nowNanos) {
        if (ladder.isStillsOnly()) {
            return seen.flatMap(SourceTracks::video).isPresent();
        }
        if (choice.made().isEmpty() || (choice.standsIn() && isEarly(nowNanos))) {
            return false;
        }
        return !isOnDemand() || isWanted(nowNanos);
    }

    private boolean isEarly(long nowNanos) {
        return nowNanos - sinceNanos < SIBLINGS_NANOS;
    }

    /** Whether all that is made is made on demand. */
    boolean isOnDemand() {
        return !choice.made().isEmpty() && choice.made().stream().allMatch(Rung::onDemand);
    }

    private boolean isWanted(long nowNanos) {
        for (RungOutput output : outputs()) {
            long idle = output.entry().ring().idleNanos();
            if (idle < ladder.idle().toNanos() && (!wanted || nowNanos - idle > wantedNanos)) {
                wantedNanos = nowNanos - idle;
                wanted = true;
            }
        }
        wanted = wanted && nowNanos - wantedNanos < ladder.idle().toNanos();
        return wanted;
    }

    /**
     * How much before now to start: where the encoder before it ended, so that little is missing. A
     * viewer with a connection would stay behind for ever.
     *
     * @param missing what viewers do not have yet, 90 kHz ticks
     * @param newestDts of the source
     */
    long startsBack(long missing, long newestDts) {
        boolean connected =
                outputs().stream().anyMatch(output -> output.entry().ring().idleNanos() == 0);
        if (connected) {
            return 0;
        }
        long usual = Math.clamp(missing, isOnDemand() ? BACK_TICKS : 0, BACK_TICKS);
        return Math.clamp(waitedFor(newestDts), usual, RenditionOffer.WAKES_BACK_MAX_TICKS);
    }

    /** How long before now what somebody waits for was; 0 for nobody. */
    private long waitedFor(long newestDts) {
        return outputs().stream()
                .mapToLong(output -> output.entry().ring().wantedDts())
                .filter(dts -> dts != Unit.NO_TIME && isOnDemand())
                .map(dts -> newestDts - dts + PICTURE_TICKS)
                .max()
                .orElse(0);
    }

    boolean isLeftOut() {
        return choice.made().isEmpty();
    }

    /** What is to be made. */
    Ladder ladder() {
        return ladder.with(choice.made());
    }

    /** Where it goes. */
    List<RungOutput> outputs() {
        return outputs.stream()
                .filter(output -> !choice.leftOut().containsKey(output.rung().track()))
                .toList();
    }

    /** What it takes to encode a rung. */
    static long pixelsPerSecond(Rung rung, SourceTracks.Video source) {
        double fps = rung.fps() > 0 ? rung.fps() : source.fps() > 0 ? source.fps() : USUAL_FPS;
        return Math.round(PictureSize.of(rung, source).area() * fps);
    }

    /** Nothing is made any more. */
    void withdraw() {
        outputs.forEach(output -> output.entry().setOffer(Optional.empty()));
    }
}
