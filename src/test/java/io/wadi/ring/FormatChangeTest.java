package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.wadi.codec.CodecId;
import io.wadi.codec.VideoFormat;
import io.wadi.ts.TsTrack;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** A publisher that goes on with another picture size is marked for players. */
class FormatChangeTest {
    private static final TsTrack VIDEO = TsTrack.of(TsTrack.VIDEO_PID, CodecId.H264, "");

    private static ByteBuf keyPicture(String sample) throws Exception {
        Properties properties = new Properties();
        Path file = Path.of("src/test/resources/codec/samples/" + sample + ".txt");
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(properties.getProperty("unit")));
    }

    @Test
    void marksThePictureThatIsAnother() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            RingEntry entry = Rings.of(context).acquire("cam");
            List<Integer> marked = new ArrayList<>();
            int[] count = {0};
            entry.ring()
                    .addSink(
                            unit -> {
                                if (unit.isDiscontinuity()) {
                                    marked.add(count[0]);
                                }
                                count[0]++;
                            });
            try (AccessUnitWriter writer = new AccessUnitWriter(new UnitWriter(), entry.input(0))) {
                writer.startSource();
                writer.expect(false, true);
                writer.track(VIDEO);
                String[] pictures = {
                    "h264-main-1080p", "h264-main-1080p", "h264-baseline", "h264-baseline"
                };
                long arrival = System.nanoTime();
                for (int i = 0; i < pictures.length; i++) {
                    writer.write(
                            VIDEO,
                            i * 3600L,
                            i * 3600L,
                            true,
                            arrival + i * 40_000_000L,
                            Unpooled.EMPTY_BUFFER,
                            keyPicture(pictures[i]));
                }

                assertThat(count[0]).isEqualTo(4);
                assertThat(marked).containsExactly(2);
                assertThat(((VideoFormat) entry.tracks().getFirst()).height()).isLessThan(1080);
            } finally {
                Rings.of(context).release("cam");
            }
        }
    }

    /** A transport stream says only with the next picture that one is whole. */
    @Test
    void marksItInATransportStreamToo() throws Exception {
        ByteBuf stream = Unpooled.buffer();
        UnitSink bytes = unit -> stream.writeBytes(unit.slab(), unit.offset(), unit.length());
        try (AccessUnitWriter writer = new AccessUnitWriter(new UnitWriter(), bytes)) {
            writer.startSource();
            writer.expect(false, true);
            writer.track(VIDEO);
            String[] pictures = {
                "h264-main-1080p", "h264-main-1080p", "h264-baseline", "h264-baseline"
            };
            for (int i = 0; i < pictures.length; i++) {
                long dts = i * 3600L;
                writer.write(
                        VIDEO, dts, dts, true, dts, Unpooled.EMPTY_BUFFER, keyPicture(pictures[i]));
            }
        }
        for (int size : new int[] {7 * 188, stream.readableBytes()}) {
            assertThat(marked(stream, size)).as("in parts of %d", size).containsExactly(7200L);
        }
    }

    /** Decoding times of marked units, counted from the first. */
    private static List<Long> marked(ByteBuf stream, int size) throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            RingEntry entry = Rings.of(context).acquire("cam");
            List<Long> marked = new ArrayList<>();
            long[] first = {Unit.NO_TIME};
            entry.ring()
                    .addSink(
                            unit -> {
                                if (first[0] == Unit.NO_TIME) {
                                    first[0] = unit.dts();
                                }
                                if (unit.isDiscontinuity()) {
                                    marked.add(unit.dts() - first[0]);
                                }
                            });
            try (TsIntake intake = new TsIntake(entry.input(0))) {
                int length = stream.readableBytes();
                for (int at = 0; at < length; at += size) {
                    int count = Math.min(size, length - at);
                    intake.begin(count).writeBytes(stream, at, count);
                    intake.end(1_000_000_000L + at);
                }
                intake.newSource();
            } finally {
                Rings.of(context).release("cam");
            }
            return marked;
        }
    }
}
