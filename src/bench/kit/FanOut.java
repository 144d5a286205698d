package kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One publisher, many viewers: CPU seconds per gigabyte delivered, beside a C program that writes
 * the same rate to as many sockets at the same cadence. Floor and server in turn, three rounds.
 * What it costs to take the stream in is told apart: it is the same for one viewer and for a
 * thousand.
 *
 * <pre>
 * java src/bench/kit/FanOut.java            all of it, about 26 minutes
 * java src/bench/kit/FanOut.java 30 200     one send latency in ms, one number of viewers
 * java src/bench/kit/FanOut.java 30 200 30  and a receive latency
 * </pre>
 *
 * Needs Linux, two cores, gcc, taskset, ffmpeg, nginx with its RTMP module and a built {@code
 * target/wadi.jar}.
 */
final class FanOut {
    private static final int ROUNDS = 3;
    private static final int INTAKE_SECONDS = 15;
    private static final int SECONDS = 6;
    private static final int PROBES = 20;
    private static final int MAX_WARM_PASSES = 8;
    private static final int CHURN_PASSES = 14;
    private static final int CHURN_VIEWERS = 1000;

    /** Of some 24 seconds that a pass takes. */
    private static final double COMPILED_SECONDS = 0.25;

    private static final int FLOOR_PORT = 19557;
    private static final int INTAKE_PORT = 19558;
    private static final int NGINX_PORT = 19559;
    private static final double GIGA = 1e9;
    private static final double BITS_PER_SECOND = 2_150_000;

    /** A way to watch: the viewers' protocol, the server's port, the path. */
    private record Way(String name, String kind, int port, String path) {}

    private static final List<Way> WAYS =
            List.of(
                    new Way("RTMP", "rtmp", Wadi.RTMP, "live/b"),
                    new Way("HTTP-FLV", "flv", Wadi.HTTP, "b/live.flv"),
                    new Way("HTTP-TS", "ts", Wadi.HTTP, "b/mpegts"));

    private record Round(
            double perGb, double stalls, double p50, double p99, double everyMs, double rss) {}

    private final Lab lab;
    private final StringBuilder table = new StringBuilder();
    private final Map<String, Map<Integer, Double>> curves = new LinkedHashMap<>();

    /** What a C program pays for taking the stream in, in CPU seconds a second. */
    private double intake;

    private int receiveMs;
    private Wadi wadi;

    private FanOut(Lab lab) {
        this.lab = lab;
    }

    public static void main(String[] args) throws Exception {
        try (Lab lab = new Lab()) {
            FanOut bench = new FanOut(lab);
            bench.head();
            bench.intake = bench.intake();
            bench.start();
            if (args.length >= 2) {
                bench.receiveMs = args.length == 2 ? 0 : Integer.parseInt(args[2]);
                bench.latency(Integer.parseInt(args[0]), List.of(Integer.parseInt(args[1])));
                System.out.println(bench.table);
                return;
            }
            bench.latency(30, List.of(50, 200, 500, 1000));
            bench.latency(350, List.of(200, 500, 1000));
            bench.latency(0, List.of(200, 500, 1000));
            bench.receiveMs = 350;
            bench.latency(0, List.of(200));
            bench.receiveMs = 0;
            bench.wadi.stop();
            bench.peer(List.of(200, 500, 1000));
            Report.write("fan-out", bench.table + "\n![CPU per gigabyte](fan-out.svg)\n");
            Files.writeString(Path.of("docs/fan-out.svg"), Plot.svg(bench.curves));
        }
    }

