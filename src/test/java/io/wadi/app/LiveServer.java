package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.event.Event;
import io.wadi.event.EventBus;
import io.wadi.rtmp.RtmpComponent;
import io.wadi.stream.FileProblem;
import io.wadi.stream.Reconciler;
import io.wadi.stream.SpecJson;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.springframework.context.ConfigurableApplicationContext;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A whole server on free ports in a folder, with the programs that feed and watch it. */
final class LiveServer implements AutoCloseable {
    final Path folder;
    final CamelContext camel;
    final String base;
    final List<Event> events = new CopyOnWriteArrayList<>();
    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Process> programs = new CopyOnWriteArrayList<>();
    private Path clip;
    private final int clipSeconds;

    /** Pictures from one key picture of a publisher to the next. */
    int gop = 50;

    LiveServer(Path folder) {
        this(folder, 20);
    }

    /**
     * @param clipSeconds what publishers have; then it starts again, with a small step in its times
     */
    LiveServer(Path folder, int clipSeconds) {
        this.folder = folder;
        this.clipSeconds = clipSeconds;
        context = Wadi.start(RunningServer.settings(folder, 0, 0).toArray(String[]::new));
        camel = context.getBean(CamelContext.class);
        base = "http://127.0.0.1:" + context.getBean(HttpListener.class).getPort();
        EventBus.of(camel).subscribe(events::add);
    }

    /** What is wrong with files, as the log and the API tell it. */
    List<FileProblem> problems() {
        return reconciler().status().problems();
    }

    Reconciler reconciler() {
        return context.getBean(Reconciler.class);
    }

    int rtmpPort() {
        return camel.getComponent("rtmp", RtmpComponent.class).boundAddress().getPort();
    }

    /** Starts a program; what it prints goes to the file, its errors beside it. */
    Process launch(Path output, String... command) throws Exception {
        Process program =
                new ProcessBuilder(command)
                        .redirectOutput(output.toFile())
                        .redirectError(folder.resolve(output.getFileName() + ".err").toFile())
                        .start();
        programs.add(program);
        return program;
    }

    private void run(String... command) throws Exception {
        Process program = launch(folder.resolve("run-" + programs.size()), command);
        assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(String.join(" ", command)).isZero();
    }

    /** Publishes H.264 with B pictures and AAC, over and over, in real time. */
    Process publish(int port, String name) throws Exception {
        if (clip == null) {
            clip = folder.resolve("clip.flv");
            run(
                    ("ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=DD"
                                    + " -f lavfi -i sine=r=48000:d=DD -c:v libx264"
                                    + " -preset veryfast -bf 2 -g GG -sc_threshold 0"
                                    + " -c:a aac -ac 2 -shortest "
                                    + clip)
                            .replace("DD", Integer.toString(clipSeconds))
                            .replace("GG", Integer.toString(gop))
                            .split(" "));
        }
        return launch(
                folder.resolve("publish-" + programs.size()),
                ("ffmpeg -nostdin -v error -re -stream_loop -1 -i "
                                + clip
                                + " -c copy -f flv rtmp://127.0.0.1:"
                                + port
                                + "/live/"
                                + name)
                        .split(" "));
    }

    /** Writes each packet that a viewer gets: video or audio, stream, pts, dts. */
    Process view(String url, Path output) throws Exception {
        return launch(
                output,
                "stdbuf",
                "-oL",
                "ffprobe",
                "-v",
                "warning",
                "-analyzeduration",
                "500000", // else it looks at five seconds before it prints the first packet
                "-show_entries",
                "packet=codec_type,stream_index,pts,dts",
                "-of",
                "csv=p=0",
                url);
    }

    HttpResponse<String> send(String method, String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Makes a stream and starts it. */
    void create(String code, String document) throws Exception {
        HttpResponse<String> created = send("PUT", "/streams/" + code, document);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        HttpResponse<String> started = send("POST", "/streams/" + code + "/start", "");
        assertThat(started.statusCode()).as(started.body()).isEqualTo(200);
    }

    /** A profile that is cheap to encode. */
    static String rung(int width, int height, int kbps) {
        return ("{\"width\": %d, \"height\": %d, \"bitrate\": %d, \"preset\": \"ultrafast\","
                        + " \"keyframe_interval\": 1}")
                .formatted(width, height, kbps);
    }

    /** The key of a document that makes a ladder. */
    static String ladder(String mode, String... rungs) {
        return "\"transcoder\": {\"mode\": \"%s\", \"video\": {\"profiles\": [%s]}}"
                .formatted(mode, String.join(",", rungs));
    }

    /** Changes keys of a stream. */
    void edit(String code, String document) throws Exception {
        HttpResponse<String> answer = send("PUT", "/streams/" + code, document);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** The routes whose ids start so. */
    Map<String, Route> routes(String prefix) {
        return camel.getRoutes().stream()
                .filter(route -> route.getId().startsWith(prefix))
                .collect(Collectors.toMap(Route::getId, Function.identity()));
    }

    JsonNode stream(String code) throws Exception {
        String body = send("GET", "/streams/" + code, "").body();
        return SpecJson.mapper().readTree(body).path("data");
    }

    JsonNode runtime(String code) throws Exception {
        return stream(code).path("runtime");
    }

    int active(String code) throws Exception {
        return runtime(code).path("active_input_priority").asInt();
    }

    /** The status of an input, empty when there is no such input. */
    String status(String code, int input) throws Exception {
        for (JsonNode state : runtime(code).path("inputs")) {
            if (state.path("input_priority").asInt() == input) {
                return state.path("status").asText();
            }
        }
        return "";
    }

    /** Decoding times of each track in what {@link #view} wrote never go back. */
    static long assertForward(Path packets, int tracks) throws Exception {
        Map<String, Long> last = new HashMap<>();
        List<String> lines = new ArrayList<>(Files.readAllLines(packets));
        long counted = 0;
        for (String line : lines) {
            String[] fields = line.split(",", -1);
            if (fields.length < 4 || fields[3].isEmpty() || fields[3].equals("N/A")) {
                continue;
            }
            counted++;
            long dts = Long.parseLong(fields[3]);
            Long before = last.put(fields[1], dts);
            assertThat(before == null || dts >= before)
                    .as("%s line %d: %s after %s", packets.getFileName(), counted, dts, before)
                    .isTrue();
        }
        assertThat(last).as(packets.toString()).hasSize(tracks);
        return counted;
    }

    @Override
    public void close() {
        programs.forEach(Process::destroyForcibly);
        context.close();
        client.close();
    }
}
