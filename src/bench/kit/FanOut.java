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
 *
 * <pre>
 * java src/bench/kit/FanOut.java            all of it, about 27 minutes
 * java src/bench/kit/FanOut.java 30 200     one send latency in ms, one number of viewers
 * </pre>
 *
 * Needs Linux, two cores, gcc, taskset, ffmpeg and a built {@code target/wadi.jar}.
 */
final class FanOut {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 6;
    private static final int PROBES = 20;
    private static final int MAX_WARM_PASSES = 8;

    /** Of some 24 seconds that a pass takes. */
    private static final double COMPILED_SECONDS = 0.25;

    private static final int FLOOR_PORT = 19557;
    private static final double GIGA = 1e9;

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

    private FanOut(Lab lab) {
        this.lab = lab;
    }

    public static void main(String[] args) throws Exception {
        try (Lab lab = new Lab()) {
            FanOut bench = new FanOut(lab);
            bench.head();
            if (args.length == 2) {
                bench.latency(Integer.parseInt(args[0]), List.of(Integer.parseInt(args[1])));
                System.out.println(bench.table);
                return;
            }
            bench.latency(30, List.of(50, 200, 500, 1000));
            bench.latency(0, List.of(200, 500, 1000));
            bench.latency(350, List.of(200, 500, 1000));
            Report.write("fan-out", bench.table + "\n![CPU per gigabyte](fan-out.svg)\n");
            Files.writeString(Path.of("docs/fan-out.svg"), Plot.svg(bench.curves));
        }
    }

    private void head() {
        table.append("| send latency | viewers | | CPU s/GB | floor | ratio | writes every |");
        table.append(" stalls | late join p50 / p99 | resident |\n");
        table.append("|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|\n");
    }

    private void latency(int latencyMs, List<Integer> counts) throws Exception {
        Path sample = Wadi.sample(lab, 2000);
        Wadi wadi = Wadi.start(lab, "--wadi.publisher.send-latency=" + latencyMs + "ms");
        wadi.stream(
                "b",
                "{\"inputs\":[{\"url\":\"publish://\"}],"
                        + "\"protocols\":{\"rtmp\":true,\"mpegts\":true,\"http_flv\":true}}");
        Process publisher = Wadi.publish(lab, sample, "b");
        wadi.awaitLive("b");
        warm(wadi);
        for (int count : counts) {
            count(wadi, latencyMs, count);
        }
        Lab.stop(publisher);
        wadi.stop();
    }

    /** Viewers come and go until the just-in-time compilers have little left to do. */
    private void warm(Wadi wadi) throws Exception {
        for (int pass = 0; pass < MAX_WARM_PASSES; pass++) {
            double before = Lab.compilerSeconds(wadi.process);
            for (Way way : WAYS) {
                watch(wadi, way, 500);
            }
            if (Lab.compilerSeconds(wadi.process) - before < COMPILED_SECONDS) {
                return;
            }
        }
    }

    private void count(Wadi wadi, int latencyMs, int count) throws Exception {
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
                Round seen = watch(wadi, way, count);
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
        table.append(
                String.format(
                        Locale.ROOT,
                        "| %d ms | %d | %s | %.2f | %.2f | **%.2f** | %.0f ms | %.0f | %.1f / %.1f"
                                + " ms | %.0f MiB |%n",
                        latencyMs,
                        count,
                        way.name,
                        cost,
                        floor,
                        cost / floor,
                        median(rounds.stream().map(Round::everyMs).toList()),
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
                                        + " 2150000 "
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

    private Process viewers(String kind, int port, String path, int count, int seconds, int probes)
            throws Exception {
        Path log = lab.folder.resolve("viewers.log");
        Files.deleteIfExists(log);
        return lab.start(
                Lab.DRIVER,
                log,
                lab.program("viewers"),
                kind,
                Integer.toString(port),
                path,
                Integer.toString(count),
                Integer.toString(seconds),
                Integer.toString(probes));
    }

    private Round watch(Wadi wadi, Way way, int count) throws Exception {
        Process watchers = viewers(way.kind, way.port, way.path, count, SECONDS, PROBES);
        Path log = lab.folder.resolve("viewers.log");
        Lab.await(log, "established");
        double before = Lab.cpuSeconds(wadi.process);
        long writes = Lab.figure(wadi.process, "io", "syscw");
        int exit = watchers.waitFor();
        double cpu = Lab.cpuSeconds(wadi.process) - before;
        writes = Lab.figure(wadi.process, "io", "syscw") - writes;
        String said = Files.readString(log);
        if (exit != 0) {
            throw new IOException(way.name + ", not everybody was served: " + said);
        }
        return new Round(
                cpu / (value(said, " bytes") / GIGA),
                value(said, "stalled"),
                value(said, "probe_ms_p50"),
                value(said, "probe_ms_p99"),
                1000.0 * SECONDS * count / writes,
                Lab.residentMiB(wadi.process));
    }

    private static double value(String text, String name) throws IOException {
        Matcher found = Pattern.compile(name + "=([0-9.]+)").matcher(text);
        if (!found.find()) {
            throw new IOException("no " + name + " in " + text);
        }
        return Double.parseDouble(found.group(1));
    }
}
