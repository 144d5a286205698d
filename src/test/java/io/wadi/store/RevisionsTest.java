package io.wadi.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;

import io.wadi.stream.SpecJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;

class RevisionsTest {
    @TempDir private Path folder;

    private static Optional<ObjectNode> document(String name) {
        return Optional.of(SpecJson.mapper().createObjectNode().put("name", name));
    }

    @Test
    void oldestHistoriesOfDeletedStreamsAreForgotten() throws Exception {
        Revisions revisions = new Revisions(folder, Clock.systemUTC());
        revisions.take("here", document("a"), "api");
        int deleted = Revisions.MAX_DELETED + 5;
        for (int i = 0; i < deleted; i++) {
            revisions.take("gone/" + i, document("b"), "api");
            revisions.take("gone/" + i, Optional.empty(), "api");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(Revisions.MAX_DELETED + 1);
        }
        assertThat(revisions.of("here")).hasSize(1);
        assertThat(revisions.of("gone/0")).isEmpty();
        assertThat(revisions.of("gone/" + (deleted - 1))).hasSize(2);
    }
}