    private void head() {
        table.append(
                "| send latency | viewers | | CPU s/GB | floor | ratio | with intake | ratio |");
        table.append(" writes every | stalls | late join p50 / p99 | resident |\n");
        table.append("|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    }

    /** One server for all of it: what is measured last is compiled as well as what is first. */
    private void start() throws Exception {
        wadi = Wadi.start(lab);
        wadi.stream(
                "b",
                "{\"inputs\":[{\"url\":\"publish://\"}],"
                        + "\"protocols\":{\"rtmp\":true,\"mpegts\":true,\"http_flv\":true}}");
        Wadi.publish(lab, Wadi.sample(lab, 2000), "b");
        wadi.awaitLive("b");
        for (int pass = 0; pass < CHURN_PASSES; pass++) {
            for (Way way : WAYS) {
                viewers(way.kind, way.port, way.path, CHURN_VIEWERS, 1, 0).waitFor();
            }
        }
    }

    private void latency(int latencyMs, List<Integer> counts) throws Exception {
        String body =
                "{\"publisher\":{\"send_latency\":\"%dms\"},"
                        + "\"listeners\":{\"rtmp\":{\"receive_latency\":\"%dms\"}}}";
        wadi.send("POST", "/config", body.formatted(latencyMs, receiveMs));
        warm();
        for (int count : counts) {
            count(latencyMs, count);
        }
    }

    /** The server that writes frames as they come, too. */
    private void peer(List<Integer> counts) throws Exception {
        Process nginx = nginx();
        Process publisher = Wadi.publish(lab, Wadi.sample(lab, 2000), NGINX_PORT, "b");
        Thread.sleep(3000);
        Way way = new Way("nginx-rtmp", "rtmp", NGINX_PORT, "live/b");
        for (int count : counts) {
            List<Round> rounds = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                rounds.add(watch(nginx, way, count));
            }
            // It writes by send, which Linux does not count: no floor of its cadence.
            row(0, count, way, rounds, Double.NaN);
        }
        Lab.stop(publisher);
        Lab.stop(nginx);
    }

    /** Viewers watch until the just-in-time compilers have little left to do. */
    private void warm() throws Exception {
        for (int pass = 0; pass < MAX_WARM_PASSES; pass++) {
            double before = Lab.compilerSeconds(wadi.process);
            for (Way way : WAYS) {
                watch(wadi.process, way, 500);
            }
            if (Lab.compilerSeconds(wadi.process) - before < COMPILED_SECONDS) {
                return;
            }
        }
    }

    private void count(int latencyMs, int count) throws Exception {
        Map<Way, List<Round>> rounds = new LinkedHashMap<>();
        List<Double> floors = new ArrayList<>();
        WAYS.forEach(way -> rounds.put(way, new ArrayList<>()));
        Map<Way, List<Double>> ownFloors = new LinkedHashMap<>();
        WAYS.forEach(way -> ownFloors.put(way, new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            if (latencyMs > 0) {
                floors.add(floor(count, latencyMs == 30 ? 33 : latencyMs));
            }
            for (Way way : WAYS) {
                Round seen = watch(wadi.process, way, count);
                rounds.get(way).add(seen);
                if (latencyMs == 0) {
                    // The cadence is whatever the turns of the event loop made of it.
                    int every = Math.max(1, (int) Math.round(seen.everyMs));
                    ownFloors.get(way).add(floor(count, every));
                }
            }
        }
        for (Way way : WAYS) {
            List<Double> compared = latencyMs == 0 ? ownFloors.get(way) : floors;
            row(latencyMs, count, way, rounds.get(way), median(compared));
        }
        if (latencyMs == 30) {
            curve("floor in C, every 33 ms", count, median(floors));
        }
    }

    private void row(int latencyMs, int count, Way way, List<Round> rounds, double floor) {
        double cost = median(rounds.stream().map(Round::perGb).toList());
        double whole = floor + intake / (count * BITS_PER_SECOND / Byte.SIZE / GIGA);
        String ratios =
                Double.isNaN(floor)
                        ? "| – | – | – | – | – "
                        : String.format(
                                Locale.ROOT,
                                "| %.2f | **%.2f** | %.2f | **%.2f** | %.0f ms ",
                                floor,
                                cost / floor,
                                whole,
                                cost / whole,
                                median(rounds.stream().map(Round::everyMs).toList()));
        table.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %d | %s | %.2f %s| %.0f | %.1f / %.1f ms | %.0f MiB |%n",
                        receiveMs == 0
                                ? latencyMs + " ms"
                                : latencyMs + " ms, received every " + receiveMs + " ms",
                        count,
                        way.name,
                        cost,
                        ratios,
                        rounds.stream().mapToDouble(Round::stalls).sum(),
                        median(rounds.stream().map(Round::p50).toList()),
                        rounds.stream().mapToDouble(Round::p99).max().orElse(0),
                        median(rounds.stream().map(Round::rss).toList())));
        if (latencyMs == 30) {
            curve(way.name, count, cost);
        }
    }

    private void curve(String name, int count, double cost) {
        curves.computeIfAbsent(name, key -> new LinkedHashMap<>()).put(count, cost);
    }

