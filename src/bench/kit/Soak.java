package kit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A thousand RTMP viewers for ten minutes: what a viewer costs in memory, and whether that stays.
 *
 * <pre>
 * java src/bench/kit/Soak.java
 * </pre>
 */
final class Soak {
    private static final int VIEWERS = 1000;
    private static final int MINUTES = 10;

    private Soak() {}

    public static void main(String[] args) throws Exception {
        try (Lab lab = new Lab()) {
            Path sample = Wadi.sample(lab, 2000);
            Wadi wadi = Wadi.start(lab);
            wadi.stream(
                    "b", "{\"inputs\":[{\"url\":\"publish://\"}],\"protocols\":{\"rtmp\":true}}");
            Process publisher = Wadi.publish(lab, sample, "b");
            wadi.awaitLive("b");
            watch(lab, 50, 20).waitFor();
            double before = Lab.residentMiB(wadi.process);
            Process viewers = watch(lab, VIEWERS, MINUTES * 60 + 20);
            Lab.await(lab.folder.resolve("viewers.log"), "established");
            List<String> resident = new ArrayList<>();
            double first = 0;
            double last = 0;
            for (int minute = 0; minute <= MINUTES; minute++) {
                Thread.sleep(minute == 0 ? 10_000 : 60_000);
                last = Lab.residentMiB(wadi.process);
                first = minute == 0 ? last : first;
                resident.add(String.format(Locale.ROOT, "%.0f", last));
            }
            int exit = viewers.waitFor();
            Lab.stop(publisher);
            wadi.stop();
            Report.write(
                    "soak",
                    String.format(
                            Locale.ROOT,
                            "| %d RTMP viewers for %d minutes | |%n|---|---|%n| resident before |"
                                    + " %.0f MiB |%n| resident, minute by minute | %s MiB |%n|"
                                    + " a viewer | **%.1f KiB** at first, %.1f KiB in the end |%n"
                                    + "| all served to the end | %s |%n",
                            VIEWERS,
                            MINUTES,
                            before,
                            String.join(" ", resident),
                            (first - before) * 1024 / VIEWERS,
                            (last - before) * 1024 / VIEWERS,
                            exit == 0 ? "yes" : "no"));
        }
    }

    private static Process watch(Lab lab, int count, int seconds) throws Exception {
        return lab.start(
                Lab.DRIVER,
                lab.folder.resolve("viewers.log"),
                lab.program("viewers"),
                "rtmp",
                Integer.toString(Wadi.RTMP),
                "live/b",
                Integer.toString(count),
                Integer.toString(seconds));
    }
}
