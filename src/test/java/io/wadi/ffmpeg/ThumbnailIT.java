package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Still pictures of a stream that nobody encodes, served and kept as a file. */
class ThumbnailIT {
    private static final Duration START = Duration.ofSeconds(40);

    @TempDir Path folder;

    @Test
    @RequiresTool({"ffmpeg", "ffprobe"})
    void takesKeyPicturesOfAStreamThatIsNotEncoded() throws Exception {
        Path stills = folder.resolve("stills");
        String ladder =
                "{\"stills_only\":true,\"thumbnail\":{\"enabled\":true,\"interval_sec\":2,\"width\":160,"
                        + "\"output_dir\":\""
                        + stills
                        + "\"}}";
        try (LiveLadder stream =
                new LiveLadder(folder, "?segmentDuration=1s", 0, List.of(ladder))) {
            assertThat(stream.get("thumbnail.jpg").statusCode()).isEqualTo(404);
            stream.source("640x360");
            await().atMost(START).until(() -> stream.get("thumbnail.jpg").statusCode() == 200);
            Path file = stills.resolve("demo.jpg");
            await().atMost(START).until(() -> Files.exists(file));

            HttpResponse<String> head = stream.get("thumbnail.jpg");
            String etag = head.headers().firstValue("ETag").orElseThrow();
            assertThat(head.headers().firstValue("Content-Type")).contains("image/jpeg");
            await("either the same, or a newer one")
                    .atMost(START)
                    .until(
                            () -> {
                                String now =
                                        stream.get("thumbnail.jpg")
                                                .headers()
                                                .firstValue("ETag")
                                                .orElseThrow();
                                return stream.get("thumbnail.jpg", "If-None-Match", now)
                                                .statusCode()
                                        == 304;
                            });
            await("the next one")
                    .atMost(START)
                    .until(
                            () ->
                                    stream.get("thumbnail.jpg", "If-None-Match", etag).statusCode()
                                            == 200);

            // Whole at any time, and nothing else in the folder but what is being written.
            for (int i = 0; i < 5; i++) {
                assertThat(Tools.probe(file, "-show_entries", "stream=codec_name,width,height"))
                        .containsExactly("mjpeg,160,90");
            }
            try (Stream<Path> files = Files.list(stills)) {
                assertThat(files.filter(f -> !f.getFileName().toString().startsWith(".")))
                        .containsExactly(file);
            }
            assertThat(Transcoders.of(stream.context).of("demo")).isEmpty();
            assertThat(TranscodeIT.children())
                    .filteredOn(
                            child ->
                                    String.join(" ", child.info().arguments().orElseThrow())
                                            .contains("-skip_frame nokey"))
                    .hasSize(1);
        }
        await("no child is left").until(() -> TranscodeIT.children().isEmpty());
    }
}
