package io.wadi.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.wadi.ring.Ring;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitWriter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is gathered, and when it is written, by a clock that stands. */
class LoopGroupTest {
    private static final Duration LATENCY = Duration.ofMillis(350);
    private static final int PACKET = 188;

    private final UnitWriter writer = new UnitWriter();
    private final Ring ring = new Ring("group", 100);
    private final FanOut fanOut = new FanOut(ring, FanOutOptions.DEFAULT.withSendLatency(LATENCY));
    private final List<EmbeddedChannel> connections = new ArrayList<>();
    private final EmbeddedChannel early = new EmbeddedChannel();
    private LoopGroup group;
    private long next;

    @BeforeEach
    void watch() {
        early.freezeTime();
        group = new LoopGroup(fanOut, ring, early.eventLoop());
        join(early);
    }

    @AfterEach
    void close() {
        connections.forEach(EmbeddedChannel::finishAndReleaseAll);
        ring.close();
        writer.close();
    }

    private EmbeddedChannel join(EmbeddedChannel connection) {
        connections.add(connection);
        assertThat(group.add(new Viewer(connection, Preamble.NONE, ring.entryPoint()))).isTrue();
        early.runPendingTasks();
        return connection;
    }

    private void append(int flags) {
        ByteBuf room = writer.begin(PACKET);
        room.writeByte(0x47).writeLong(next).writeZero(PACKET - 9);
        writer.end(next, next, 0, flags, ring::append);
        next++;
        early.runPendingTasks();
    }

    private void pass(Duration time) {
        early.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        early.runPendingTasks();
    }

    /** The numbers of the units of each write. */
    private static List<List<Long>> writes(EmbeddedChannel connection) {
        List<List<Long>> writes = new ArrayList<>();
        ByteBuf written;
        while ((written = connection.readOutbound()) != null) {
            List<Long> units = new ArrayList<>();
            for (int at = written.readerIndex(); at < written.writerIndex(); at += PACKET) {
                units.add(written.getLong(at + 1));
            }
            writes.add(units);
            written.release();
        }
        return writes;
    }

    @Test
    void gathersFromTheFirstUnitOn() {
        append(Unit.RANDOM_ACCESS);
        pass(Duration.ofMillis(200));
        append(0);
        pass(Duration.ofMillis(149));
        assertThat(writes(early)).isEmpty();
        pass(Duration.ofMillis(1));
        assertThat(writes(early)).containsExactly(List.of(0L, 1L));
        pass(LATENCY);
        append(0);
        pass(LATENCY);
        assertThat(writes(early)).containsExactly(List.of(2L));
    }

    @Test
    void whoComesAfterAKeyPictureGetsItAtOnce() {
        append(Unit.RANDOM_ACCESS);
        EmbeddedChannel late = join(new EmbeddedChannel());
        assertThat(writes(late)).containsExactly(List.of(0L));
        assertThat(writes(early)).containsExactly(List.of(0L));

        append(0);
        EmbeddedChannel later = join(new EmbeddedChannel());
        assertThat(writes(later)).as("what the others have got").containsExactly(List.of(0L));
        assertThat(writes(early)).isEmpty();

        pass(Duration.ofMillis(349));
        append(0);
        assertThat(writes(early)).as("of the timer that is there no more").isEmpty();
        pass(Duration.ofMillis(1));
        for (EmbeddedChannel connection : List.of(early, late, later)) {
            assertThat(writes(connection)).containsExactly(List.of(1L, 2L));
        }
        append(0);
        pass(Duration.ofMillis(349));
        assertThat(writes(early)).as("one timer, not two").isEmpty();
        pass(Duration.ofMillis(1));
        assertThat(writes(early)).containsExactly(List.of(3L));
    }
}
