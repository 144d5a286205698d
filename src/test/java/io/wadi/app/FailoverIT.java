package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;

import io.wadi.event.Event;
import io.wadi.event.EventBus;
import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.rtmp.RtmpComponent;
import io.wadi.stream.SpecJson;
import io.wadi.testing.RequiresTool;

import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * Two real publishers, viewers on every protocol, and a primary that dies in every way that there
 * is. Once round the faults by default; {@code -Dfailover.rounds=50} for the drill, and {@code
 * -Dfailover.limit-ms=150} to hold it to a time beyond the detection.
 */
@RequiresTool({"ffmpeg", "ffprobe"})
class FailoverIT {
    private static final Logger LOG = LoggerFactory.getLogger(FailoverIT.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long DETECTION_MS = 300;

    /** How the primary dies. */
    enum Fault {
        KILL,
        SILENCE,
        GARBAGE,
        HALF_OPEN,
        DRIP
    }

    private record Discontinuity(long nanos, long dts) {}

    @TempDir private Path folder;
    private ConfigurableApplicationContext server;
    private CamelContext camel;
    private String base;
    private FaultProxy line;
    private Path clip;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Process> programs = new ArrayList<>();
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<Discontinuity> breaks = new CopyOnWriteArrayList<>();
    private Process primary;

    @BeforeEach
    void start() throws Exception {
        server =
                Wadi.start(
                        "--wadi.http.host=127.0.0.1",
                        "--wadi.http.port=0",
                        "--wadi.listeners.rtmp.listen-host=127.0.0.1",
                        "--wadi.listeners.rtmp.port=0",
                        "--wadi.data.dir=" + folder.resolve("data"),
                        "--wadi.routes.dir=" + folder.resolve("routes"),
                        "--wadi.streams.dir=" + folder.resolve("streams"));
        camel = server.getBean(CamelContext.class);
        base = "http://127.0.0.1:" + server.getBean(HttpListener.class).getPort();
        line = new FaultProxy(rtmpPort());
        EventBus.of(camel).subscribe(events::add);
        clip = folder.resolve("clip.flv");
        run(
                ("ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=320x180:r=25:d=20"
                                + " -f lavfi -i sine=r=48000:d=20 -c:v libx264 -preset veryfast"
                                + " -bf 2 -g 50 -sc_threshold 0 -c:a aac -ac 2 -shortest "
                                + clip)
                        .split(" "));
    }

    @AfterEach
    void stop() throws Exception {
        for (Process program : programs) {
            program.destroyForcibly();
        }
        line.close();
        server.close();
    }

    private int rtmpPort() {
        return camel.getComponent("rtmp", RtmpComponent.class).boundAddress().getPort();
    }

    private Process launch(Path output, String... command) throws Exception {
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

    private Process publish(int port, String name) throws Exception {
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

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private JsonNode runtime() throws Exception {
        String body = send("GET", "/streams/drill", "").body();
        return SpecJson.mapper().readTree(body).path("data").path("runtime");
    }

    private void createStream(String more) throws Exception {
        String document =
                """
                {"inputs": [{"url": "rtmp://0.0.0.0/live/main"},
                            {"url": "rtmp://0.0.0.0/live/spare", "standby": "hot"}],
                 "input_packet_timeout": "%dms", "on_publish": "takeover",
                 "failover": {"failback_after": "500ms", "switch_cooldown": "1s"%s},
                 "packaging": {"segment": "1s", "window": 30},
                 "protocols": {"hls": true, "dash": true, "mpegts": true, "rtmp": true}}
                """
                        .formatted(DETECTION_MS, more);
        assertThat(send("PUT", "/streams/drill", document).statusCode()).isEqualTo(201);
        assertThat(send("POST", "/streams/drill/start", "").statusCode()).isEqualTo(200);
        RingEntry entry = Rings.of(camel).find("drill").orElseThrow();
        entry.ring()
                .addSink(
                        unit -> {
                            if (unit.isDiscontinuity()) {
                                breaks.add(new Discontinuity(System.nanoTime(), unit.dts()));
                            }
                        });
    }

    private void startPublishers() throws Exception {
        primary = publish(line.port(), "main");
        await().atMost(PATIENCE).until(() -> status(0).equals("active"));
        publish(rtmpPort(), "spare");
        await().atMost(PATIENCE).until(() -> status(1).equals("standby"));
    }

    private String status(int input) throws Exception {
        for (JsonNode state : runtime().path("inputs")) {
            if (state.path("input_priority").asInt() == input) {
                return state.path("status").asText();
            }
        }
        return "";
    }

    /** Writes each packet that a viewer gets: stream, pts, dts. */
    private Process view(String url, Path output) throws Exception {
        return launch(
                output,
                "ffprobe",
                "-v",
                "warning",
                "-show_entries",
                "packet=stream_index,pts,dts",
                "-of",
                "csv=p=0",
                url);
    }

    private long breakPrimary(Fault fault) throws Exception {
        long at = System.nanoTime();
        switch (fault) {
            case KILL -> primary.destroyForcibly();
            case SILENCE -> signal("STOP");
            case GARBAGE -> line.set(FaultProxy.Mode.GARBAGE);
            case HALF_OPEN -> line.set(FaultProxy.Mode.HALF_OPEN);
            case DRIP -> line.set(FaultProxy.Mode.DRIP);
        }
        return at;
    }

    private void restorePrimary(Fault fault) throws Exception {
        switch (fault) {
            case SILENCE -> signal("CONT");
            case DRIP -> line.set(FaultProxy.Mode.PASS);
            case KILL, GARBAGE, HALF_OPEN -> {
                primary.destroyForcibly();
                primary.waitFor();
                line.set(FaultProxy.Mode.PASS);
                primary = publish(line.port(), "main");
            }
        }
    }

    private void signal(String name) throws Exception {
        assertThat(
                        new ProcessBuilder("kill", "-" + name, Long.toString(primary.pid()))
                                .start()
                                .waitFor())
                .isZero();
    }

    @Test
    void viewersStayWhateverHappensToThePrimary() throws Exception {
        int rounds = Integer.getInteger("failover.rounds", Fault.values().length);
        int limitMs = Integer.getInteger("failover.limit-ms", 10_000);
        createStream("");
        startPublishers();
        Path tsPackets = folder.resolve("ts.csv");
        Path rtmpPackets = folder.resolve("rtmp.csv");
        Process ts = view(base + "/drill/mpegts", tsPackets);
        Process rtmp = view("rtmp://127.0.0.1:" + rtmpPort() + "/live/drill", rtmpPackets);
        Path hlsFile = folder.resolve("hls.ts");
        Map<Fault, List<Long>> times = new HashMap<>();
        int before = breaks.size();
        try (PlaylistViewer pages = new PlaylistViewer(base + "/drill/", hlsFile)) {
            await().atMost(PATIENCE).until(() -> pages.segments.size() > 1);
            int seen = before;
            for (int round = 0; round < rounds; round++) {
                Fault fault = Fault.values()[round % Fault.values().length];
                int expected = seen + 1;
                long at = breakPrimary(fault);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> breaks.size() >= expected);
                long switchedMs = (breaks.get(expected - 1).nanos() - at) / 1_000_000;
                times.computeIfAbsent(fault, _ -> new ArrayList<>()).add(switchedMs);
                assertThat(runtime().path("active_input_priority").asInt()).isEqualTo(1);
                restorePrimary(fault);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> breaks.size() >= expected + 1);
                seen = expected + 1;
                assertThat(breaks).as("after %s, round %d", fault, round).hasSize(seen);
                LOG.info("round {}: {} left after {} ms", round, fault, switchedMs);
            }
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    pages.discontinuities.get() == 2 * rounds
                                            && pages.periods.size() > 1);
            int target = pages.segments.size() + 3;
            await().atMost(PATIENCE).until(() -> pages.segments.size() > target);
            assertThat(pages.complaints).isEmpty();
            assertThat(pages.discontinuities).hasValue(2 * rounds);
            assertThat(pages.periods).hasSize(2 * rounds + 1);
            assertThat(ts.isAlive()).as("HTTP-TS viewer").isTrue();
            assertThat(rtmp.isAlive()).as("RTMP viewer").isTrue();
        }
        report(times, limitMs);
        ts.destroy();
        rtmp.destroy();
        ts.waitFor();
        rtmp.waitFor();
        assertForward(tsPackets, 2);
        assertForward(rtmpPackets, 2);
        Path hlsPackets = folder.resolve("hls.csv");
        Process hls = view(hlsFile.toString(), hlsPackets);
        assertThat(hls.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertForward(hlsPackets, 2);
        assertThat(events.stream().filter(e -> e.type().equals("input.failover")))
                .hasSize(2 * rounds);
        assertThat(send("GET", "/metrics", "").body())
                .contains(
                        "open_streamer_manager_failovers_total{stream_code=\"drill\"} "
                                + 2.0 * rounds);
    }

    private static void report(Map<Fault, List<Long>> times, int limitMs) {
        times.forEach(
                (fault, values) -> {
                    long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
                    LOG.info(
                            "{}: {} switches, p50 {} ms, max {} ms after the fault",
                            fault,
                            sorted.length,
                            sorted[sorted.length / 2],
                            sorted[sorted.length - 1]);
                    boolean told = fault == Fault.KILL || fault == Fault.GARBAGE;
                    assertThat(sorted[sorted.length - 1])
                            .as("%s: %s", fault, Arrays.toString(sorted))
                            .isLessThanOrEqualTo(limitMs + (told ? 0 : DETECTION_MS));
                });
    }

    /** Decoding times of each track never go back, and hardly ever stand still. */
    private static void assertForward(Path packets, int tracks) throws Exception {
        Map<String, Long> last = new HashMap<>();
        int lines = 0;
        for (String line : Files.readAllLines(packets)) {
            String[] fields = line.split(",", -1);
            if (fields.length < 3 || fields[2].isEmpty() || fields[2].equals("N/A")) {
                continue;
            }
            lines++;
            long dts = Long.parseLong(fields[2]);
            Long before = last.put(fields[0], dts);
            assertThat(before == null || dts >= before)
                    .as("%s line %d: %s after %s", packets.getFileName(), lines, dts, before)
                    .isTrue();
        }
        assertThat(last).hasSize(tracks);
        assertThat(lines).isGreaterThan(500);
    }
}
