package kit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HLS segments and playlists beside nginx, which serves the same bytes from a file: requests a
 * second and CPU, in turn, three rounds, each server alone on its core. nginx hands the kernel a
 * file that it has already; a C program that sends from memory, as this server must, tells what
 * that costs at least.
 *
 * <pre>
 * java src/bench/kit/HlsFiles.java
 * </pre>
 *
 * Needs nginx and wrk besides what {@link FanOut} needs.
 */
final class HlsFiles {
    private static final int ROUNDS = 3;
    private static final int SECONDS = 8;
    private static final int NGINX_PORT = 18081;
    private static final int MEMORY_PORT = 18082;

    /** Until the just-in-time compiler has nothing left to do. */
    private static final int WARM_UP_ROUNDS = 4;

    private static final int WINDOW = 12;

    private record Served(double perSecond, double cpuPerGb, double cpuPerThousand) {}

    private HlsFiles() {}

    public static void main(String[] args) throws Exception {
        try (Lab lab = new Lab()) {
            Wadi wadi = Wadi.start(lab);
            // The segment stays for as long as it is asked for; the playlist keeps its size.
            Process publisher = stream(lab, wadi, "b", 400);
            Process other = stream(lab, wadi, "c", 0);
            String playlist = media(wadi, "c");
            String segment =
                    media(wadi, "b")
                            .lines()
                            .filter(line -> line.endsWith(".ts"))
                            .findFirst()
                            .orElseThrow();
            Path files = lab.folder.resolve("www");
            Files.createDirectories(files.resolve("b"));
            Files.createDirectories(files.resolve("c"));
            Files.write(files.resolve("b").resolve(segment), wadi.get("/b/" + segment).body());
            Files.writeString(files.resolve("c/index.m3u8"), playlist);
            Process nginx = nginx(lab);
            StringBuilder table = new StringBuilder();
            table.append("| | server | requests/s | of nginx | CPU s/GB | of nginx |\n");
            table.append("|---|---|---:|---:|---:|---:|\n");
            compare(lab, wadi, nginx, files, "segment", "/b/" + segment, table);
            compare(lab, wadi, nginx, files, "playlist", "/c/index.m3u8", table);
            Lab.stop(publisher);
            Lab.stop(other);
            Lab.stop(nginx);
            wadi.stop();
            Report.write("hls", table.toString());
        }
    }

    private static Process stream(Lab lab, Wadi wadi, String code, int history) throws Exception {
        wadi.stream(
                code,
                "{\"inputs\":[{\"url\":\"publish://\"}],\"protocols\":{\"hls\":true},"
                        + "\"packaging\":{\"window\":"
                        + WINDOW
                        + ",\"history\":"
                        + history
                        + "}}");
        Process publisher = Wadi.publish(lab, Wadi.sample(lab, 2000), code);
        wadi.awaitLive(code);
        return publisher;
    }

    /** A playlist with a full window. */
    private static String media(Wadi wadi, String code) throws Exception {
        String playlist = "";
        while (playlist.lines().filter(line -> line.endsWith(".ts")).count() < WINDOW) {
            Thread.sleep(500);
            playlist = new String(wadi.get("/" + code + "/index.m3u8").body());
        }
        return playlist;
    }

    private static Process nginx(Lab lab) throws Exception {
        Path conf = lab.folder.resolve("nginx.conf");
        Files.writeString(
                conf,
                """
                daemon off; master_process off; worker_processes 1; pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 4096; }
                http {
                  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
                  open_file_cache max=1000;
                  types { video/mp2t ts; application/vnd.apple.mpegurl m3u8; }
                  server { listen 127.0.0.1:%2$d; root %1$s/www; }
                }
                """
                        .formatted(lab.folder, NGINX_PORT));
        Process nginx =
                lab.start(
                        Lab.MEASURED,
                        lab.folder.resolve("nginx.log"),
                        "nginx",
                        "-c",
                        conf.toString());
        Thread.sleep(1000);
        return nginx;
    }

    private static Process memory(Lab lab, Path file) throws Exception {
        Path log = lab.folder.resolve("memory.log");
        Files.deleteIfExists(log);
        Process memory =
                lab.start(
                        Lab.MEASURED,
                        log,
                        lab.program("memory"),
                        Integer.toString(MEMORY_PORT),
                        file.toString());
        Lab.await(log, "listening");
        return memory;
    }

    private static void compare(
            Lab lab,
            Wadi wadi,
            Process nginx,
            Path files,
            String what,
            String path,
            StringBuilder table)
            throws Exception {
        Process memory = memory(lab, Path.of(files + path));
        String memoryUrl = "http://127.0.0.1:" + MEMORY_PORT + path;
        String wadiUrl = "http://127.0.0.1:" + Wadi.HTTP + path;
        String nginxUrl = "http://127.0.0.1:" + NGINX_PORT + path;
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            load(lab, wadi.process, wadiUrl);
        }
        List<Served> wadis = new ArrayList<>();
        List<Served> nginxs = new ArrayList<>();
        List<Served> memories = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            nginxs.add(load(lab, nginx, nginxUrl));
            memories.add(load(lab, memory, memoryUrl));
            wadis.add(load(lab, wadi.process, wadiUrl));
        }
        Lab.stop(memory);
        Served theirMedian = median(nginxs);
        Served ourMedian = median(wadis);
        row(table, what, "nginx", theirMedian, theirMedian);
        row(table, what, "C, from memory", median(memories), theirMedian);
        row(table, what, "Wadi", ourMedian, theirMedian);
    }

    private static void row(
            StringBuilder table, String what, String server, Served served, Served peer) {
        table.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %s | %.0f | %.0f %% | %.3f | %.2f |%n",
                        what,
                        server,
                        served.perSecond,
                        served.perSecond / peer.perSecond * 100,
                        served.cpuPerGb,
                        served.cpuPerGb / peer.cpuPerGb));
    }

    private static Served median(List<Served> rounds) {
        return new Served(
                Report.median(rounds.stream().mapToDouble(Served::perSecond).toArray()),
                Report.median(rounds.stream().mapToDouble(Served::cpuPerGb).toArray()),
                Report.median(rounds.stream().mapToDouble(Served::cpuPerThousand).toArray()));
    }

    private static Served load(Lab lab, Process server, String url) throws Exception {
        double before = Lab.cpuSeconds(server);
        String said = lab.run("wrk", "-t1", "-c50", "-d" + SECONDS + "s", url);
        double cpu = Lab.cpuSeconds(server) - before;
        if (said.contains("Non-2xx")) {
            throw new IllegalStateException(said);
        }
        Matcher total = Pattern.compile("([0-9]+) requests in .*, ([0-9.]+)([KMG])B").matcher(said);
        Matcher rate = Pattern.compile("Requests/sec: +([0-9.]+)").matcher(said);
        if (!total.find() || !rate.find()) {
            throw new IllegalStateException(said);
        }
        double unit = Math.pow(1024, "KMG".indexOf(total.group(3)) + 1);
        double bytes = Double.parseDouble(total.group(2)) * unit;
        double requests = Double.parseDouble(total.group(1));
        return new Served(
                Double.parseDouble(rate.group(1)), cpu / (bytes / 1e9), cpu / requests * 1000);
    }
}
