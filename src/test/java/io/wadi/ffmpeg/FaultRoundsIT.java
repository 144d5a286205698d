package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.event.EventBus;
import io.wadi.ring.RingStats;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Each child of a ladder in turn is killed, stopped, and drowned in its own complaints. A round is
 * nine faults. {@code -Dwadi.fault.rounds=20} makes more of them, and on a quiet machine holds the
 * time it takes to its limit: the back-off, or what it takes to find that a process hangs, and 2 s.
 */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
@RequiresTool("ffprobe")
class FaultRoundsIT {
    private static final Logger LOG = LoggerFactory.getLogger(FaultRoundsIT.class);

    private static final boolean IN_TIME = System.getProperty("wadi.fault.rounds") != null;
    private static final int ROUNDS = Integer.getInteger("wadi.fault.rounds", 1);
    private static final int RUNGS = 3;
    private static final String STREAM = "test";
    private static final String SOURCE = "ffmpeg:testsrc2?size=640x360&rate=25&gop=2";
    private static final double PICTURE_SECONDS = 0.04;

    /** Three encoders that start on a machine that does other things, too. */
    private static final Duration START = Duration.ofSeconds(40);

    /** On top of the back-off, or of what it takes to find that a process hangs. */
    private static final Duration AGAIN = Duration.ofSeconds(2);

    /** 2.5 s, and a look every 200 ms. */
    private static final Duration FOUND = Duration.ofSeconds(3);

    /** What a flood has, in lines and in one that does not end. */
    private static final int FLOOD_BYTES = 8 * 1024 * 1024;

    /** What the JVM opens by itself meanwhile. */
    private static final int FEW_FILES = 8;

    private enum Fault {
        KILL,
        STOP,
        FLOOD
    }

    /** What a viewer of a rung may miss, seconds of media. */
    private record Window(double from, double to) {
        /** ffprobe prints six decimals, a window has all. */
        private static final double ROUNDED = 1e-6;

        boolean holds(double lost, double found) {
            return lost >= from - ROUNDED && found <= to + ROUNDED;
        }
    }

    /** As proc(5) has it: state Z is a zombie. */
    private record ChildProcess(long pid, String state) {}

    @TempDir private Path folder;
    private LadderFixture ladder;
    private final List<Recording> recordings = new ArrayList<>();
    private final Map<Integer, List<Window>> windows = new TreeMap<>();
    private final Map<Fault, LongSummaryStatistics> tookMillis = new TreeMap<>();
    private final Map<String, Long> backOffSeconds = new ConcurrentHashMap<>();
    private final Set<Long> pids = new HashSet<>();
    private final List<String> late = new ArrayList<>();

    @Test
    void viewersOfTheOtherRungsLoseNothing() throws Exception {
        try (LadderFixture fixture = new LadderFixture(folder, Tools.ffmpeg(), 0)) {
            ladder = fixture;
            start();
            long files = openFiles();
            for (int round = 1; round <= ROUNDS; round++) {
                for (int track = 1; track <= RUNGS; track++) {
                    for (Fault fault : Fault.values()) {
                        suffer(fault, track);
                    }
                }
                LOG.info("round {}: {}", round, tookMillis);
            }
            assertThat(openFiles()).as("open files").isLessThan(files + FEW_FILES);
            for (int track = 1; track <= RUNGS; track++) {
                ladder.ring(STREAM, track).removeSink(recordings.get(track - 1));
            }
        }
        for (int track = 1; track <= RUNGS; track++) {
            recordings.get(track - 1).close();
            onlyItsOwnFaultsShow(track);
        }
        await("no child is left").until(() -> children().isEmpty());
        assertThat(pids).noneMatch(pid -> ProcessHandle.of(pid).isPresent());
        assertThat(notes()).as("notes about processes").isZero();
        LOG.info("late: {}", late);
        if (IN_TIME) {
            assertThat(late).isEmpty();
        }
    }

    private void start() throws Exception {
        for (int track = 1; track <= RUNGS; track++) {
            int height = 72 * (RUNGS + 1 - track);
            ladder.encode(
                    STREAM,
                    """
                    {"first_track":%d,"audio":{"bitrate":64},"video":{"profiles":[
                      {"height":%d,"bitrate":%d,"preset":"ultrafast"}]}}
                    """
                            .formatted(track, height, height));
            windows.put(track, new ArrayList<>());
        }
        ladder.source(SOURCE, STREAM);
        EventBus.of(ladder.camel)
                .subscribe(
                        event -> {
                            if (event.type().equals("transcoder.error")) {
                                backOffSeconds.put(
                                        (String) event.payload().get("profile"),
                                        (Long) event.payload().get("restart_in_sec"));
                            }
                        });
        ladder.camel.start();
        for (int track = 1; track <= RUNGS; track++) {
            Recording recording = new Recording(folder.resolve("track_" + track + ".ts"));
            recordings.add(recording);
            ladder.ring(STREAM, track).addSink(recording);
        }
        for (int track = 1; track <= RUNGS; track++) {
            RingStats stats = ladder.ring(STREAM, track).stats();
            await().atMost(START).until(() -> stats.pictures() > 25);
        }
    }

