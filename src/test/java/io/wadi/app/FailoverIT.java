package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.testing.RequiresTool;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
@RequiresTool({"ffmpeg", "ffprobe", "stdbuf"})
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
    private LiveServer server;
    private FaultProxy line;
    private final List<Discontinuity> breaks = new CopyOnWriteArrayList<>();
    private Process primary;

    @BeforeEach
    void start() throws Exception {
        server = new LiveServer(folder);
        line = new FaultProxy(server.rtmpPort());
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        line.close();
    }

    private void createStream() throws Exception {
        String document =
                """
                {"inputs": [{"url": "rtmp://0.0.0.0/live/main"},
                            {"url": "rtmp://0.0.0.0/live/spare", "standby": "hot"}],
                 "input_packet_timeout": "%dms", "on_publish": "takeover",
                 "failover": {"failback_after": "500ms", "switch_cooldown": "2500ms"},
                 "packaging": {"segment": "1s", "window": 30},
                 "protocols": {"hls": true, "dash": true, "mpegts": true, "rtmp": true,
                               "http_flv": true}}
                """
                        .formatted(DETECTION_MS);
        server.create("drill", document);
        RingEntry entry = Rings.of(server.camel).find("drill").orElseThrow();
        entry.ring()
                .addSink(
                        unit -> {
                            if (unit.isDiscontinuity()) {
                                breaks.add(new Discontinuity(System.nanoTime(), unit.dts()));
                            }
                        });
    }

    private void startPublishers() throws Exception {
        primary = server.publish(line.port(), "main");
        await().atMost(PATIENCE).until(() -> server.status("drill", 0).equals("active"));
        server.publish(server.rtmpPort(), "spare");
        await().atMost(PATIENCE).until(() -> server.status("drill", 1).equals("standby"));
    }

    private int switches() {
        return (int) server.events.stream().filter(e -> e.type().equals("input.failover")).count();
    }

    /** Both inputs are fit, the primary is on air, and no switch is under way. */
    private void awaitPrimary() {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () ->
                                server.status("drill", 0).equals("active")
                                        && server.status("drill", 1).equals("standby")
                                        && breaks.size() == switches());
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
                primary = server.publish(line.port(), "main");
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
        createStream();
        startPublishers();
        List<PacketViewer> players =
                List.of(
                        new PacketViewer(server, "ts", server.base + "/drill/mpegts").start(),
                        new PacketViewer(server, "flv", server.base + "/drill/live.flv").start(),
                        new PacketViewer(
                                        server,
                                        "rtmp",
                                        "rtmp://127.0.0.1:" + server.rtmpPort() + "/live/drill")
                                .start());
        Path hlsFile = folder.resolve("hls.ts");
        Map<Fault, List<Long>> times = new HashMap<>();
        Map<String, Path> tracks = new HashMap<>();
        try (PlaylistViewer pages = new PlaylistViewer(server.base + "/drill/", hlsFile)) {
            await().atMost(PATIENCE).until(() -> pages.segments.size() > 1);
            for (int round = 0; round < rounds; round++) {
                Fault fault = Fault.values()[round % Fault.values().length];
                awaitPrimary();
                int before = breaks.size();
                long at = breakPrimary(fault);
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> breaks.size() > before);
                long switchedMs = (breaks.get(before).nanos() - at) / 1_000_000;
                times.computeIfAbsent(fault, _ -> new ArrayList<>()).add(switchedMs);
                assertThat(server.active("drill")).isEqualTo(1);
                for (PacketViewer player : players) {
                    assertThat(player.process.isAlive()).as(player.url).isTrue();
                }
                restorePrimary(fault);
                LOG.info("round {}: {} left after {} ms", round, fault, switchedMs);
            }
            awaitPrimary();
            int last = pages.segments.size() + 4;
            await().atMost(PATIENCE).until(() -> pages.segments.size() > last);
            assertThat(pages.complaints).isEmpty();
            assertThat(switches()).isGreaterThanOrEqualTo(2 * rounds);
            assertThat(breaks).as("one discontinuity a switch").hasSize(switches());
            assertThat(pages.discontinuities).as("HLS").hasValue(switches());
            assertThat(pages.periods).as("DASH").hasSize(switches() + 1);
            for (PacketViewer player : players) {
                assertThat(player.process.isAlive()).as(player.url).isTrue();
                player.process.destroy();
                player.process.waitFor();
            }
            tracks.putAll(pages.dashFiles);
        }
        report(times, limitMs);
        forward(hlsFile, 2);
        assertThat(tracks).as("video and audio of DASH").hasSize(2);
        for (Path track : tracks.values()) {
            forward(track, 1);
        }
        for (PacketViewer player : players) {
            assertThat(LiveServer.assertForward(player.packets, 2))
                    .as(player.url)
                    .isGreaterThan(500);
        }
        assertThat(server.send("GET", "/metrics", "").body())
                .contains(
                        "open_streamer_manager_failovers_total{stream_code=\"drill\"} "
                                + (double) switches());
    }

    /** What a viewer of segments has got plays with times that never go back. */
    private void forward(Path media, int tracks) throws Exception {
        Path packets = folder.resolve(media.getFileName() + ".csv");
        Process probe = server.view(media.toString(), packets);
        assertThat(probe.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(LiveServer.assertForward(packets, tracks))
                .as(media.toString())
                .isGreaterThan(500);
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
                    // Garbage may look like the start of a long message: then nothing comes.
                    boolean told = fault == Fault.KILL;
                    assertThat(sorted[sorted.length - 1])
                            .as("%s: %s", fault, Arrays.toString(sorted))
                            .isLessThanOrEqualTo(limitMs + (told ? 0 : DETECTION_MS));
                });
    }
}
