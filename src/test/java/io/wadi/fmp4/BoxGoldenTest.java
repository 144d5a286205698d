package io.wadi.fmp4;

import static io.wadi.testing.Golden.assertGolden;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Init segments of real streams, and fragments, as trees of boxes. The dump knows nothing of what
 * is in a box but which of them hold others, and where.
 */
class BoxGoldenTest {
    private static final Path SAMPLES = Path.of("src/test/resources/codec/samples");

    /** 2025-11-13T02:13:20Z in 90 kHz ticks: needs 64 bits. */
    private static final long TIME = 1_763_000_000L * 90_000;

    private static final Set<String> CONTAINERS =
            Set.of("moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf");

    /** Bytes of the body in front of the first box in it. */
    private static final Map<String, Integer> ENTRIES =
            Map.ofEntries(
                    Map.entry("stsd", 8),
                    Map.entry("dref", 8),
                    Map.entry("avc1", 78),
                    Map.entry("avc3", 78),
                    Map.entry("hvc1", 78),
                    Map.entry("hev1", 78),
                    Map.entry("av01", 78),
                    Map.entry("vp09", 78),
                    Map.entry("mp4a", 28),
                    Map.entry("Opus", 28),
                    Map.entry("ac-3", 28),
                    Map.entry("ec-3", 28),
                    Map.entry("fLaC", 28));

    private static TrackFormat formatOf(String sample) throws Exception {
        List<String> lines = Files.readAllLines(SAMPLES.resolve(sample + ".txt"));
        byte[] config = HexFormat.of().parseHex(value(lines, "config"));
        return TrackFormat.of(
                CodecId.valueOf(value(lines, "codec")),
                CodecConfig.copyOf(Unpooled.wrappedBuffer(config)));
    }

    private static String value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key + "="))
                .map(line -> line.substring(key.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264-main-1080p",
                "h264-interlaced-1080i",
                "h265-main10-1080p",
                "h265-hdr",
                "av1-svt",
                "vp9",
                "aac-48000-2",
                "aac-96000-6",
                "opus-2",
                "ac3-48000-6",
                "eac3-48000-6",
                "flac-2"
            })
    void writesInitSegmentsAndFragments(String sample) throws Exception {
        TrackFormat format = formatOf(sample);
        ByteBuf out = Unpooled.buffer();
        InitSegment.write(out, List.of(Fmp4Track.of(1, format, "deu")));
        FragmentWriter writer = new FragmentWriter(1);
        SampleRun run = new SampleRun();
        if (format.codec().isVideo()) {
            // I P B as they are coded, with a picture that is shown twice as long.
            run.add(3600, 5, true, 3600);
            run.add(3600, 3, false, 7200);
            run.add(7200, 2, false, 0);
        } else {
            run.add(1024, 4, true, 0);
            run.add(1024, 3, true, 0);
        }
        writer.writeHeader(out, 7, TIME, run, /* startsSegment= */ true);
        out.writeZero((int) run.bytes());
        // The second fragment of a segment, of samples that are all alike.
        SampleRun alike = new SampleRun();
        alike.add(1024, 4, true, 0);
        alike.add(1024, 4, true, 0);
        writer.writeHeader(out, 8, TIME + run.duration(), alike, /* startsSegment= */ false);
        out.writeZero((int) alike.bytes());
        assertGolden("fmp4/" + sample + ".txt", dump(out));
    }

    private static String dump(ByteBuf bytes) throws IOException {
        StringBuilder text = new StringBuilder();
        boxes(bytes, bytes.readerIndex(), bytes.writerIndex(), "", text);
        return text.toString();
    }

    private static void boxes(ByteBuf in, int from, int to, String indent, StringBuilder text) {
        int at = from;
        while (at < to) {
            int size = in.getInt(at);
            String type = in.toString(at + 4, 4, StandardCharsets.ISO_8859_1);
            int body = at + 8;
            text.append(indent).append(type).append(' ').append(size);
            Integer before = CONTAINERS.contains(type) ? Integer.valueOf(0) : ENTRIES.get(type);
            int own = before == null ? size - 8 : before;
            if (own > 0) {
                text.append(' ').append(ByteBufUtil.hexDump(in, body, own));
            }
            text.append('\n');
            if (before != null) {
                boxes(in, body + before, at + size, indent + "  ", text);
            }
            at += size;
        }
    }
}
