package io.wadi.ffmpeg;

import io.wadi.event.EventBus;
import io.wadi.ring.Ring;
import io.wadi.ring.Unit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * One FFmpeg process kept alive: started when there is something to encode and a worker is free,
 * replaced when it crashes, hangs, or the source is another than it was started for. All decisions
 * are taken by one virtual thread.
 */
final class Encoding {
    private static final Logger LOG = LoggerFactory.getLogger(Encoding.class);

    private static final Duration FIRST_DELAY = Duration.ofSeconds(2);
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

    /** A life as long as this starts the counting anew. */
    private static final Duration HEALTHY = Duration.ofSeconds(30);

    private static final Duration LOOK = Duration.ofMillis(200);

    /** What an encoding needs of its surroundings. */
    record Surroundings(
            FfmpegBinary binary,
            Workers workers,
            Children children,
            Watermarks watermarks,
            Devices devices,
            Transcoders transcoders,
            EventBus events,
            Clock clock) {}

    private final String name;
    private final String stream;
    private final Ladder ladder;
    private final IntSupplier maxRestarts;
    private final Ring ring;
    private final SourceWatch source;
    private final List<RungOutput> outputs;
    private final Surroundings surroundings;
    private final EncodingState state;
    private final StillStore stills;
    private final LadderNeed need;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private final CardChoice cards;
    private final EncodingReport report;
    private int failures;

    /**
     * @param ring what there is to encode
     * @param maxRestarts after so many failures in a row it is given up; 0: never; may change
     */
    Encoding(
            String name,
            String stream,
            Ladder ladder,
            IntSupplier maxRestarts,
            Ring ring,
            SourceWatch source,
            List<RungOutput> outputs,
            StillStore stills,
            Surroundings surroundings) {
        this.name = name;
        this.stream = stream;
        this.ladder = ladder;
        this.maxRestarts = maxRestarts;
        this.ring = ring;
        this.source = source;
        this.outputs = List.copyOf(outputs);
        this.stills = stills;
        this.surroundings = surroundings;
        this.state = new EncodingState(stream, this.outputs, surroundings.clock());
        this.report = new EncodingReport(name, stream, state, surroundings.events());
        this.need =
                new LadderNeed(
                        ladder, this.outputs, state, surroundings.transcoders(), System.nanoTime());
        this.cards = new CardChoice(surroundings.devices(), ladder.device(), ladder.hardware());
        this.thread = Thread.ofVirtual().name("ffmpeg-" + name).unstarted(this::supervise);
    }

    EncodingState state() {
        return state;
    }

    void start() {
        thread.start();
    }

