package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wadi.stream.StreamSpec;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

class WatermarksTest {
    private static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");
    private static final byte[] LOGO = PictureHeaderTest.picture("png", 32, 8);

    @TempDir private Path folder;
    private Path dir;
    private Watermarks watermarks;
    private boolean decodes = true;

    @BeforeEach
    void open() {
        dir = folder.resolve("watermarks");
        watermarks = new Watermarks(dir, _ -> decodes, Clock.fixed(NOON, ZoneOffset.UTC));
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(dir)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void keepsAPicture() throws Exception {
        assertThat(watermarks.list()).isEmpty();
        Watermarks.Asset stored = watermarks.store("logo", "Our logo", "C:\\a\\Logo é.jpg", LOGO);
        assertThat(stored)
                .isEqualTo(
                        new Watermarks.Asset(
                                "logo",
                                "Our logo",
                                "Logo é.jpg",
                                "image/png",
                                LOGO.length,
                                32,
                                8,
                                NOON));
        Watermarks again = new Watermarks(dir, _ -> true, Clock.systemUTC());
        assertThat(again.list()).containsExactly(stored);
        assertThat(again.find("logo")).contains(stored);
        assertThat(again.read("logo")).hasValueSatisfying(b -> assertThat(b).isEqualTo(LOGO));
        assertThat(files()).containsExactly("logo.json", "logo.png");
        assertThat(again.delete("logo")).isTrue();
        assertThat(again.delete("logo")).isFalse();
        assertThat(files()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Station Logo (2).png, station-logo-2",
        "../../etc/passwd, passwd",
        "'', picture",
        "日本.png, picture",
        ".png, png",
    })
    void makesIds(String fileName, String slug) throws Exception {
        Watermarks.Asset first = watermarks.store("", "", fileName, LOGO);
        assertThat(first.id()).matches(slug + "-[0-9a-f]{12}");
        assertThat(watermarks.store("", "", fileName, LOGO)).isEqualTo(first);
        byte[] other = PictureHeaderTest.picture("png", 33, 8);
        assertThat(watermarks.store("", "", fileName, other).id()).isNotEqualTo(first.id());
    }

    /** What the API lists and lets pass is what the encoders take. */
    @Test
    void everyPositionOfADocumentIsKnown() {
        List<String> positions = StreamSpec.Watermark.POSITIONS;
        assertThat(positions).hasSameSizeAs(Watermark.Position.values());
        for (String position : positions) {
            String mark = "{\"enabled\":true,\"text\":\"a\",\"position\":\"" + position + "\"}";
            Ladder ladder = LadderReader.read("{\"watermark\":" + mark + "}");
            assertThat(ladder.watermark().orElseThrow().position())
                    .hasToString(position.toUpperCase(Locale.ROOT));
        }
    }

    @Test
    void whatIsUnderAnIdDoesNotChange() throws Exception {
        Watermarks.Asset stored = watermarks.store("logo", "", "a.png", LOGO);
        assertThat(watermarks.store("logo", "x", "b.png", LOGO)).isEqualTo(stored);
        for (String format : List.of("png", "gif")) {
            byte[] other = PictureHeaderTest.picture(format, 9, 9);
            assertThatThrownBy(() -> watermarks.store("logo", "", "a.png", other))
                    .isInstanceOfSatisfying(
                            Watermarks.RefusedException.class,
                            e ->
                                    assertThat(e.reason())
                                            .isEqualTo(
                                                    Watermarks.RefusedException.Reason
                                                            .OTHER_PICTURE_HAS_THE_ID));
        }
        assertThat(files()).containsExactly("logo.json", "logo.png");
    }

    @Test
    void leavesNothingOfWhatIsNoPicture() throws Exception {
        assertThatThrownBy(
                        () ->
                                watermarks.store(
                                        "", "", "a.png", "<svg/>".getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("a.png")
                .hasMessageContaining("PNG, JPEG, GIF, WEBP of at most 8192x8192");
        byte[] long1 = java.util.Arrays.copyOf(LOGO, Watermarks.MAX_BYTES + 1);
        assertThatThrownBy(() -> watermarks.store("", "", "a.png", long1))
                .isInstanceOf(Watermarks.RefusedException.class);
        decodes = false;
        assertThatThrownBy(() -> watermarks.store("", "", "a.png", LOGO))
                .hasMessageContaining("cannot decode");
        assertThat(files()).isEmpty();
    }

    @Test
    void takesWhatAnOperatorPutThere() throws Exception {
        Files.createDirectories(dir);
        Files.write(dir.resolve("by-hand.jpg"), LOGO); // the content counts
        Files.write(dir.resolve("no.png"), new byte[100]);
        Files.write(dir.resolve("with space.png"), LOGO);
        Files.write(dir.resolve("changed.png"), LOGO);
        Files.writeString(dir.resolve("changed.json"), "{\"size_bytes\": 1, \"width\": \"x\"}");
        Files.writeString(dir.resolve("by-hand.json"), "{{{");
        Files.write(folder.resolve("outside.png"), LOGO);
        Files.createSymbolicLink(dir.resolve("link.png"), folder.resolve("outside.png"));
        assertThat(watermarks.list())
                .extracting(Watermarks.Asset::id)
                .containsExactlyInAnyOrder("by-hand", "changed");
        Watermarks.Asset asset = watermarks.find("by-hand").orElseThrow();
        assertThat(asset.contentType()).isEqualTo("image/png");
        assertThat(asset.width()).isEqualTo(32);
        assertThat(watermarks.find("link")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../outside", "a/b", "a.b", "a b", "ä", "\0", "%2e%2e"})
    void idsAreNoPaths(String id) throws Exception {
        Files.createDirectories(dir);
        Files.write(folder.resolve("outside.png"), LOGO);
        assertThat(Watermarks.isId(id)).isFalse();
        assertThat(watermarks.find(id)).isEmpty();
        assertThat(watermarks.read(id)).isEmpty();
        assertThat(watermarks.delete(id)).isFalse();
    }

    @Test
    void isBounded() throws Exception {
        Files.createDirectories(dir);
        for (int i = 0; i < Watermarks.MAX_ASSETS; i++) {
            Files.createFile(dir.resolve("p" + i + ".png"));
        }
        assertThatThrownBy(() -> watermarks.store("", "", "a.png", LOGO))
                .hasMessageContaining("1000");
    }

    @Test
    void looksUpWhatIsDrawn() throws Exception {
        watermarks.store("logo", "", "a.png", LOGO);
        Watermark mark = mark("\"asset_id\": \"logo\"");
        Watermark ready = watermarks.ready(mark);
        assertThat(ready.image()).isEqualTo(dir.resolve("logo.png").toAbsolutePath().toString());
        assertThat(ready.decoder()).isEqualTo("png");
        assertThatThrownBy(() -> watermarks.ready(mark("\"asset_id\": \"other\"")))
                .hasMessageContaining("watermark.asset_id")
                .hasMessageContaining("other");
        Path text = Files.writeString(folder.resolve("a.png"), "text");
        assertThatThrownBy(() -> watermarks.ready(mark("\"image_path\": \"" + text + "\"")))
                .hasMessageContaining("watermark.image_path")
                .hasMessageContaining("no such picture");
        assertThatThrownBy(() -> watermarks.ready(mark("\"image_path\": \"" + folder + "\"")))
                .hasMessageContaining("no file");
    }

    private static Watermark mark(String picture) {
        return LadderReader.read(
                        "{\"watermark\": {\"enabled\": true, \"type\": \"image\", "
                                + picture
                                + "}}")
                .watermark()
                .orElseThrow();
    }
}
