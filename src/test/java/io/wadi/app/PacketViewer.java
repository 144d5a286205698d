package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A viewer that ffprobe plays, which notes each packet that it gets. */
final class PacketViewer {
    /** A picture lasts 40 ms; twice that between two of them means that one is missing. */
    private static final long MISSING_TICKS = 7000;

    final String url;
    private final LiveServer server;
    private final Path folder;
    private final String name;

    /** Whether times are in milliseconds rather than 90 kHz ticks, as in RTMP and FLV. */
    private final boolean millis;

    Path packets;
    Process process;
    private int starts;

    PacketViewer(LiveServer server, String name, String url) {
        this.server = server;
        this.folder = server.folder;
        this.name = name;
        this.url = url;
        this.millis = url.startsWith("rtmp:") || url.endsWith(".flv");
        this.packets = folder.resolve(name + ".csv");
    }

    PacketViewer start() throws Exception {
        starts++;
        packets = folder.resolve(name + "-" + starts + ".csv");
        process = server.view(url, packets);
        return this;
    }

    /** Decoding times of the pictures that came so far. */
    List<Long> pictures() throws Exception {
        List<Long> times = new ArrayList<>();
        String text = Files.readString(packets);
        // What stands behind the last line break is still being written.
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            String[] fields = line.split(",", -1);
            if (fields.length >= 4 && fields[0].equals("video") && !fields[3].isEmpty()) {
                times.add(Long.parseLong(fields[3]));
            }
        }
        return times;
    }

    /**
     * The viewer was not cut off and misses no picture.
     *
     * @param from the number of pictures that had come before
     * @return how many came since
     */
    int assertUnbroken(String what, int from) throws Exception {
        assertThat(process.isAlive()).as(name + " after: " + what).isTrue();
        List<Long> times = pictures();
        List<String> missing = new ArrayList<>();
        for (int i = Math.max(1, from); i < times.size(); i++) {
            long step = times.get(i) - times.get(i - 1);
            long ticks = millis ? step * 90 : step;
            assertThat(ticks).as(name + " after: " + what).isPositive();
            if (ticks > MISSING_TICKS) {
                missing.add("%d ms before picture %d".formatted(ticks / 90, i));
            }
        }
        assertThat(missing).as("pictures that " + name + " misses after: " + what).isEmpty();
        return times.size() - from;
    }

    /**
     * The viewer was not cut off and its time never went back.
     *
     * @param from the number of pictures that had come before
     * @return the longest step from one picture to the next since then, in milliseconds
     */
    long longestStepMs(String what, int from) throws Exception {
        assertThat(process.isAlive()).as(name + " after: " + what).isTrue();
        List<Long> times = pictures();
        long longest = 0;
        for (int i = Math.max(1, from); i < times.size(); i++) {
            long step = times.get(i) - times.get(i - 1);
            assertThat(step).as(name + " after: " + what).isPositive();
            longest = Math.max(longest, millis ? step : step / 90);
        }
        return longest;
    }
}
