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

    private static final String H264 = "libx264 -preset ultrafast -g 5 -b:v 300k";
    private static final String H265 =
            "libx265 -preset ultrafast -b:v 300k -x265-params keyint=5:bframes=0:log-level=none";

    @TempDir private Path folder;

    private byte[] made(String size, String encoder) throws Exception {
        Path file = folder.resolve(size + ".ts");
        String arguments =
                "-f lavfi -i testsrc2=s="
                        + size
                        + ":r=25:d=6 -f lavfi -i sine=r=48000:d=6 -pix_fmt yuv420p -c:v "
                        + encoder
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

    /** What somebody gets who follows the best rendition while it changes five times. */
    private Path follow(byte[] large, byte[] small) throws Exception {
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
        return file;
    }

    @Test
    void continuityIsAnnouncedWhereRenditionsMeet() throws Exception {
        Path file = follow(made("320x180", H264), made("160x90", H264));
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

    /**
     * FFmpeg takes a PID for what it was at its start, whatever the program map says later; a
     * player that goes by the version changes its decoder.
     */
    @Test
    @RequiresTool("gst-launch-1.0")
    void versionOfTheProgramMapIsRaisedWithTheCodec() throws Exception {
        Path file = follow(made("320x180", H264), made("160x90", H265));
        assertThat(programs(Files.readAllBytes(file)))
                .containsExactly("0: 1b", "1: 24", "2: 1b", "3: 24", "4: 1b", "5: 24");
        String said =
                Tools.run(
                        "gst-launch-1.0",
                        "-v",
                        "playbin",
                        "uri=" + file.toUri(),
                        "video-sink=fakesink silent=false name=screen sync=false",
                        "audio-sink=fakesink sync=false");
        long shown =
                said.lines()
                        .filter(line -> line.matches(".*screen: last-message = chain.*"))
                        .count();
        assertThat(shown).as(said).isGreaterThan(120);
    }

    /** Version and type of the first track, each time that one of them is another. */
    private static List<String> programs(byte[] ts) {
        List<String> programs = new ArrayList<>();
        for (int at = 0; at < ts.length; at += 188) {
            int pid = ((ts[at + 1] & 0x1F) << 8) | (ts[at + 2] & 0xFF);
            if (pid == 0x1000 && (ts[at + 1] & 0x40) != 0) {
                boolean mark = (ts[at + 3] & 0x10) == 0;
                int section = at + 5;
                String program = "%d: %02x".formatted(ts[section + 5] >> 1 & 31, ts[section + 12]);
                if (!mark && (programs.isEmpty() || !programs.getLast().equals(program))) {
                    programs.add(program);
                }
            }
        }
        return programs;
    }
}
