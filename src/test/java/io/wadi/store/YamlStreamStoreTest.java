package io.wadi.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wadi.stream.SpecJson;
import io.wadi.stream.StreamSource.Snapshot;
import io.wadi.stream.StreamSpec;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

class YamlStreamStoreTest {
    @TempDir Path temporary;
    private Path folder;
    private YamlStreamStore store;

    @BeforeEach
    void open() throws Exception {
        folder = Files.createDirectories(temporary.resolve("streams"));
        store = new YamlStreamStore(folder);
        store.snapshot();
    }

    private static StreamSpec spec(String code, String json) throws Exception {
        return SpecJson.bind(code, SpecJson.parseObject(json.getBytes(StandardCharsets.UTF_8)));
    }

    private void write(String name, String text) throws Exception {
        Files.writeString(folder.resolve(name), text);
    }

    /** Two polls settle an edit. */
    private Snapshot settle() {
        store.snapshot();
        return store.snapshot();
    }

    @Test
    void keepsWhatWasSaved() throws Exception {
        store.save(spec("tv/one", "{\"name\":\"One\",\"stream_key\":\"s\"}"));
        assertThat(folder.resolve("tv/one.yaml")).hasContent("name: One\nstream_key: s\n");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(folder.resolve("tv/one.yaml"))))
                .isEqualTo("rw-r-----");
        assertThat(new YamlStreamStore(folder).find("tv/one")).isEqualTo(store.find("tv/one"));
        assertThat(store.snapshot().streams()).containsOnlyKeys("tv/one");
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
        }
        assertThat(store.delete("tv/one")).isTrue();
        assertThat(store.delete("tv/one")).isFalse();
        assertThat(folder.resolve("tv")).doesNotExist();
        assertThat(store.snapshot().streams()).isEmpty();
    }

    @Test
    void keepsTheCommentThatAFileStartsWith() throws Exception {
        write("a.yaml", "# mine\n\nname: A\n");
        settle();
        store.save(spec("a", "{\"name\":\"B\"}"));
        assertThat(folder.resolve("a.yaml")).hasContent("# mine\n\nname: B\n");
    }

    @Test
    void aBrokenFileIsReportedAndItsStreamStays() throws Exception {
        write("a.yaml", "name: A\n");
        write("b.yaml", "name: B\n");
        assertThat(settle().streams()).containsOnlyKeys("a", "b");
        write("a.yaml", "name: A\nprotocols:\n  hsl: true\n");
        Snapshot snapshot = settle();
        assertThat(snapshot.streams().get("a").name()).isEqualTo("A");
        assertThat(snapshot.problems()).hasSize(1);
        var problem = snapshot.problems().getFirst();
        assertThat(problem.text()).startsWith(folder.resolve("a.yaml") + ":3:3: protocols.hsl");
        write("a.yaml", "name: A2\n");
        snapshot = settle();
        assertThat(snapshot.problems()).isEmpty();
        assertThat(snapshot.streams().get("a").name()).isEqualTo("A2");
        Files.delete(folder.resolve("a.yaml"));
        assertThat(store.snapshot().streams()).containsOnlyKeys("a", "b");
        assertThat(store.snapshot().streams()).containsOnlyKeys("b");
    }

    @Test
    void readsNoHalfWrittenFile() throws Exception {
        write("a.yaml", "name: A\ninputs:\n  - url: udp://239.0.0.1:5000\n");
        settle();
        write("a.yaml", "name: A\n"); // the writer has not finished
        assertThat(store.snapshot().streams().get("a").inputs()).hasSize(1);
        write("a.yaml", "name: A\ninputs:\n  - url: udp://239.0.0.1:5001\n");
        assertThat(store.snapshot().streams().get("a").inputs().getFirst().url()).endsWith("5000");
        assertThat(store.snapshot().streams().get("a").inputs().getFirst().url()).endsWith("5001");
    }

    @Test
    void seesRenamesOfEditorsAndNoHiddenFiles() throws Exception {
        write("a.yaml", "name: A\n");
        settle();
        write(".a.yaml.swp.yaml", "name: x\n");
        Path other = Files.writeString(temporary.resolve("new"), "name: B\n");
        Files.move(other, folder.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);
        Snapshot snapshot = settle();
        assertThat(snapshot.streams()).containsOnlyKeys("a");
        assertThat(snapshot.streams().get("a").name()).isEqualTo("B");
    }

    @Test
    void seesSymlinkSwapsOfMountedConfiguration() throws Exception {
        Path mount = Files.createDirectory(temporary.resolve("mount"));
        Files.writeString(
                Files.createDirectory(mount.resolve("..v1")).resolve("a.yaml"), "name: 1");
        Files.writeString(
                Files.createDirectory(mount.resolve("..v2")).resolve("a.yaml"), "name: x");
        Files.writeString(mount.resolve("..v1/a.yaml"), "name: one\n");
        Files.writeString(mount.resolve("..v2/a.yaml"), "name: two\n");
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("..v1"));
        Files.createSymbolicLink(mount.resolve("a.yaml"), Path.of("..data/a.yaml"));
        YamlStreamStore mounted = new YamlStreamStore(mount);
        assertThat(mounted.snapshot().streams().get("a").name()).isEqualTo("one");
        Files.createSymbolicLink(mount.resolve("..tmp"), Path.of("..v2"));
        Files.move(mount.resolve("..tmp"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        mounted.snapshot();
        assertThat(mounted.snapshot().streams().get("a").name()).isEqualTo("two");
    }

    @Test
    void aFolderThatGoesAwayStopsNothing() throws Exception {
        write("a.yaml", "name: A\n");
        settle();
        Files.move(folder, temporary.resolve("away"));
        Snapshot snapshot = settle();
        assertThat(snapshot.streams()).containsOnlyKeys("a");
        assertThat(snapshot.problems()).hasSize(1);
    }

    @Test
    void filesWithWrongNamesAreReported() throws Exception {
        write("a.b.yaml", "name: A\n");
        write("streams.yaml", "name: A\n");
        write("c.yml", "name: A\n");
        Snapshot snapshot = settle();
        assertThat(snapshot.streams()).isEmpty();
        assertThat(snapshot.problems()).hasSize(3);
    }

    @Test
    void aFailedWriteLeavesTheOldDocument() throws Exception {
        store.save(spec("a", "{\"name\":\"A\"}"));
        write("b", "a file where a folder is needed");
        assertThatThrownBy(() -> store.save(spec("b/c", "{}")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("b/c.yaml");
        assertThat(store.list()).hasSize(1);
    }
}
