package kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server costs on top of FFmpeg: a published 720p stream in three rungs, once by the
 * server and the FFmpeg that it starts, once by a bare FFmpeg that takes the same stream from the
 * publisher and makes the same ladder, with the very arguments that the server gave. In turn, three
 * rounds; all CPU of both, children included, on one core, publisher on the other. The server is
 * the same in all rounds: it has nothing to do while the other encodes.
 *
 * <pre>
 * java src/bench/kit/LadderCost.java         three rounds of 30 s
 * java src/bench/kit/LadderCost.java 1 10    one round of 10 s
 * </pre>
 */
final class LadderCost {
    private static final String DOCUMENT =
            """
            {"inputs":[{"url":"publish://"}],"protocols":{"hls":true},
             "transcoder":{"audio":{"bitrate":96},"video":{"profiles":[
               {"width":854,"height":480,"bitrate":1200,"preset":"veryfast"},
               {"width":640,"height":360,"bitrate":700,"preset":"veryfast"},
               {"width":426,"height":240,"bitrate":350,"preset":"veryfast"}]}}}
            """;

    /** The encoders fill their look-ahead. */
    private static final int FILL_SECONDS = 10;

    private static final int BARE_RTMP = 11936;
    private static final int PICTURES_A_SECOND = 25;

    private LadderCost() {}

    private static final Pattern LOST = Pattern.compile("\"lost_units\":(\\d+)");
    private static final Pattern LATENCY = Pattern.compile("\"latency_ms\":(\\d+)");
    private static final Pattern PICTURES = Pattern.compile("(?m)^frame=\\s*(\\d+)$");

    /** CPU seconds, and what was encoded for them: a busy machine may not keep up. */
    private record Cost(double server, double encoder, double pictures) {
        double perThousand() {
            return (server + encoder) / pictures * 1000;
        }
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length < 1 ? 3 : Integer.parseInt(args[0]);
        int seconds = args.length < 2 ? 30 : Integer.parseInt(args[1]);
        try (Lab lab = new Lab()) {
            Path sample = sample(lab);
            List<Cost> served = new ArrayList<>();
            List<Cost> bare = new ArrayList<>();
            List<String> arguments = new ArrayList<>();
            Wadi wadi = Wadi.start(lab);
            wadi.stream("demo", DOCUMENT);
            for (int round = 0; round < rounds; round++) {
                served.add(serve(lab, wadi, sample, round, seconds, arguments));
                bare.add(encode(lab, sample, round, seconds, arguments));
            }
            wadi.stop();
            Report.write("ladder", table(served, bare));
        }
    }

    private static String table(List<Cost> served, List<Cost> bare) {
        StringBuilder table = new StringBuilder();
        table.append("| CPU s for 1000 pictures of 720p in three rungs | server | its FFmpeg")
                .append(" | both | bare FFmpeg | ratio |\n|---|---:|---:|---:|---:|---:|\n");
        double[] ratios = new double[served.size()];
        double[] own = new double[served.size()];
        for (int i = 0; i < ratios.length; i++) {
            Cost cost = served.get(i);
            ratios[i] = cost.perThousand() / bare.get(i).perThousand();
            own[i] = cost.server() / cost.encoder() * 100;
            double thousands = cost.pictures() / 1000;
            table.append(
                    String.format(
                            Locale.ROOT,
                            "| round %d | %.2f | %.2f | %.2f | %.2f | %.3f |%n",
                            i + 1,
                            cost.server() / thousands,
                            cost.encoder() / thousands,
                            cost.perThousand(),
                            bare.get(i).perThousand(),
                            ratios[i]));
        }
        return table.append(
                        String.format(
                                Locale.ROOT,
                                "| **median** | | | | | **%.3f** |%n%n"
                                        + "The server's own CPU is %.1f %% of its FFmpeg's.%n",
                                Report.median(ratios),
                                Report.median(own)))
                .toString();
    }

    /** Noise lies over it, so that there is something to encode. */
    private static Path sample(Lab lab) throws IOException, InterruptedException {
        Path file = lab.folder.resolve("source.flv");
        lab.run(
                ("ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=1280x720:r=25:d=30,noise=alls=8:allf=t"
                                + " -f lavfi -i sine=r=48000:d=30 -c:v libx264 -preset veryfast"
                                + " -g 50 -pix_fmt yuv420p -b:v 4M -c:a aac -b:a 128k -f flv "
                                + file)
                        .split(" "));
        return file;
    }

