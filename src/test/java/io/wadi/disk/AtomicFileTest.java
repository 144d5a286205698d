package io.wadi.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

class AtomicFileTest {
    private static final byte[] OLD = {1, 2, 3};
    private static final byte[] NEW = {4};

    @TempDir private Path folder;

    private Path file() {
        return folder.resolve("a.yaml");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void takesThePlaceOfWhatIsThere() throws Exception {
        AtomicFile.write(file(), OLD);
        AtomicFile.write(file(), NEW);
        assertThat(Files.readAllBytes(file())).isEqualTo(NEW);
        AtomicFile.publish(file(), OLD);
        assertThat(Files.readAllBytes(file())).isEqualTo(OLD);
        assertThat(files()).containsExactly(file());
    }

    @Test
    void whatIsNotCommittedLeavesNothing() throws Exception {
        AtomicFile.write(file(), OLD);
        try (AtomicFile fresh = AtomicFile.prepare(file(), NEW)) {
            assertThat(Files.readAllBytes(fresh.prepared())).isEqualTo(NEW);
            assertThat(Files.readAllBytes(file())).isEqualTo(OLD);
        }
        assertThat(Files.readAllBytes(file())).isEqualTo(OLD);
        assertThat(files()).containsExactly(file());
    }

    @Test
    void whatCannotTakeThePlaceLeavesNothing() throws Exception {
        Files.createDirectories(file().resolve("in the way"));
        assertThatThrownBy(() -> AtomicFile.write(file(), NEW)).isInstanceOf(IOException.class);
        assertThat(files()).containsExactly(file());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whoMayReadItIsKept() throws Exception {
        AtomicFile.write(file(), OLD);
        assertThat(permissions(file())).isEqualTo("rw-r-----");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-rw-r--"));
        AtomicFile.write(file(), NEW);
        assertThat(permissions(file())).isEqualTo("rw-rw-r--");
        Path still = folder.resolve("still.jpg");
        AtomicFile.publish(still, NEW);
        assertThat(permissions(still)).isEqualTo("rw-r--r--");
    }
}
