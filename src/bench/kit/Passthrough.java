package kit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Many streams that only pass through, RTMP in and HLS out, nobody watching: what each costs in CPU
 * and in memory; and in the same run a C program that takes the same streams in and forgets them,
 * the least that the kernel lets anyone pay.
 *
 * <pre>
 * java src/bench/kit/Passthrough.java        100 streams
 * java src/bench/kit/Passthrough.java 400    as many
 * </pre>
 */
final class Passthrough {
    private static final int SECONDS = 30;
    private static final int PER_PUBLISHER = 25;
    private static final int WINDOW = 3;
    private static final int FLOOR_PORT = 11936;
    private static final List<Integer> RECEIVE_LATENCIES = List.of(30, 100);

    /** Segments that have left the playlist and may still be fetched (RFC 8216 §6.2.2). */
    private static final int STAY = 3;

    private Passthrough() {}

    public static void main(String[] args) throws Exception {
        int streams = args.length == 0 ? 100 : Integer.parseInt(args[0]);
        try (Lab lab = new Lab()) {
            Report.write("passthrough " + streams, measure(lab, streams));
        }
    }

    private static String measure(Lab lab, int streams) throws Exception {
        Path sample = Wadi.sample(lab, 1870);
        Wadi wadi = Wadi.start(lab);
        Thread.sleep(5000);
        wadi.collect();
        double empty = Lab.residentMiB(wadi.process);
        double idleCpu = cpu(wadi.process);
        for (int i = 0; i < streams; i++) {
            wadi.stream(
                    "s" + i,
                    "{\"inputs\":[{\"url\":\"publish://\"}],\"protocols\":{\"hls\":true},"
                            + "\"packaging\":{\"window\":"
                            + WINDOW
                            + "}}");
        }
        wadi.collect();
        double waiting = Lab.residentMiB(wadi.process);
        List<Process> publishers = new ArrayList<>();
        for (int from = 0; from < streams; from += PER_PUBLISHER) {
            publishers.add(publish(lab, sample, Wadi.RTMP, from, end(from, streams)));
        }
        for (int i = 0; i < streams; i++) {
            wadi.awaitLive("s" + i);
        }
        wadi.settle();
        double liveCpu = cpu(wadi.process);
        List<Double> later = new ArrayList<>();
        for (int latencyMs : RECEIVE_LATENCIES) {
            wadi.send(
                    "POST",
                    "/config",
                    "{\"listeners\":{\"rtmp\":{\"receive_latency\":\"" + latencyMs + "ms\"}}}");
            wadi.settle();
            later.add((cpu(wadi.process) - idleCpu) / streams);
        }
        wadi.collect();
        double live = Lab.residentMiB(wadi.process);
        for (Process publisher : publishers) {
            Lab.stop(publisher);
        }
        wadi.stop();
        double floor = floor(lab, sample, streams) / streams;
        double window = (WINDOW + STAY + 1) * 2 * 0.25 / 1.048576;
        return String.format(
                Locale.ROOT,
                "| %d streams of 2 Mbit/s, RTMP in, HLS out, window of %d segments of 2 s | |%n"
                        + "|---|---:|%n"
                        + "| CPU without any stream | %.2f %% of a core |%n"
                        + "| CPU with all live | %.1f %% of a core |%n"
                        + "| CPU a stream, read at once | **%.3f %% of a core** |%n"
                        + "| CPU a stream, `receive-latency` 30 ms | %.3f %% of a core |%n"
                        + "| CPU a stream, `receive-latency` 100 ms | **%.3f %% of a core** |%n"
                        + "| the floor: received in C and forgotten | %.3f %% of a core |%n"
                        + "| resident, no stream | %.0f MiB |%n"
                        + "| resident a stream that waits for its publisher | %.2f MiB |%n"
                        + "| resident a live stream | **%.2f MiB**, of which its segments %.2f"
                        + " MiB |%n",
                streams,
                WINDOW,
                idleCpu,
                liveCpu,
                (liveCpu - idleCpu) / streams,
                later.get(0),
                later.get(1),
                floor,
                empty,
                (waiting - empty) / streams,
                (live - empty) / streams,
                window);
    }

    /** Per cent of a core. */
    private static double cpu(Process server) throws Exception {
        double before = Lab.cpuSeconds(server);
        Thread.sleep(SECONDS * 1000L);
        return (Lab.cpuSeconds(server) - before) / SECONDS * 100;
    }

    /** The same publishers into the C program, in per cent of a core. */
    private static double floor(Lab lab, Path sample, int streams) throws Exception {
        Path log = lab.folder.resolve("intake.log");
        Process intake =
                lab.start(Lab.MEASURED, log, lab.program("intake"), Integer.toString(FLOOR_PORT));
        Lab.await(log, "listening");
        List<Process> publishers = new ArrayList<>();
        for (int from = 0; from < streams; from += PER_PUBLISHER) {
            publishers.add(publish(lab, sample, FLOOR_PORT, from, end(from, streams)));
        }
        Lab.await(log, "publishing=" + streams);
        Thread.sleep(5000);
        double cpu = cpu(intake);
        for (Process publisher : publishers) {
            Lab.stop(publisher);
        }
        Lab.stop(intake);
        return cpu;
    }

    private static int end(int from, int streams) {
        return Math.min(streams, from + PER_PUBLISHER);
    }

    /** One FFmpeg for several streams: reads the file once, sends it to each. */
    private static Process publish(Lab lab, Path sample, int port, int from, int to)
            throws Exception {
        List<String> outputs = new ArrayList<>();
        for (int i = from; i < to; i++) {
            outputs.add("[f=flv:onfail=ignore]rtmp://127.0.0.1:" + port + "/live/s" + i);
        }
        List<String> command =
                new ArrayList<>(
                        List.of("ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "-1"));
        command.addAll(List.of("-i", sample.toString(), "-map", "0", "-c", "copy"));
        command.addAll(List.of("-f", "tee", String.join("|", outputs)));
        return lab.start(Lab.DRIVER, lab.folder.resolve("publish-" + from + ".log"), command);
    }
}
