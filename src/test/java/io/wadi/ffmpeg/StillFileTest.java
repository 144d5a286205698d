package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

class StillFileTest {
    @TempDir private Path folder;

    @Test
    void replacesTheFileAsAWhole() throws Exception {
        StillFile file = new StillFile(folder.resolve("a/b"), "tv/news");
        file.put(new byte[] {1, 2, 3});
        file.put(new byte[] {4});
        assertThat(file.path()).isEqualTo(folder.resolve("a/b/tv.news.jpg"));
        assertThat(Files.readAllBytes(file.path())).containsExactly(4);
        try (Stream<Path> files = Files.list(folder.resolve("a/b"))) {
            assertThat(files).containsExactly(file.path());
        }
    }

    @Test
    void goesOnWhenTheFolderIsBack() throws Exception {
        Path blocked = Files.createFile(folder.resolve("file"));
        StillFile file = new StillFile(blocked, "demo");
        file.put(new byte[] {1});
        file.put(new byte[] {2});
        assertThat(blocked).isRegularFile();
        Files.delete(blocked);
        file.put(new byte[] {3});
        assertThat(Files.readAllBytes(blocked.resolve("demo.jpg"))).containsExactly(3);
    }

    @Test
    void saysWhichFolderCannotBeWritten() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(StillFile.folder(folder, "x/y")).isEqualTo(folder.resolve("x/y"));
        assertThatThrownBy(() -> StillFile.folder(folder, file + "/below"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("thumbnail.output_dir")
                .hasMessageContaining(file + " is none");
        assertThatThrownBy(() -> StillFile.folder(folder, "a\0b"))
                .hasMessageContaining("expected a path");
    }
}