    private static double median(List<Double> values) {
        return Report.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** CPU seconds per gigabyte of the C program. */
    private double floor(int viewers, int everyMs) throws Exception {
        Path log = lab.folder.resolve("floor.log");
        Files.deleteIfExists(log);
        Process floor =
                lab.start(
                        Lab.MEASURED,
                        log,
                        (lab.program("floor")
                                        + " "
                                        + FLOOR_PORT
                                        + " "
                                        + viewers
                                        + " "
                                        + (int) BITS_PER_SECOND
                                        + " "
                                        + everyMs
                                        + " "
                                        + SECONDS)
                                .split(" "));
        Lab.await(log, "listening");
        // The viewers stay longer than the floor writes: it measures nothing but writes.
        Process watchers = viewers("raw", FLOOR_PORT, "x", viewers, SECONDS + 3, 0);
        if (floor.waitFor() != 0) {
            throw new IOException(Files.readString(log));
        }
        watchers.destroyForcibly().waitFor();
        return value(Files.readString(log), "cpu_s_per_gb");
    }

    /** The C program that takes a stream in and forgets it. */
    private double intake() throws Exception {
        Path log = lab.folder.resolve("intake.log");
        Process taker =
                lab.start(Lab.MEASURED, log, lab.program("intake"), Integer.toString(INTAKE_PORT));
        Lab.await(log, "listening");
        Process publisher = Wadi.publish(lab, Wadi.sample(lab, 2000), INTAKE_PORT, "b");
        Lab.await(log, "publishing=1");
        Thread.sleep(2000);
        double before = Lab.cpuSeconds(taker);
        Thread.sleep(INTAKE_SECONDS * 1000L);
        double cpu = (Lab.cpuSeconds(taker) - before) / INTAKE_SECONDS;
        Lab.stop(publisher);
        Lab.stop(taker);
        return cpu;
    }

    private Process nginx() throws Exception {
        Path conf = lab.folder.resolve("nginx.conf");
        Files.writeString(
                conf,
                """
                load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
                daemon off; master_process off; worker_processes 1; pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 4096; }
                rtmp { server { listen 127.0.0.1:%2$d; application live { live on; } } }
                """
                        .formatted(lab.folder, NGINX_PORT));
        Path log = lab.folder.resolve("nginx.log");
        Process nginx = lab.start(Lab.MEASURED, log, "nginx", "-c", conf.toString());
        Thread.sleep(1000);
        return nginx;
    }

    private Process viewers(
            String kind,
            int port,
            String path,
            int count,
            int seconds,
            int probes,
            String... server)
            throws Exception {
        Path log = lab.folder.resolve("viewers.log");
        Files.deleteIfExists(log);
        List<String> command =
                new ArrayList<>(
                        List.of(lab.program("viewers"), kind, Integer.toString(port), path));
        for (int number : new int[] {count, seconds, probes}) {
            command.add(Integer.toString(number));
        }
        command.addAll(List.of(server));
        return lab.start(Lab.DRIVER, log, command);
    }

    private Round watch(Process server, Way way, int count) throws Exception {
        String pid = Long.toString(server.pid());
        Process watchers = viewers(way.kind, way.port, way.path, count, SECONDS, PROBES, pid);
        Path log = lab.folder.resolve("viewers.log");
        Lab.await(log, "established");
        long writes = Lab.figure(server, "io", "syscw");
        Lab.await(log, "cpu_s");
        writes = Lab.figure(server, "io", "syscw") - writes;
        watchers.destroyForcibly().waitFor();
        String said = Files.readString(log);
        if (value(said, "playing") < count) {
            throw new IOException(way.name + ", not everybody was served: " + said);
        }
        return new Round(
                value(said, "cpu_s") / (value(said, " bytes") / GIGA),
                value(said, "stalled"),
                value(said, "probe_ms_p50"),
                value(said, "probe_ms_p99"),
                1000.0 * SECONDS * count / writes,
                Lab.residentMiB(server));
    }

    private static double value(String text, String name) throws IOException {
        Matcher found = Pattern.compile(name + "=([0-9.]+)").matcher(text);
        if (!found.find()) {
            throw new IOException("no " + name + " in " + text);
        }
        return Double.parseDouble(found.group(1));
    }
}
