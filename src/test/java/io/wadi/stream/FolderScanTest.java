package io.wadi.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

class FolderScanTest {
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir Path folder;
    private FolderScan scan;

    @BeforeEach
    void scan() {
        scan = FolderScan.deep(folder);
    }

    private Path write(String name, String text, Instant at) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.from(at));
        return file;
    }

    /** Two polls settle an edit. */
    private Map<String, String> settle() throws IOException {
        scan.poll();
        Map<String, String> files = new TreeMap<>();
        scan.poll().forEach((name, is) -> files.put(name, new String(is, StandardCharsets.UTF_8)));
        return files;
    }

    @Test
    void readsNoFileAgainThatHasNotChanged() throws Exception {
        write("a.yaml", "old", LONG_AGO);
        byte[] first = scan.poll().get("a.yaml");
        assertThat(scan.poll().get("a.yaml")).isSameAs(first);
        // Read anew, it would settle as other bytes.
        write("a.yaml", "OLD", LONG_AGO);
        assertThat(settle()).containsEntry("a.yaml", "old");
    }

    @Test
    void readsAgainWhatHasAnotherTime() throws Exception {
        write("a.yaml", "one", LONG_AGO);
        scan.poll();
        write("a.yaml", "two", LONG_AGO.plusMillis(4));
        assertThat(settle()).containsEntry("a.yaml", "two");
    }

    @Test
    void readsAgainWhatHasAnotherSize() throws Exception {
        write("a.yaml", "one", LONG_AGO);
        scan.poll();
        write("a.yaml", "three", LONG_AGO);
        assertThat(settle()).containsEntry("a.yaml", "three");
    }

    @Test
    void readsAgainWhatIsAnotherFile() throws Exception {
        write("a.yaml", "one", LONG_AGO);
        scan.poll();
        Path next = write("next", "two", LONG_AGO);
        Files.move(next, folder.resolve("a.yaml"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(settle()).containsEntry("a.yaml", "two");
    }

    @Test
    void seesASecondWriteThatTheTimeOfTheFirstHides() throws Exception {
        Instant now = Instant.now();
        write("a.yaml", "one", now);
        scan.poll();
        write("a.yaml", "two", now);
        assertThat(settle()).containsEntry("a.yaml", "two");
    }

    @Test
    void seesWhereALinkLeads() throws Exception {
        write(".old/a.yaml", "one", LONG_AGO);
        write(".new/a.yaml", "two", LONG_AGO);
        Path link = folder.resolve("a.yaml");
        Files.createSymbolicLink(link, Path.of(".old/a.yaml"));
        assertThat(settle()).isEqualTo(Map.of("a.yaml", "one"));
        Files.delete(link);
        Files.createSymbolicLink(link, Path.of(".new/a.yaml"));
        assertThat(settle()).isEqualTo(Map.of("a.yaml", "two"));
        Files.delete(folder.resolve(".new/a.yaml"));
        assertThat(settle()).as("a link to nothing").isEmpty();
    }

    @Test
    void passesOverWhatIsNoDocument() throws Exception {
        write("a.yaml", "a", LONG_AGO);
        write("in/b.yml", "b", LONG_AGO);
        write("in/.hidden/c.yaml", "c", LONG_AGO);
        write(".d.yaml", "d", LONG_AGO);
        write("e.txt", "e", LONG_AGO);
        Files.createDirectory(folder.resolve("f.yaml"));
        assertThat(settle()).isEqualTo(Map.of("a.yaml", "a", "in/b.yml", "b"));
        assertThat(FolderScan.flat(folder).poll()).containsOnlyKeys("a.yaml");
    }

    @Test
    void aFolderThatIsGoneIsAnError() throws Exception {
        FolderScan gone = FolderScan.deep(folder.resolve("gone"));
        assertThatThrownBy(gone::poll).isInstanceOf(IOException.class);
    }
}
