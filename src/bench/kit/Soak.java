package kit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A thousand viewers by each of some protocols for ten minutes: what a viewer costs in memory, and
 * whether that stays.
 *
 * <pre>
 * java src/bench/kit/Soak.java rtmp
 * java src/bench/kit/Soak.java flv ts
 * </pre>
 */
final class Soak {
    private static final int VIEWERS = 1000;
    private static final int MINUTES = 10;

    private Soak() {}

    public static void main(String[] args) throws Exception {
        List<String> kinds = args.length == 0 ? List.of("rtmp") : List.of(args);
        try (Lab lab = new Lab()) {
            Path sample = Wadi.sample(lab, 2000);
            Wadi wadi = Wadi.start(lab);
            wadi.stream(
                    "b",
                    "{\"inputs\":[{\"url\":\"publish://\"}],"
                            + "\"protocols\":{\"rtmp\":true,\"mpegts\":true,\"http_flv\":true}}");
            Process publisher = Wadi.publish(lab, sample, "b");
            wadi.awaitLive("b");
            for (String kind : kinds) {
                watch(lab, kind, 50, 20).waitFor();
            }
            double before = Lab.residentMiB(wadi.process);
            List<Process> viewers = new ArrayList<>();
            for (String kind : kinds) {
                viewers.add(watch(lab, kind, VIEWERS, MINUTES * 60 + 20));
                Lab.await(log(lab, kind), "established");
            }
            List<String> resident = new ArrayList<>();
            double first = 0;
            double last = 0;
            for (int minute = 0; minute <= MINUTES; minute++) {
                Thread.sleep(minute == 0 ? 10_000 : 60_000);
                last = Lab.residentMiB(wadi.process);
                first = minute == 0 ? last : first;
                resident.add(String.format(Locale.ROOT, "%.0f", last));
            }
            boolean served = true;
            for (Process each : viewers) {
                served &= each.waitFor() == 0;
            }
            Lab.stop(publisher);
            wadi.stop();
            int count = VIEWERS * kinds.size();
            Report.write(
                    "soak " + String.join(" ", kinds),
                    String.format(
                            Locale.ROOT,
                            "| %d viewers by %s for %d minutes | |%n|---|---|%n| resident before |"
                                    + " %.0f MiB |%n| resident, minute by minute | %s MiB |%n|"
                                    + " a viewer | **%.1f KiB** at first, %.1f KiB in the end |%n"
                                    + "| all served to the end | %s |%n",
                            count,
                            String.join(" and ", kinds.stream().map(Soak::name).toList()),
                            MINUTES,
                            before,
                            String.join(" ", resident),
                            (first - before) * 1024 / count,
                            (last - before) * 1024 / count,
                            served ? "yes" : "no"));
        }
    }

    private static String name(String kind) {
        return switch (kind) {
            case "flv" -> "HTTP-FLV";
            case "ts" -> "HTTP-TS";
            default -> "RTMP";
        };
    }

    private static Path log(Lab lab, String kind) {
        return lab.folder.resolve("viewers-" + kind + ".log");
    }

    private static Process watch(Lab lab, String kind, int count, int seconds) throws Exception {
        boolean http = !kind.equals("rtmp");
        String path = http ? (kind.equals("flv") ? "b/live.flv" : "b/mpegts") : "live/b";
        return lab.start(
                Lab.DRIVER,
                log(lab, kind),
                lab.program("viewers"),
                kind,
                Integer.toString(http ? Wadi.HTTP : Wadi.RTMP),
                path,
                Integer.toString(count),
                Integer.toString(seconds));
    }
}