    private void suffer(Fault fault, int track) throws Exception {
        long pid = ladder.rung(STREAM, track).pid();
        int restarts = ladder.rung(STREAM, track).restarts();
        Recording recording = recordings.get(track - 1);
        double before = recording.newestSeconds();
        long began = System.nanoTime();
        switch (fault) {
            case KILL -> signal("-9", pid);
            case STOP -> signal("-STOP", pid);
            case FLOOD -> flood(pid);
        }
        if (fault == Fault.FLOOD) {
            awaitPictures(track);
            assertThat(ladder.rung(STREAM, track).pid()).isEqualTo(pid);
            assertThat(ladder.rung(STREAM, track).restarts()).isEqualTo(restarts);
        } else {
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> isOther(ladder.rung(STREAM, track).pid(), pid));
            awaitPictures(track);
            windows.get(track).add(new Window(before - PICTURE_SECONDS, recording.newestSeconds()));
            assertThat(ladder.rung(STREAM, track).restarts()).isEqualTo(restarts + 1);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Duration within =
                switch (fault) {
                    case KILL ->
                            Duration.ofSeconds(backOffSeconds.get("track_" + track)).plus(AGAIN);
                    case STOP -> FOUND.plus(AGAIN);
                    case FLOOD -> AGAIN;
                };
        if (took.compareTo(within) > 0) {
            late.add(fault + " of track " + track + ": " + took + ", expected " + within);
        }
        Duration beyond = fault == Fault.KILL ? took.minus(within).plus(AGAIN) : took;
        tookMillis
                .computeIfAbsent(fault, _ -> new LongSummaryStatistics())
                .accept(beyond.toMillis());
        everybodyIsThere();
    }

    private static boolean isOther(long pid, long before) {
        return pid != 0 && pid != before;
    }

    private static void signal(String signal, long pid) throws Exception {
        Process kill = new ProcessBuilder("kill", signal, Long.toString(pid)).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Through the child's own end of the pipe. */
    private static void flood(long pid) throws IOException {
        byte[] lines =
                "error while decoding MB 12 7, bytestream -5\n".getBytes(StandardCharsets.US_ASCII);
        byte[] endless = new byte[lines.length];
        Arrays.fill(endless, (byte) 'x');
        Path stderr = Path.of("/proc/" + pid + "/fd/2");
        try (OutputStream out = Files.newOutputStream(stderr, StandardOpenOption.WRITE)) {
            for (byte[] part : List.of(lines, endless)) {
                byte[] many = new byte[part.length * 1024];
                for (int at = 0; at < many.length; at += part.length) {
                    System.arraycopy(part, 0, many, at, part.length);
                }
                for (int sent = 0; sent < FLOOD_BYTES / 2; sent += many.length) {
                    out.write(many);
                }
            }
            out.write('\n');
        }
    }

    private void awaitPictures(int track) {
        RingStats stats = ladder.ring(STREAM, track).stats();
        long before = stats.pictures();
        await().pollInterval(Duration.ofMillis(20))
                .atMost(START)
                .until(() -> stats.pictures() > before + 1);
    }

    /** One encoder a rung and the source, all of them alive. */
    private void everybodyIsThere() throws IOException {
        List<ChildProcess> children = children();
        assertThat(children).hasSize(RUNGS + 1);
        assertThat(children).noneMatch(child -> child.state().equals("Z"));
        assertThat(notes()).isEqualTo(RUNGS);
        children.forEach(child -> pids.add(child.pid()));
    }

    private void onlyItsOwnFaultsShow(int track) throws Exception {
        List<Double> times =
                Tools.probe(
                                recordings.get(track - 1).file,
                                "-select_streams",
                                "v",
                                "-show_entries",
                                "packet=pts_time")
                        .stream()
                        .map(Double::valueOf)
                        .toList();
        assertThat(times.size()).isGreaterThan(ROUNDS * 25);
        double last = times.getFirst() - PICTURE_SECONDS;
        for (double time : times) {
            double lost = last;
            assertThat(time).as("time of track %d goes on", track).isGreaterThan(last);
            if (time - last > PICTURE_SECONDS + 0.001) {
                assertThat(windows.get(track))
                        .as("pictures of track %d from %f to %f are missing", track, lost, time)
                        .anyMatch(window -> window.holds(lost, time));
            }
            last = time;
        }
    }

    private long notes() throws IOException {
        try (Stream<Path> files = Files.list(ladder.notes)) {
            return files.count();
        }
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    /** The programs of FFmpeg under this JVM, those too that have ended and were not waited for. */
    private static List<ChildProcess> children() throws IOException {
        String parent = Long.toString(ProcessHandle.current().pid());
        List<ChildProcess> children = new ArrayList<>();
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process :
                    processes.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
                String stat;
                try {
                    stat = Files.readString(process.resolve("stat"));
                } catch (IOException _) {
                    continue; // it has ended meanwhile
                }
                // pid (name) state parent: proc(5)
                int name = stat.indexOf('(');
                int end = stat.lastIndexOf(')');
                String[] fields = stat.substring(end + 2).split(" ", -1);
                if (fields[1].equals(parent)
                        && stat.substring(name + 1, end).startsWith("ffmpeg")) {
                    children.add(
                            new ChildProcess(
                                    Long.parseLong(process.getFileName().toString()), fields[0]));
                }
            }
        }
        return children;
    }
}
