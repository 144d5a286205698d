package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.stream.SpecJson;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.Rectangle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A picture is uploaded and seen in each rung, where it should be and as large as it should be. */
@RequiresTool({"ffmpeg", "curl"})
class WatermarkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Encoders blur edges. */
    private static final int BLUR = 3;

    @TempDir private Path folder;
    private LiveServer server;

    @BeforeEach
    void start() {
        server = new LiveServer(folder);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private byte[] run(String... command) throws Exception {
        Path output = folder.resolve("out-" + System.nanoTime());
        Process program = server.launch(output, command);
        assertThat(program.waitFor(20, TimeUnit.SECONDS)).isTrue();
        String complaint = Files.readString(folder.resolve(output.getFileName() + ".err"));
        assertThat(program.exitValue()).as(List.of(command) + " " + complaint).isZero();
        return Files.readAllBytes(output);
    }

    private Path white(String name) throws Exception {
        Path file = folder.resolve(name);
        Tools.make(file, "-f", "lavfi", "-i", "color=white:s=60x30", "-frames:v", "1");
        return file;
    }

    /** The status and the body. */
    private JsonNode upload(Path file, int status, String... more) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of("curl", "-sS", "-w", "\n%{http_code}", "-F", "file=@" + file));
        command.addAll(List.of(more));
        command.add(server.base + "/watermarks");
        String said = new String(run(command.toArray(String[]::new)), StandardCharsets.UTF_8);
        int line = said.lastIndexOf('\n');
        assertThat(said.substring(line + 1)).as(said).isEqualTo("" + status);
        return SpecJson.mapper().readTree(said.substring(0, line));
    }

    private String code(JsonNode refused) {
        return refused.path("error").path("code").asText();
    }

    private JsonNode get(String path) throws Exception {
        return SpecJson.mapper().readTree(server.send("GET", path, "").body());
    }

    @Test
    void isDrawnInEachRung() throws Exception {
        Path logo = white("Logo 1.png");
        JsonNode asset = upload(logo, 201, "-F", "id=logo", "-F", "name=Ours").path("data");
        assertThat(asset.path("id").asText()).isEqualTo("logo");
        assertThat(asset.path("width").asInt()).isEqualTo(60);
        server.create(
                "tv",
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/tv\"}],"
                        + " \"packaging\": {\"segment\": \"1s\"}, \"protocols\": {\"hls\": true},"
                        + " \"transcoder\": {\"video\": {\"profiles\": ["
                        + " {\"width\": 320, \"height\": 180, \"keyframe_interval\": 1},"
                        + " {\"width\": 160, \"height\": 90, \"keyframe_interval\": 1}]}},"
                        + " \"watermark\": {\"enabled\": true, \"type\": \"image\","
                        + " \"asset_id\": \"logo\", \"resize\": true, \"resize_ratio\": 0.25}}");
        server.launch(
                folder.resolve("publish"),
                ("ffmpeg -nostdin -v error -re -f lavfi -i color=black:s=320x180:r=25"
                                + " -c:v libx264 -preset ultrafast -g 25 -f flv rtmp://127.0.0.1:"
                                + server.rtmpPort()
                                + "/live/tv")
                        .split(" "));
        awaitMark(1, 320, new Rectangle(320 - 10 - 80, 180 - 10 - 40, 80, 40));
        awaitMark(2, 160, new Rectangle(160 - 10 - 40, 90 - 10 - 20, 40, 20));
        var edited =
                server.send(
                        "POST",
                        "/streams/tv",
                        "{\"watermark\": {\"resize\": false, \"position\": \"top_left\"}}");
        assertThat(edited.statusCode()).as(edited.body()).isEqualTo(200);
        awaitMark(2, 160, new Rectangle(10, 10, 60, 30));
        var deleted = server.send("DELETE", "/watermarks/logo", "");
        assertThat(deleted.statusCode()).isEqualTo(409);
        assertThat(deleted.body()).contains("WATERMARK_IN_USE", "tv");
    }

    /** What is white in the newest segment of a rung. */
    private void awaitMark(int track, int width, Rectangle expected) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(
                        () -> {
                            Rectangle seen = brightPart(track, width);
                            assertThat(new int[] {seen.x, seen.y, seen.width, seen.height})
                                    .as("%s, expected %s", seen, expected)
                                    .satisfies(
                                            got -> {
                                                assertThat(got[0] - expected.x)
                                                        .isBetween(-BLUR, BLUR);
                                                assertThat(got[1] - expected.y)
                                                        .isBetween(-BLUR, BLUR);
                                                assertThat(got[2] - expected.width)
                                                        .isBetween(-BLUR, BLUR);
                                                assertThat(got[3] - expected.height)
                                                        .isBetween(-BLUR, BLUR);
                                            });
                        });
    }

    private Rectangle brightPart(int track, int width) throws Exception {
        String base = server.base + "/tv/track_" + track + "/";
        String playlist = server.send("GET", "/tv/track_" + track + "/index.m3u8", "").body();
        String segment =
                playlist.lines()
                        .filter(l -> !l.startsWith("#"))
                        .reduce((_, last) -> last)
                        .orElseThrow();
        byte[] picture =
                run(
                        ("ffmpeg -nostdin -v error -i "
                                        + base
                                        + segment
                                        + " -frames:v 1 -f rawvideo -pix_fmt gray pipe:1")
                                .split(" "));
        Rectangle bright = new Rectangle(-1, -1);
        for (int i = 0; i < picture.length; i++) {
            if ((picture[i] & 0xFF) > 128) {
                bright.add(new Rectangle(i % width, i / width, 1, 1));
            }
        }
        return bright;
    }

    @Test
    void keepsPicturesAndNothingElse() throws Exception {
        Path logo = white("logo.png");
        String id = upload(logo, 201).path("data").path("id").asText();
        assertThat(id).startsWith("logo-");
        JsonNode list = get("/api/v1/watermarks");
        assertThat(list.path("total").asInt()).isEqualTo(1);
        assertThat(list.path("dir").asText()).isEqualTo(folder.resolve("watermarks").toString());
        assertThat(list.path("data").path(0)).isEqualTo(get("/watermarks/" + id).path("data"));
        assertThat(run("curl", "-sS", server.base + "/watermarks/" + id + "/raw"))
                .isEqualTo(Files.readAllBytes(logo));

        Path text = Files.writeString(folder.resolve("text.png"), "no picture");
        assertThat(code(upload(text, 415))).isEqualTo("INVALID_IMAGE");
        Path half = Files.write(folder.resolve("half.png"), Files.readAllBytes(logo));
        Files.write(half, java.util.Arrays.copyOf(Files.readAllBytes(logo), 60));
        assertThat(code(upload(half, 415))).isEqualTo("INVALID_IMAGE");
        Path large = Files.write(folder.resolve("large.png"), new byte[(8 << 20) + 1]);
        assertThat(code(upload(large, 413))).isEqualTo("UPLOAD_TOO_LARGE");
        Path larger = Files.write(folder.resolve("larger.png"), new byte[20 << 20]);
        assertThat(code(upload(larger, 413))).isEqualTo("UPLOAD_TOO_LARGE");
        assertThat(code(upload(larger, 413, "-H", "Transfer-Encoding: chunked")))
                .isEqualTo("UPLOAD_TOO_LARGE");
        assertThat(code(upload(logo, 400, "-F", "id=../x"))).isEqualTo("INVALID_ID");
        Path other = white("o.gif");
        assertThat(code(upload(other, 409, "-F", "id=" + id))).isEqualTo("ALREADY_EXISTS");
        assertThat(server.send("POST", "/watermarks", "{}").statusCode()).isEqualTo(400);
        for (String type : List.of("multipart/form-data", "multipart/form-data; boundary=x")) {
            String said =
                    new String(
                            run(
                                    "curl",
                                    "-sS",
                                    "-H",
                                    "Content-Type: " + type,
                                    "-d",
                                    "--y",
                                    server.base + "/watermarks"),
                            StandardCharsets.UTF_8);
            assertThat(said).as(type).contains("INVALID_BODY");
        }
        assertThat(server.send("GET", "/watermarks/a.b", "").body()).contains("INVALID_ID");
        assertThat(server.send("GET", "/watermarks/..%2F..%2Fx/raw", "").statusCode())
                .isEqualTo(400);
        assertThat(server.send("GET", "/watermarks/none", "").statusCode()).isEqualTo(404);

        String refused =
                server.send(
                                "PUT",
                                "/streams/tv",
                                "{\"watermark\": {\"enabled\": true, \"type\": \"image\","
                                        + " \"asset_id\": \"none\"}}")
                        .body();
        assertThat(refused).contains("INVALID_WATERMARK", "watermark.asset_id", "none");
        JsonNode config = get("/config").path("data");
        assertThat(config.path("watermark_types")).hasSize(2);
        assertThat(config.path("global_config").path("watermarks").path("dir").asText())
                .isEqualTo(folder.resolve("watermarks").toString());
        assertThat(server.send("DELETE", "/watermarks/" + id, "").statusCode()).isEqualTo(204);
        assertThat(server.send("DELETE", "/watermarks/" + id, "").statusCode()).isEqualTo(404);
        assertThat(get("/watermarks").path("total").asInt()).isZero();
    }
}
