package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.wadi.ring.Rings;
import io.wadi.ring.TsIntake;
import io.wadi.segment.SegmentCounts;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Open Streamer's names for what the rings count. */
class SeedMetricsTest {
    private static final int PACKET = 188;
    private static final int MISSING_PACKET = 40;

    @Test
    void tellsWhatASourceBringsAndLoses() throws Exception {
        byte[] ts;
        try (InputStream in = getClass().getResourceAsStream("/ts/h264-aac.ts")) {
            ts = in.readAllBytes();
        }
        try (DefaultCamelContext context = new DefaultCamelContext();
                Rates rates = new Rates(context)) {
            Rings rings = Rings.of(context);
            var entry = rings.acquire("cam");
            try (TsIntake intake = new TsIntake(entry.input(0))) {
                for (int at = 0; at + PACKET <= ts.length; at += PACKET) {
                    if (at / PACKET != MISSING_PACKET) {
                        ByteBuf room = intake.begin(PACKET);
                        room.writeBytes(ts, at, PACKET);
                        intake.end(System.nanoTime());
                    }
                }
                SegmentCounts.of(context).open(new SegmentCounts.Key("cam", "", "hls")).increment();

                String text = text(new SeedMetrics(context, rates, Duration.ofSeconds(30)));

                assertThat(text)
                        .contains(
                                "open_streamer_manager_input_health{input_priority=\"0\",stream_code=\"cam\"} 1.0",
                                "open_streamer_ingestor_errors_total{reason=\"packet_loss\",stream_code=\"cam\"} 1.0",
                                "open_streamer_publisher_segments_total{format=\"hls\",profile=\"main\",stream_code=\"cam\"} 1.0",
                                "open_streamer_buffer_drops_total{stream_code=\"cam\"} 0.0",
                                "rapidrtmp_active_streams 1.0")
                        .containsPattern(
                                "open_streamer_ingestor_packets_total\\{input_priority=\"0\","
                                        + "protocol=\"file\",stream_code=\"cam\"} [1-9]")
                        .containsPattern("open_streamer_buffer_packets\\{.*\"cam\"} [1-9]")
                        .contains("open_streamer_stream_start_time_seconds{stream_code=\"cam\"}");
            } finally {
                rings.release("cam");
            }
            assertThat(text(new SeedMetrics(context, rates, Duration.ofSeconds(30))))
                    .doesNotContain("open_streamer_buffer_packets{");
        }
    }

    private static String text(SeedMetrics metrics) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, metrics.collect());
        return out.toString(StandardCharsets.UTF_8);
    }
}
