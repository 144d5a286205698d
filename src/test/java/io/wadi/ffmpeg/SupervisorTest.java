package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** The process of a test source or a slate that sends nothing: programs that stand for FFmpeg. */
@DisabledOnOs(OS.WINDOWS)
class SupervisorTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** What takes 10 s, a look a second and 2 s else. */
    private static final Supervisor.Pace FAST =
            new Supervisor.Pace(
                    Duration.ofSeconds(1), Duration.ofMillis(100), Duration.ofMillis(50));

    private static final String HANGS = "FFmpeg hangs: it sent nothing for 1 s";

    @TempDir private Path folder;
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();
    private Supervisor supervisor;

    @AfterEach
    void stop() throws Exception {
        supervisor.stop();
        assertThat(alive()).as("processes left").isEmpty();
    }

    /**
     * Starts a program, which notes its process.
     *
     * @param lines of a shell script
     */
    private void start(String... lines) throws IOException {
        Path program = folder.resolve("ffmpeg");
        String script = "#!/bin/sh\necho $$ >> \"" + pids() + "\"\n" + String.join("\n", lines);
        Files.writeString(program, script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        supervisor =
                new Supervisor(
                        "test",
                        new FfmpegBinary(program.toString(), folder.resolve("bin"), ""),
                        List::of,
                        this::count,
                        problems::add,
                        FAST);
        supervisor.start();
    }

    private Path pids() {
        return folder.resolve("pids");
    }

    private void count(InputStream output) throws IOException {
        while (output.read() >= 0) {
            bytes.incrementAndGet();
        }
    }

    private List<Long> started() throws IOException {
        return Files.exists(pids())
                ? Files.readAllLines(pids()).stream().map(Long::valueOf).toList()
                : List.of();
    }

    private List<Long> alive() throws IOException {
        return started().stream()
                .filter(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent())
                .toList();
    }

    @Test
    void oneThatHangsFromItsStartOnIsReplaced() throws Exception {
        start("exec sleep 60");
        await().atMost(LIMIT).until(() -> started().size() >= 2);
        assertThat(problems.getFirst()).isEqualTo(HANGS);
        assertThat(alive()).doesNotContain(started().getFirst());
    }

    @Test
    void oneThatHangsAfterWorkIsReplacedAndSaysItsLastWords() throws Exception {
        start("echo no memory >&2", "printf media", "exec sleep 60");
        await().atMost(LIMIT).until(() -> bytes.get() == 10);
        assertThat(problems.getFirst()).isEqualTo(HANGS + " (no memory)");
    }

    /** FFmpeg in its own signal handler, say. */
    @Test
    void oneThatDoesNotHearIsKilled() throws Exception {
        start("trap '' TERM", "exec sleep 60");
        await().atMost(LIMIT).until(() -> started().size() >= 2);
        assertThat(problems.getFirst()).isEqualTo(HANGS);
        assertThat(alive()).doesNotContain(started().getFirst());
    }

    @Test
    void oneThatSendsALittleNowAndThenIsLeftAlone() throws Exception {
        start("while printf x; do sleep 0.2; done");
        await().atMost(LIMIT).until(() -> bytes.get() >= 12); // more than two seconds
        assertThat(problems).isEmpty();
        assertThat(started()).hasSize(1);
    }

    @Test
    void oneThatEndsIsNoneThatHangs() throws Exception {
        start("echo no such filter >&2", "exit 3");
        await().atMost(LIMIT).until(() -> started().size() >= 2);
        assertThat(problems.getFirst()).isEqualTo("FFmpeg ended with exit code 3 (no such filter)");
    }

    @Test
    void whatIsSaidAfterTheEndOfTheMediaIsHeard() throws Exception {
        start("exec >&-", "sleep 0.2", "echo no such filter >&2", "exit 3");
        await().atMost(LIMIT).until(() -> started().size() >= 2);
        assertThat(problems.getFirst()).isEqualTo("FFmpeg ended with exit code 3 (no such filter)");
    }
}
