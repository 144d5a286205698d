package io.wadi.ffmpeg;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells a process that hangs before it has sent anything from one that is slow. FFmpeg takes up its
 * input within a moment, and while it waits for more it wakes ten times a second; a slow start
 * takes processor time, or waits for a processor that others have. One that does neither will never
 * start. Asked by one thread, while there is input.
 */
final class StartWatch {
    /** What a look may see of a process. */
    interface Signs {
        /** Processor time so far. */
        Duration cpu();

        /** How long so far its threads would have taken a processor that others had. */
        Duration waited();

        /** How often its threads have come to the processor; negative where that is not known. */
        long wakes();
    }

    /** Together with the time between two looks less than 3 s. */
    static final Duration PATIENCE = Duration.ofMillis(2500);

    /** Drivers wake cards up and load programs into them, waiting for them without a sign. */
    static final Duration CARD_PATIENCE = Duration.ofSeconds(8);

    /** Who did not look for so long has stood still, too: a machine that was stopped. */
    private static final Duration OWN_PAUSE = Duration.ofSeconds(1);

    /** To be loaded and linked takes less than this, to do anything more. */
    private static final Duration IDLE_CPU = Duration.ofMillis(100);

    private final Signs signs;
    private final long patienceNanos;
    private final long startedNanos;
    private long wakes = -1;
    private long wokeNanos;
    private long lookedNanos;

    StartWatch(Signs signs, boolean onCard, long nowNanos) {
        this.signs = signs;
        this.patienceNanos = (onCard ? CARD_PATIENCE : PATIENCE).toNanos();
        this.startedNanos = nowNanos;
        this.wokeNanos = nowNanos;
        this.lookedNanos = nowNanos;
    }

    /**
     * Looks at a process that has sent nothing yet.
     *
     * @param reads whether it has taken up its input
     * @return what is wrong with it
     */
    Optional<String> look(boolean reads, long nowNanos) {
        long now = signs.wakes();
        boolean paused = nowNanos - lookedNanos > OWN_PAUSE.toNanos();
        lookedNanos = nowNanos;
        if (now < 0 || now != wakes || paused) {
            wakes = now;
            wokeNanos = nowNanos;
        }
        if (!reads
                && nowNanos - startedNanos - signs.waited().toNanos() > patienceNanos
                && signs.cpu().compareTo(IDLE_CPU) < 0) {
            return Optional.of("it does nothing and has not taken up its input");
        }
        return nowNanos - wokeNanos > patienceNanos
                ? Optional.of("it stands still")
                : Optional.empty();
    }

    /** Time without input does not count. */
    void excuse(long nowNanos) {
        wokeNanos = nowNanos;
    }

    /** The signs of a process, as Linux shows them (proc_pid_status(5), proc_pid_schedstat(5)). */
    static Signs of(ProcessHandle process) {
        Path tasks = Path.of("/proc/" + process.pid() + "/task");
        return new Signs() {
            @Override
            public Duration cpu() {
                // Unknown is no reason to kill it.
                return process.info().totalCpuDuration().orElse(IDLE_CPU);
            }

            @Override
            public Duration waited() {
                return Duration.ofNanos(Math.max(0, sum(tasks, "schedstat", StartWatch::waited)));
            }

            @Override
            public long wakes() {
                return sum(tasks, "status", StartWatch::switches);
            }
        };
    }

    private static final Pattern SWITCHES =
            Pattern.compile("voluntary_ctxt_switches:\\s+(\\d{1,18})");

    /** Those that it did not want ("nonvoluntary_") count as well. */
    private static long switches(String status) {
        long sum = 0;
        Matcher count = SWITCHES.matcher(status);
        while (count.find()) {
            sum += Long.parseLong(count.group(1));
        }
        return sum;
    }

    /** Nanoseconds on a processor, nanoseconds of waiting for one, and how often. */
    private static long waited(String schedstat) {
        return Long.parseLong(schedstat.split(" ", -1)[1]);
    }

    /** Of all threads, negative where that is not known. */
    private static long sum(Path tasks, String file, ToLongFunction<String> value) {
        long sum = -1;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                String text = Files.readString(thread.resolve(file), StandardCharsets.US_ASCII);
                sum = Math.max(sum, 0) + value.applyAsLong(text);
            }
        } catch (IOException | RuntimeException goneOrNoLinux) {
            return -1;
        }
        return sum;
    }
}
