package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.TsIntake;
import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A transport stream whose pictures become larger in the middle, as an encoder sends it that was
 * set up anew: what players of HLS get of it decodes, and says once where it changes.
 */
@Timeout(120)
@RequiresTool({"ffmpeg", "ffprobe"})
class TsFormatChangeIT {
    private static final int SECONDS = 6;
    private static final String BEFORE = "320,180";
    private static final String AFTER = "480,270";

    /** No multiple of a packet: key pictures are split in all ways. */
    private static final int PART = 1000;

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir private static Path folder;
    private static LiveServer server;
    private static byte[] source;

    @BeforeAll
    static void start() throws Exception {
        server = new LiveServer(folder);
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(film("320x180", 10));
        both.writeBytes(film("480x270", 10 + SECONDS));
        source = both.toByteArray();
    }

    @AfterAll
    static void stop() {
        server.close();
        CLIENT.close();
    }

    private static String run(String command) throws Exception {
        Path output = folder.resolve("out-" + System.nanoTime());
        Process program = server.launch(output, command.split(" "));
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(command).isZero();
        return Files.readString(output);
    }

    /** H.264 with B pictures and AAC, a key picture a second. */
    private static byte[] film(String size, int atSecond) throws Exception {
        Path file = folder.resolve(size + ".ts");
        run(
                ("ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=SIZE:r=25:d=DD"
                                + " -f lavfi -i sine=r=48000:d=DD -c:v libx264 -preset ultrafast"
                                + " -bf 2 -g 25 -sc_threshold 0 -c:a aac -shortest"
                                + " -muxdelay 0 -output_ts_offset AT -f mpegts "
                                + file)
                        .replace("SIZE", size)
                        .replace("DD", Integer.toString(SECONDS))
                        .replace("AT", Integer.toString(atSecond)));
        return Files.readAllBytes(file);
    }

    /** Lets the source in as it would arrive, but without the waiting. */
    private static void play(String code) {
        RingEntry entry = Rings.of(server.camel).find(code).orElseThrow();
        long from = System.nanoTime();
        try (TsIntake intake = new TsIntake(entry.input(0))) {
            for (int at = 0; at < source.length; at += PART) {
                int length = Math.min(PART, source.length - at);
                intake.begin(length).writeBytes(source, at, length);
                intake.end(from + 2L * SECONDS * 1_000_000_000L * at / source.length);
            }
            intake.newSource();
        }
    }

    private static String playlist(String code, String container, String name) throws Exception {
        server.create(
                code,
                "{\"inputs\": [{\"url\": \"rtmp://0.0.0.0/live/"
                        + code
                        + "\"}], \"packaging\": {\"segment\": \"1s\", \"window\": 30,"
                        + " \"container\": \""
                        + container
                        + "\"}, \"protocols\": {\"hls\": true}}");
        play(code);
        var answer = server.send("GET", "/" + code + "/" + name, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static byte[] get(String path) throws Exception {
        var answer =
                CLIENT.send(
                        HttpRequest.newBuilder(URI.create(server.base + "/" + path)).build(),
                        BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        return answer.body();
    }

    /** Width and height of every picture that decodes. */
    private static List<String> pictures(Path media) throws Exception {
        return run("ffprobe -v error -select_streams v:0 -show_entries frame=width,height"
                        + " -of csv=p=0 "
                        + media)
                .lines()
                .map(line -> line.replaceAll(",$", ""))
                .filter(line -> !line.isEmpty()) // side data
                .toList();
    }

    private record Part(boolean discontinuity, String map, String uri) {}

    private static List<Part> parts(String playlist) {
        List<Part> parts = new ArrayList<>();
        boolean discontinuity = false;
        String map = "";
        for (String line : playlist.lines().toList()) {
            if (line.equals("#EXT-X-DISCONTINUITY")) {
                discontinuity = true;
            } else if (line.startsWith("#EXT-X-MAP:URI=")) {
                map = line.split("\"", -1)[1];
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                parts.add(new Part(discontinuity, map, line));
                discontinuity = false;
            }
        }
        return parts;
    }

    /** Every segment decodes by itself, to pictures of one size: the first, then the other. */
    private static void assertChangesOnce(String code, List<Part> parts) throws Exception {
        assertThat(parts.stream().filter(Part::discontinuity)).as(parts.toString()).hasSize(1);
        String size = BEFORE;
        int count = 0;
        for (Part part : parts) {
            size = part.discontinuity() ? AFTER : size;
            ByteArrayOutputStream media = new ByteArrayOutputStream();
            if (!part.map().isEmpty()) {
                media.writeBytes(get(code + "/" + part.map()));
            }
            media.writeBytes(get(code + "/" + part.uri()));
            Path file = folder.resolve(code + "-" + count++);
            Files.write(file, media.toByteArray());
            assertThat(pictures(file)).as(part.toString()).isNotEmpty().containsOnly(size);
        }
        assertThat(size).isEqualTo(AFTER);
        assertThat(parts.size()).isBetween(2 * SECONDS - 2, 2 * SECONDS);
    }

    @Test
    void segmentsOfTransportStreamChangeAtADiscontinuity() throws Exception {
        assertChangesOnce("plain", parts(playlist("plain", "ts", "media.m3u8")));
    }

    @Test
    void fragmentsChangeWithAnotherInitSegment() throws Exception {
        List<Part> parts = parts(playlist("fragments", "fmp4", "video.m3u8"));
        assertThat(parts.stream().map(Part::map).distinct()).hasSize(2);
        assertChangesOnce("fragments", parts);
    }
}
