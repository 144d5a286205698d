package io.wadi.dash;

import static io.wadi.testing.Golden.assertGolden;

import io.netty.util.CharsetUtil;
import io.wadi.ring.Unit;
import io.wadi.segment.CmafOptions;
import io.wadi.segment.CmafPackager;
import io.wadi.segment.Segment;
import io.wadi.segment.SinglePackager;
import io.wadi.segment.TsFeeder;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** MPDs of committed transport streams that are sent twice, with a gap, at a time that is given. */
class MpdGoldenTest {
    private static final long START_SECONDS = 1_763_000_000L;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h264-bframes.ts",
                "h264-aac.ts",
                "hevc-ac3.ts",
                "opus.ts",
                "two-languages.ts"
            })
    void describesTwoSessions(String sample) throws Exception {
        byte[] stream = Files.readAllBytes(Path.of("src/test/resources/ts").resolve(sample));
        CmafOptions options = new CmafOptions(Duration.ofMillis(200), 100, 0, Optional.empty());
        try (SinglePackager single = new SinglePackager(options)) {
            CmafPackager packager = single.packager();
            for (int session = 0; session < 2; session++) {
                long start = (START_SECONDS + 10L * session) * Segment.TICKS_PER_SECOND;
                try (TsFeeder feeder = new TsFeeder(packager, start)) {
                    feeder.restart(session == 0 ? 0 : Unit.DISCONTINUITY);
                    feeder.push(stream);
                }
                single.endOfStream();
            }
            List<DashStream.Rendition> renditions = List.of(new DashStream.Rendition("", packager));
            Instant now = Instant.ofEpochSecond(START_SECONDS + 12);
            MpdBuilder builder = new MpdBuilder();
            builder.anchor(renditions, now.toEpochMilli());
            MpdDocument document =
                    MpdDocument.of(
                            builder.build(List.of(renditions), now.atOffset(ZoneOffset.UTC))
                                    .orElseThrow(),
                            1);
            assertGolden(
                    "dash/" + sample + ".mpd",
                    document.withTimeUrl("http://localhost/demo/time").toString(CharsetUtil.UTF_8));
        }
    }
}