    private static Cost serve(
            Lab lab, Wadi wadi, Path sample, int round, int seconds, List<String> arguments)
            throws Exception {
        Process publisher = Wadi.publish(lab, sample, "demo");
        wadi.awaitLive("demo");
        ProcessHandle child = child(wadi.process);
        if (round == 0) {
            wadi.settle();
        }
        TimeUnit.SECONDS.sleep(FILL_SECONDS);
        arguments.clear();
        arguments.addAll(commandOf(child));
        double server = Lab.cpuSeconds(wadi.process);
        double encoder = cpuSeconds(child);
        long latency = figure(wadi, LATENCY);
        long lost = figure(wadi, LOST);
        TimeUnit.SECONDS.sleep(seconds);
        server = Lab.cpuSeconds(wadi.process) - server;
        encoder = cpuSeconds(child) - encoder;
        if (!child.isAlive() || figure(wadi, LOST) != lost) {
            throw new IOException("round " + round + ": the machine is too busy\n" + wadi.log());
        }
        double behind = (figure(wadi, LATENCY) - latency) / 1000.0;
        Cost cost = new Cost(server, encoder, PICTURES_A_SECOND * (seconds - behind));
        Lab.stop(publisher);
        return cost;
    }

    private static long figure(Wadi wadi, Pattern name) throws IOException, InterruptedException {
        return last(name, new String(wadi.get("/streams/demo").body()));
    }

    private static long last(Pattern name, String text) throws IOException {
        long value = -1;
        for (Matcher matcher = name.matcher(text); matcher.find(); ) {
            value = Long.parseLong(matcher.group(1));
        }
        if (value < 0) {
            throw new IOException("no " + name + " in\n" + text);
        }
        return value;
    }

    /** The one process that makes all rungs. */
    private static ProcessHandle child(Process server) throws InterruptedException, IOException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < limit) {
            for (ProcessHandle child : server.descendants().toList()) {
                if (commandOf(child).contains("-copyts")) {
                    return child;
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IOException("the server starts no encoder");
    }

    private static List<String> commandOf(ProcessHandle process) {
        return List.of(process.info().arguments().orElse(new String[0]));
    }

    private static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    /** The same ladder by FFmpeg alone: it listens for the publisher, and writes to nowhere. */
    private static Cost encode(Lab lab, Path sample, int round, int seconds, List<String> arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("ffmpeg"));
        boolean input = true;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith("unix:")) {
                command.add(input ? "rtmp://127.0.0.1:" + BARE_RTMP + "/live/demo" : "/dev/null");
                input = false;
            } else if (input && argument.equals("-f")) {
                // What comes is FLV: FFmpeg knows.
                command.addAll(List.of("-listen", "1"));
                i++;
            } else {
                command.add(argument.replaceAll("0:i:\\d+", "0:PID"));
            }
        }
        return measure(lab, sample, round, seconds, streams(command));
    }

    /** Tracks by kind: FLV has no PIDs. The graph takes the picture, every other one is sound. */
    private static List<String> streams(List<String> command) {
        List<String> named = new ArrayList<>();
        for (String argument : command) {
            boolean graph = argument.contains("[0:PID]");
            named.add(argument.replace("0:PID", graph ? "0:v" : "0:a"));
        }
        named.add(1, "-y");
        return named;
    }

    private static Cost measure(Lab lab, Path sample, int round, int seconds, List<String> command)
            throws Exception {
        Path log = lab.folder.resolve("bare-" + round + ".log");
        Process bare = lab.start(Lab.MEASURED, log, command);
        TimeUnit.SECONDS.sleep(1);
        Process publisher =
                lab.start(
                        Lab.DRIVER,
                        lab.folder.resolve("publish-bare-" + round + ".log"),
                        ("ffmpeg -nostdin -v error -re -stream_loop -1 -i "
                                        + sample
                                        + " -c copy -f flv rtmp://127.0.0.1:"
                                        + BARE_RTMP
                                        + "/live/demo")
                                .split(" "));
        TimeUnit.SECONDS.sleep(FILL_SECONDS);
        double before = Lab.cpuSeconds(bare);
        long first = last(PICTURES, Files.readString(log));
        TimeUnit.SECONDS.sleep(seconds);
        if (!bare.isAlive()) {
            throw new IOException("the bare FFmpeg ended\n" + Files.readString(log));
        }
        double cpu = Lab.cpuSeconds(bare) - before;
        Cost cost = new Cost(0, cpu, last(PICTURES, Files.readString(log)) - first);
        Lab.stop(publisher);
        Lab.stop(bare);
        return cost;
    }
}
