package io.wadi.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A test picture that is white for its length once a second, and a beep that starts with it: how
 * far apart the two are in what was made of them is what sound and picture are off.
 */
public final class FlashAndBeep {
    /** Of the average luma: white, and the test picture. */
    private static final double WHITE = 200;

    /** Of the beep in dB, and of what an encoder leaves in front of it. */
    private static final double LOUD = -12;

    /** A beep starts where it has been quiet for so long. */
    private static final double QUIET_SECONDS = 0.5;

    private static final int SAMPLE_RATE = 48_000;

    /** What is looked at at a time: 1 ms. */
    private static final int WINDOW = SAMPLE_RATE / 1000;

    private static final int VIDEO_RATE = 90_000;

    private FlashAndBeep() {}

    /** The picture as a source of FFmpeg's filters, 25 a second. */
    public static String picture(String size) {
        return "testsrc2=s=" + size + ":r=25,drawbox=c=white:t=fill:enable='lt(mod(t,1),0.039)'";
    }

    /** The sound as a source of FFmpeg's filters. */
    public static String sound() {
        return beep("t");
    }

    /** The sound with a hole in its time after a number of seconds, after which it is in time. */
    public static String soundWithStep(int seconds, double step) {
        return String.format(
                Locale.ROOT,
                "%s,asetpts='PTS+gte(T,%d)*%f/TB'",
                beep("(t+gte(t," + seconds + ")*" + step + ")"),
                seconds,
                step);
    }

    private static String beep(String time) {
        return "aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(" + time + ",1),0.04)':s=" + SAMPLE_RATE;
    }

    /** For each flash that has a beep near it: seconds that the beep comes after it. */
    public static List<Double> offsets(Path file) throws IOException, InterruptedException {
        List<Double> flashes = flashes(file);
        List<Double> offsets = new ArrayList<>();
        for (double beep : beeps(file)) {
            flashes.stream()
                    .map(flash -> beep - flash)
                    .filter(offset -> Math.abs(offset) < 0.5)
                    .forEach(offsets::add);
        }
        return offsets;
    }

    private static List<Double> flashes(Path file) throws IOException, InterruptedException {
        String filters =
                "scale=2:2:flags=area,format=gray,settb=1/"
                        + VIDEO_RATE
                        + ",signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-";
        List<Double> flashes = new ArrayList<>();
        boolean white = false;
        for (Value value : values(file, "-vf", filters, VIDEO_RATE)) {
            if (value.value() > WHITE && !white) {
                flashes.add(value.seconds());
            }
            white = value.value() > WHITE;
        }
        return flashes;
    }

    private static List<Double> beeps(Path file) throws IOException, InterruptedException {
        String filters =
                "aresample="
                        + SAMPLE_RATE
                        + ",aformat=sample_fmts=flt,asettb=1/"
                        + SAMPLE_RATE
                        + ",asetnsamples=n="
                        + WINDOW
                        + ",astats=metadata=1:reset=1,ametadata=print"
                        + ":key=lavfi.astats.Overall.Peak_level:file=-";
        List<Double> beeps = new ArrayList<>();
        double loud = Double.NEGATIVE_INFINITY;
        for (Value value : values(file, "-af", filters, SAMPLE_RATE)) {
            if (value.value() > LOUD) {
                if (value.seconds() - loud > QUIET_SECONDS) {
                    beeps.add(value.seconds());
                }
                loud = value.seconds();
            }
        }
        return beeps;
    }

    private record Value(double seconds, double value) {}

    /** Two lines each: {@code frame:1 pts:3600 pts_time:0.04} and {@code name=value}. */
    private static List<Value> values(Path file, String option, String filters, int rate)
            throws IOException, InterruptedException {
        String output =
                Tools.run(
                        List.of(
                                Tools.ffmpeg(),
                                "-nostdin",
                                "-v",
                                "error",
                                "-copyts",
                                "-i",
                                file.toString(),
                                option,
                                filters,
                                option.equals("-vf") ? "-an" : "-vn",
                                "-f",
                                "null",
                                "-"));
        List<Value> values = new ArrayList<>();
        double seconds = 0;
        for (String line : output.lines().toList()) {
            if (line.startsWith("frame:")) {
                String pts = line.replaceFirst(".*pts:(-?\\d+) .*", "$1");
                seconds = Long.parseLong(pts) / (double) rate;
            } else if (line.startsWith("lavfi.")) {
                String text = line.substring(line.indexOf('=') + 1);
                boolean silence = text.endsWith("inf");
                values.add(
                        new Value(
                                seconds,
                                silence ? Double.NEGATIVE_INFINITY : Double.parseDouble(text)));
            }
        }
        return values;
    }
}
