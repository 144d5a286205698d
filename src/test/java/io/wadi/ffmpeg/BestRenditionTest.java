package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.segment.TsFeed;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One rendition takes the place of another, back and forth, for somebody who takes the bytes. */
@RequiresTool("ffmpeg")
class BestRenditionTest {
    private static final int PARTS = 6;

    @TempDir private Path folder;

    private byte[] made(String size, String bitrate) throws Exception {
        Path file = folder.resolve(size + ".ts");
        String arguments =
                "-f lavfi -i testsrc2=s="
                        + size
                        + ":r=25:d=6 -f lavfi -i sine=r=48000:d=6 -c:v libx264 -preset ultrafast"
                        + " -g 5 -b:v "
                        + bitrate
                        + " -c:a aac -b:a 64k -output_ts_offset 10 -muxdelay 0 -f mpegts";
        Tools.make(file, arguments.split(" ", -1));
        return Files.readAllBytes(file);
    }

    /** What is fed goes into a rendition's ring. */
    private static TsFeed into(RingEntry rendition) {
        return new TsFeed(
                unit ->
                        rendition.onRendition(
                                unit, 0, (unit.flags() & Unit.NEW_SOURCE) != 0, false));
    }

    @Test
    void continuityIsAnnouncedWhereRenditionsMeet() throws Exception {
        byte[] large = made("320x180", "600k");
        byte[] small = made("160x90", "150k");
        Path file = folder.resolve("best.ts");
        try (DefaultCamelContext camel = new DefaultCamelContext();
                Recording recording = new Recording(file)) {
            Rings rings = Rings.of(camel);
            RingEntry first = rings.acquire("demo/track_1");
            RingEntry second = rings.acquire("demo/track_2");
            try (TsFeed one = into(first);
                    TsFeed two = into(second);
                    BestRendition best = new BestRendition(rings, "demo")) {
                rings.find("demo/track_best").orElseThrow().ring().addSink(recording);
                for (int part = 0; part < PARTS; part++) {
                    best.follow(part % 2 == 0 ? first : second);
                    one.feed(large, from(large, part), from(large, part + 1) - from(large, part));
                    two.feed(small, from(small, part), from(small, part + 1) - from(small, part));
                }
            }
            rings.release("demo/track_1");
            rings.release("demo/track_2");
        }
        List<String> breaks = new ArrayList<>();
        int marks = marks(Files.readAllBytes(file), breaks);
        assertThat(breaks).isEmpty();
        // PAT, PMT, SDT, video and sound, each time.
        assertThat(marks).isEqualTo(5 * (PARTS - 1));
        String said =
                Tools.run(
                        Tools.ffmpeg(),
                        "-v",
                        "debug",
                        "-nostdin",
                        "-i",
                        file.toString(),
                        "-map",
                        "0",
                        "-c",
                        "copy",
                        "-f",
                        "null",
                        "-");
        // Sound whose PES packet is not whole when another rendition follows is a loss, and told.
        assertThat(said).doesNotContain("ontinuity check failed");
        assertThat(Tools.probe(file, "-select_streams", "v", "-show_entries", "packet=pts_time"))
                .hasSizeGreaterThan(120);
    }

    private static int from(byte[] ts, int part) {
        return ts.length / 188 * part / PARTS * 188;
    }

    /** Reads counters as ISO/IEC 13818-1 §2.4.3.3 has them; returns how many are announced. */
    private static int marks(byte[] ts, List<String> breaks) {
        Map<Integer, Integer> counters = new HashMap<>();
        int marks = 0;
        for (int at = 0; at < ts.length; at += 188) {
            assertThat(ts[at]).isEqualTo((byte) 0x47);
            int pid = ((ts[at + 1] & 0x1F) << 8) | (ts[at + 2] & 0xFF);
            int counter = ts[at + 3] & 15;
            boolean payload = (ts[at + 3] & 0x10) != 0;
            boolean field = (ts[at + 3] & 0x20) != 0;
            boolean announced = field && ts[at + 4] != 0 && (ts[at + 5] & 0x80) != 0;
            if (!payload) {
                assertThat(ts[at + 4] & 0xFF).as("a field that fills the packet").isEqualTo(183);
            }
            Integer before = counters.put(pid, counter);
            if (announced) {
                marks++;
            } else if (before != null && counter != (before + (payload ? 1 : 0)) % 16) {
                breaks.add("PID " + pid + " at " + at + ": " + counter + " after " + before);
            }
        }
        return marks;
    }
}
