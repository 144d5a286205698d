package io.wadi.ffmpeg;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** How one process is doing: written by its supervisor, read by the API and metrics. */
final class EncodingState {
    private static final int KEPT_PROBLEMS = 5;

    /** Linux on every machine that FFmpeg is common on. */
    private static final long PAGE_BYTES = 4096;

    private record Life(
            ProcessHandle process, List<Encoder> encoders, Progress progress, Feed feed) {}

    private final String stream;
    private final List<RungOutput> outputs;
    private final Clock clock;
    private final ArrayDeque<Transcoders.Problem> problems = new ArrayDeque<>();
    private Optional<Life> life = Optional.empty();
    private List<Encoder> lastEncoders = List.of();
    private String status = "waiting";
    private LadderChoice choice = new LadderChoice(List.of(), Map.of(), false);
    private OptionalInt device = OptionalInt.empty();
    private int restarts;
    private long lostBefore;

    EncodingState(String stream, List<RungOutput> outputs, Clock clock) {
        this.stream = stream;
        this.outputs = outputs;
        this.clock = clock;
    }

    String stream() {
        return stream;
    }

    List<RungOutput> outputs() {
        return outputs;
    }

    synchronized void status(String status) {
        this.status = status;
    }

    synchronized boolean hasFailed() {
        return status.equals("failed");
    }

    synchronized void chosen(LadderChoice chosen) {
        choice = chosen;
    }

    synchronized void started(
            ProcessHandle process, List<Encoder> encoders, Progress progress, Feed feed) {
        life = Optional.of(new Life(process, encoders, progress, feed));
        lastEncoders = encoders;
        status = "active";
    }

    synchronized void ended() {
        life = Optional.empty();
    }

    /** Which card the process at hand, or the last one, runs on; empty for none. */
    synchronized void placed(OptionalInt card) {
        device = card;
    }

    synchronized OptionalInt device() {
        return device;
    }

    synchronized void lost(long units) {
        lostBefore += units;
    }

    synchronized void restarted() {
        restarts++;
    }

    synchronized void problem(String message) {
        problems.add(new Transcoders.Problem(message, clock.instant()));
        if (problems.size() > KEPT_PROBLEMS) {
            problems.remove();
        }
    }

    synchronized String lastProblem() {
        return problems.isEmpty() ? "ended" : problems.getLast().message();
    }

    synchronized List<Encoder> encoders() {
        return lastEncoders;
    }

    synchronized List<Transcoders.RungState> rungs() {
        long pid = life.map(l -> l.process().pid()).orElse(0L);
        Optional<Progress> progress = life.map(Life::progress);
        long lost = lostBefore + life.map(l -> l.feed().lostUnits()).orElse(0L);
        Duration cpu =
                life.flatMap(l -> l.process().info().totalCpuDuration()).orElse(Duration.ZERO);
        long memory = pid == 0 ? 0 : residentBytes(pid);
        int encoded = 0;
        List<Transcoders.RungState> rungs = new ArrayList<>();
        for (RungOutput output : outputs) {
            Rung rung = output.rung();
            String reason = choice.leftOut().get(rung.track());
            if (reason != null) {
                rungs.add(leftOut(rung, reason));
                continue;
            }
            String encoder = "copy";
            if (!rung.copy()) {
                encoder = encoded < lastEncoders.size() ? lastEncoders.get(encoded).name() : "";
                encoded++;
            }
            rungs.add(
                    new Transcoders.RungState(
                            stream,
                            rung.track(),
                            status,
                            "",
                            encoder,
                            pid == 0 ? OptionalInt.empty() : device,
                            pid,
                            restarts,
                            progress.map(Progress::fps).orElse(0.0),
                            progress.map(Progress::speed).orElse(0.0),
                            output.latencyMs(),
                            lost,
                            cpu,
                            memory,
                            List.copyOf(problems)));
        }
        return rungs;
    }

    private Transcoders.RungState leftOut(Rung rung, String reason) {
        return new Transcoders.RungState(
                stream,
                rung.track(),
                "left_out",
                reason,
                "",
                OptionalInt.empty(),
                0,
                restarts,
                0,
                0,
                0,
                lostBefore,
                Duration.ZERO,
                0,
                List.copyOf(problems));
    }

    private static long residentBytes(long pid) {
        try {
            String statm =
                    Files.readString(Path.of("/proc/" + pid + "/statm"), StandardCharsets.US_ASCII);
            return Long.parseLong(statm.split(" ", -1)[1]) * PAGE_BYTES;
        } catch (IOException | RuntimeException ended) {
            return 0; // or no Linux
        }
    }
}
