package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ring.RingEntry;
import io.wadi.ring.Rings;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** How far back an encoder starts that somebody woke. */
class LadderNeedTest {
    private static final long SECOND = 90_000;
    private static final long NOW = 1_000 * SECOND;
    private static final String RING = "demo/track_1";

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final Player player = new Player();
    private RingEntry entry;

    private static final class Player implements UnitSink {
        private long idleNanos = 1;
        private long wantedDts = Unit.NO_TIME;

        @Override
        public void onUnit(Unit unit) {}

        @Override
        public long idleNanos() {
            return idleNanos;
        }

        @Override
        public long wantedDts() {
            return wantedDts;
        }
    }

    @BeforeEach
    void open() {
        entry = Rings.of(camel).acquire(RING);
        entry.ring().addSink(player);
    }

    @AfterEach
    void close() throws Exception {
        Rings.of(camel).release(RING);
        camel.close();
    }

    private double startsBack(boolean onDemand, double missingSeconds) {
        Ladder ladder =
                LadderReader.read(
                        "{\"video\":{\"profiles\":[{\"height\":360,\"on_demand\":"
                                + onDemand
                                + "}]}}");
        SourceWatch source = new SourceWatch();
        List<RungOutput> outputs =
                List.of(new RungOutput(ladder.rungs().getFirst(), entry, source));
        EncodingState state = new EncodingState("demo", outputs, Clock.systemUTC());
        LadderNeed need = new LadderNeed(ladder, outputs, state, Transcoders.of(camel), 0);
        need.look(
                new SourceTracks(
                        Optional.of(new SourceTracks.Video(1, "h264", 1280, 720, true, 25)),
                        List.of()));
        return (double) need.startsBack((long) (missingSeconds * SECOND), NOW) / SECOND;
    }

    @Test
    void whoAsksForAPlaylistStandsBehind() {
        assertThat(startsBack(true, 0)).isEqualTo(8);
        assertThat(startsBack(true, 100)).isEqualTo(8);
        assertThat(startsBack(false, 0)).isZero();
        assertThat(startsBack(false, 3)).isEqualTo(3);
    }

    @Test
    void startsWhereSomebodyWaits() {
        player.wantedDts = NOW - 11 * SECOND;
        assertThat(startsBack(true, 0)).isBetween(11.0, 12.0);
        player.wantedDts = NOW - 2 * SECOND;
        assertThat(startsBack(true, 0)).isEqualTo(8);
        player.wantedDts = NOW - 60 * SECOND;
        assertThat(startsBack(true, 0)).isEqualTo(16);
        assertThat(startsBack(false, 0)).isZero();
    }

    @Test
    void whoIsConnectedIsNotKeptBehind() {
        player.idleNanos = 0;
        player.wantedDts = NOW - 11 * SECOND;
        assertThat(startsBack(true, 5)).isZero();
    }
}
