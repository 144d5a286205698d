package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.ring.Ring;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitWriter;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** What an encoder is fed with when it does not keep up. */
class FeedTest {
    private static final int PACKET = 188;

    /** More units than a ring holds. */
    private static final int VERY_LONG_GOP = 10_000;

    private final Ring ring = new Ring("test", 1000);
    private final UnitWriter writer = new UnitWriter();
    private int next;

    private void append(int count, boolean randomAccess) {
        for (int i = 0; i < count; i++) {
            writer.begin(PACKET).writeInt(0x47010000).writeInt(next).writeZero(PACKET - 8);
            long time = next++ * 3600L;
            int flags = Unit.VIDEO | (randomAccess ? Unit.RANDOM_ACCESS : 0);
            writer.end(time, time, System.nanoTime(), flags, ring::append);
        }
    }

    /** An encoder that does not read its first packet until it is told to. */
    private static final class SlowEncoder implements WritableByteChannel {
        final List<Integer> units = new CopyOnWriteArrayList<>();
        final CountDownLatch reads = new CountDownLatch(1);

        @Override
        public int write(ByteBuffer bytes) {
            try {
                reads.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            int size = bytes.remaining();
            for (int packet = 0; packet < size; packet += PACKET) {
                units.add(bytes.getInt(bytes.position() + packet + 4));
            }
            bytes.position(bytes.limit());
            return size;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void goesOnAtARandomAccessPointEvenWhenTheWholeRingHasNone() throws Exception {
        append(3, false);
        append(1, true);
        append(3, false);
        SlowEncoder encoder = new SlowEncoder();
        try (Feed feed = new Feed(ring, 0, new PacketFeed())) {
            assertThat(feed.first()).isEqualTo(3 * 3600L);
            Thread follower =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            feed.copyTo(encoder);
                                        } catch (Exception e) {
                                            throw new IllegalStateException(e);
                                        }
                                    });
            append(VERY_LONG_GOP, false);
            int lost = next;
            encoder.reads.countDown();
            await().until(() -> feed.lostUnits() > 0);
            append(2, false);
            int entry = next;
            append(1, true);
            append(2, false);
            await().until(() -> encoder.units.contains(entry + 2));
            feed.end();
            follower.join();
            assertThat(encoder.units).containsExactly(3, entry, entry + 1, entry + 2);
            assertThat(feed.lostUnits()).isGreaterThan(lost - 8L);
        }
        ring.close();
        writer.close();
    }
}