    /** Ends the process and waits until nothing of it is left. */
    void stop() throws InterruptedException {
        closed.countDown();
        thread.interrupt();
        thread.join();
        need.withdraw();
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void supervise() {
        Duration delay = FIRST_DELAY;
        try {
            while (!isClosed()) {
                awaitNeed();
                if (isClosed()) {
                    return;
                }
                Workers.Turn turn = surroundings.workers().ask(stream);
                long startedNanos;
                LifeWatch.End end;
                try {
                    awaitWorker(turn);
                    startedNanos = System.nanoTime();
                    end = live();
                } finally {
                    turn.giveBack();
                }
                boolean healthy = System.nanoTime() - startedNanos >= HEALTHY.toNanos();
                if (healthy) {
                    delay = FIRST_DELAY;
                    failures = 0;
                }
                if (isClosed()) {
                    return;
                }
                if (end == LifeWatch.End.NOT_NEEDED) {
                    outputs.forEach(RungOutput::rest);
                    continue;
                }
                if (end == LifeWatch.End.OTHER_RUNGS) {
                    need.breakOff();
                }
                state.restarted();
                boolean atOnce = startsAtOnce(end);
                if (!atOnce) {
                    failures++;
                    // To find it out took longer than the delay.
                    atOnce = end == LifeWatch.End.HUNG && failures == 1;
                    int most = maxRestarts.getAsInt();
                    if (most > 0 && failures > most) {
                        giveUp(most);
                        return;
                    }
                }
                report.failed(profiles(), failures, atOnce ? Duration.ZERO : delay);
                if (!atOnce) {
                    state.status("restarting");
                    if (closed.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    delay = min(delay.multipliedBy(2), LONGEST_DELAY);
                }
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    /** A hang after work, another source and a card that does not start are no crashes. */
    private boolean startsAtOnce(LifeWatch.End end) {
        boolean worked = need.outputs().stream().allMatch(RungOutput::hasDelivered);
        return switch (end) {
            case OTHER_SOURCE, OTHER_RUNGS, NOT_NEEDED, CLOSED -> true;
            case HUNG -> worked || fallBack();
            case CRASHED -> !worked && fallBack();
        };
    }

    private boolean fallBack() {
        Optional<String> problem = cards.fallBack(state.encoders());
        problem.ifPresent(report::fellBack);
        return problem.isPresent();
    }

    private void giveUp(int restarts) {
        report.gaveUp(profiles(), failures, restarts);
        surroundings.transcoders().chooseBest(stream);
    }

    private List<String> profiles() {
        return need.outputs().stream().map(RungOutput::name).toList();
    }

    /** Waits for a source, and for something of the ladder that is to be made of it. */
    private void awaitNeed() throws InterruptedException {
        state.status("waiting");
        while (!isClosed()) {
            Optional<SourceTracks> tracks = source.tracks();
            if (tracks.isPresent()) {
                need.look(tracks.get());
                need.rest();
                if (need.isNow(System.nanoTime())) {
                    return;
                }
                state.status(need.isLeftOut() ? "left_out" : "idle");
            }
            closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void awaitWorker(Workers.Turn turn) throws InterruptedException {
        if (turn.granted().isDone()) {
            return;
        }
        state.status("queued");
        LOG.warn(
                "{}: waits, {} of {} workers are busy (wadi.transcoder.max-workers)",
                name,
                surroundings.workers().busy(),
                surroundings.workers().limit());
        try {
            turn.granted().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a turn does not fail", e);
        }
    }

    private LifeWatch.End live() throws InterruptedException {
        SourceTracks tracks = source.tracks().orElseThrow();
        StderrTail messages = new StderrTail(name);
        FfmpegBuild build;
        try {
            // Before the feed is opened: asking takes a while the first time.
            build = surroundings.binary().build();
        } catch (IOException e) {
            state.problem(e.getMessage());
            return LifeWatch.End.CRASHED;
        }
        try (Feed feed =
                        new Feed(
                                ring,
                                need.startsBack(missing(), source.newestDts()),
                                FeedFormat.of(tracks));
                EncodingProcess child = new EncodingProcess(name)) {
            long firstPts = feed.first();
            if (firstPts == Unit.NO_TIME || isClosed()) {
                return LifeWatch.End.CLOSED;
            }
            try {
                return live(tracks, build, feed, child, firstPts, messages);
            } finally {
                feed.end();
                state.lost(feed.lostUnits());
            }
        } catch (IOException | IllegalArgumentException e) {
            state.problem(e.getMessage() + messages.lastAsSuffix());
            return LifeWatch.End.CRASHED;
        } catch (RuntimeException e) {
            // A fault of ours must not leave a rung that nobody looks after.
            LOG.error("{}: FFmpeg could not be started", name, e);
            state.problem("an error of this server: " + e);
            return LifeWatch.End.CRASHED;
        }
    }

    /** How far what viewers have of the rungs is behind the source, 90 kHz ticks. */
    private long missing() {
        long reached =
                outputs.stream().mapToLong(RungOutput::reachedDts).min().orElse(Unit.NO_TIME);
        return reached == Unit.NO_TIME ? 0 : source.newestDts() - reached;
    }

    private LifeWatch.End live(
            SourceTracks tracks,
            FfmpegBuild build,
            Feed feed,
            EncodingProcess child,
            long firstPts,
            StderrTail messages)
            throws IOException, InterruptedException {
        Ladder making = marked(need.ladder(), tracks);
        List<Encoder> encoders =
                making.rungs().stream()
                        .filter(rung -> !rung.copy() && tracks.video().isPresent())
                        .map(rung -> Encoder.of(rung, cards.family(), cards.isFallen(), build))
                        .toList();
        Optional<Devices.Place> place = cards.take(making.rungs(), encoders, tracks.video());
        state.placed(cards.card());
        try {
            Ladder placed = place.map(p -> making.on(p.device())).orElse(making);
            List<String> arguments =
                    TranscodeArguments.of(
                            placed,
                            tracks,
                            encoders,
                            build,
                            child.plumbing(),
                            new KeyframeGrid(firstPts));
            return live(tracks, encoders, arguments, feed, child, messages);
        } finally {
            place.ifPresent(Devices.Place::close);
        }
    }

    private LifeWatch.End live(
            SourceTracks tracks,
            List<Encoder> encoders,
            List<String> arguments,
            Feed feed,
            EncodingProcess child,
            StderrTail messages)
            throws IOException, InterruptedException {
        long now = System.nanoTime();
        HangWatch watch =
                new HangWatch(need.outputs(), stillsEvery(), ring.stats()::lastArrivalNanos, now);
        child.input(feed);
        for (RungOutput output : need.outputs()) {
            output.newLife(now);
            child.output(output.made(), output);
        }
        if (ladder.thumbnail().isPresent() && tracks.video().isPresent()) {
            child.stills(
                    jpeg -> {
                        watch.onStill(System.nanoTime());
                        stills.put(jpeg);
                    });
        }
        LOG.debug("{}: ffmpeg {}", name, arguments);
        Process process = child.start(surroundings.binary().find(), arguments);
        Progress progress = new Progress();
        try (Children.Note _ = surroundings.children().note(process, child.plumbing().folder())) {
            // A read of a child's pipe holds the thread that carries a virtual one: a ladder's
            // pipes would take all of a small machine's.
            Thread.ofPlatform()
                    .daemon()
                    .name("ffmpeg-progress-" + name)
                    .start(() -> progress.drain(process.getInputStream()));
            Thread stderr =
                    Thread.ofPlatform()
                            .daemon()
                            .name("ffmpeg-stderr-" + name)
                            .start(() -> messages.drain(process.getErrorStream()));
            state.started(process.toHandle(), encoders, progress, feed);
            started(encoders);
            StartWatch start =
                    new StartWatch(
                            StartWatch.of(process.toHandle()),
                            CardChoice.isHardware(encoders),
                            System.nanoTime());
            LifeWatch life =
                    new LifeWatch(
                            process,
                            source,
                            tracks,
                            need,
                            state,
                            at -> watch.look(start, child.reads(), at));
            LifeWatch.End end = life.await(this::isClosed);
            if (end == LifeWatch.End.CRASHED) {
                stderr.join(Duration.ofSeconds(1));
                state.problem(
                        "FFmpeg ended with exit code "
                                + process.exitValue()
                                + messages.lastAsSuffix());
            }
            return end;
        } finally {
            process.destroyForcibly();
            state.ended();
        }
    }

    /** With the picture of its watermark; without one that cannot be shown, which is said. */
    private Ladder marked(Ladder making, SourceTracks tracks) {
        if (making.watermark().isEmpty() || tracks.video().isEmpty()) {
            return making;
        }
        try {
            Watermark mark = surroundings.watermarks().ready(making.watermark().get());
            return making.withMark(Optional.of(mark));
        } catch (IOException e) {
            LOG.warn("{}: no watermark is drawn: {}", name, e.getMessage());
            state.problem("no watermark is drawn: " + e.getMessage());
            return making.withMark(Optional.empty());
        }
    }

    /** Of a process that makes nothing else. */
    private OptionalInt stillsEvery() {
        return ladder.isStillsOnly()
                ? OptionalInt.of(ladder.thumbnail().orElseThrow().intervalSeconds())
                : OptionalInt.empty();
    }

    private void started(List<Encoder> encoders) {
        if (ladder.isStillsOnly()) {
            LOG.info("{}: taking still pictures", name);
        } else {
            report.started(profiles(), encoders);
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
