package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Only what a server that is gone has started is ended. */
class ChildrenTest {
    private static final String GONE = "999999999 2020-01-01T00:00:00Z";

    @TempDir private Path folder;
    private Process process;
    private Path note;
    private Path marker;

    @BeforeEach
    void start() throws IOException {
        marker = folder.resolve("marker");
        process = new ProcessBuilder("sh", "-c", "sleep 60; true", marker.toString()).start();
        new Children(folder).note(process, marker);
        note = folder.resolve(process.pid() + ".child");
    }

    @AfterEach
    void end() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void rewrite(int line, String text) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(note));
        lines.set(line, text);
        Files.write(note, lines);
    }

    @Test
    void leavesThoseOfAServerThatRuns() {
        new Children(folder).sweep();
        assertThat(process.isAlive()).isTrue();
        assertThat(note).exists();
    }

    @Test
    void endsThoseOfAServerThatIsGone() throws Exception {
        rewrite(0, GONE);
        new Children(folder).sweep();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(note).doesNotExist();
    }

    @Test
    void leavesAProcessThatGotTheNumberLater() throws IOException {
        rewrite(0, GONE);
        rewrite(1, process.pid() + " 2020-01-01T00:00:00Z");
        new Children(folder).sweep();
        assertThat(process.isAlive()).isTrue();
        assertThat(note).doesNotExist();
    }

    @Test
    void leavesAProcessWithoutTheMarker() throws IOException {
        rewrite(0, GONE);
        rewrite(2, folder.resolve("other").toString());
        new Children(folder).sweep();
        assertThat(process.isAlive()).isTrue();
    }

    @Test
    void isNotHinderedByGarbage() throws IOException {
        Files.writeString(folder.resolve("1.child"), "x\ny\nz\n");
        Files.writeString(folder.resolve("2.child"), "");
        rewrite(0, GONE);
        new Children(folder).sweep();
        assertThat(note).doesNotExist();
    }
}
