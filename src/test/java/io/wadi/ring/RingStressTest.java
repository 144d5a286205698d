package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The ring under real threads: no torn unit, no unit out of order, no leak, every loss counted. */
@Timeout(60)
class RingStressTest {
    /** Without leak detection, which would serialise the threads; RingTest runs with it. */
    private static final UnpooledByteBufAllocator ALLOCATOR =
            new UnpooledByteBufAllocator(true, true);

    private static final int UNITS = 200_000;
    private static final int GOP = 20;

    @Test
    void readersOnOtherThreadsSeeWholeUnitsInOrderOrCountThemLost() throws Exception {
        Ring ring = new Ring("stress", 60);
        MediaMemory memory = new MediaMemory(ALLOCATOR, 64L * 1024 * 1024);
        try (UnitWriter writer = new UnitWriter(memory);
                ExecutorService pool = Executors.newFixedThreadPool(4)) {
            AtomicLong done = new AtomicLong();
            List<Future<Long>> readers = new ArrayList<>();
            List<RingReader> opened = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread[] owner = new Thread[1];
                RingReader reader = ring.openReader(() -> LockSupport.unpark(owner[0]));
                opened.add(reader);
                boolean slow = i == 2;
                Callable<Long> follow =
                        () -> {
                            owner[0] = Thread.currentThread();
                            return follow(reader, done, slow);
                        };
                readers.add(pool.submit(follow));
            }
            for (int i = 0; i < UNITS; i++) {
                int flags = i % GOP == 0 ? Unit.RANDOM_ACCESS : 0;
                Units.append(writer, ring::append, i, 1 + i % 3, flags);
            }
            done.set(UNITS);
            for (RingReader reader : opened) {
                reader.wakeIfArmed();
            }
            for (int i = 0; i < readers.size(); i++) {
                long seen = readers.get(i).get(50, TimeUnit.SECONDS);
                assertThat(seen + opened.get(i).lostUnits()).isEqualTo(UNITS);
            }
            opened.forEach(RingReader::close);
            ring.close();
            assertThat(memory.usedBytes()).isLessThan(40L * MediaMemory.SLAB_BYTES);
        }
    }

    private static long follow(RingReader reader, AtomicLong done, boolean slow) {
        long seen = 0;
        long last = -1;
        while (true) {
            Unit unit = reader.poll();
            if (unit != null) {
                long number = Units.number(unit);
                if (number <= last || number != unit.sequence()) {
                    throw new AssertionError("unit " + number + " after " + last);
                }
                last = number;
                seen++;
                if (slow && seen % 1000 == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            } else if (done.get() == UNITS && reader.backlog() == 0) {
                return seen;
            } else if (reader.arm() && done.get() != UNITS) {
                LockSupport.park();
            }
        }
    }

    @Test
    void sinksComeAndGoWhileTheWriterRuns() throws Exception {
        Ring ring = new Ring("stress", 60);
        try (UnitWriter writer = new UnitWriter(new MediaMemory(ALLOCATOR, 64L * 1024 * 1024));
                ExecutorService pool = Executors.newFixedThreadPool(2)) {
            AtomicLong stop = new AtomicLong();
            Callable<Integer> churn =
                    () -> {
                        int rounds = 0;
                        while (stop.get() == 0) {
                            long[] last = {-1};
                            UnitSink sink =
                                    unit -> {
                                        long number = Units.number(unit);
                                        if (last[0] >= 0 && number != last[0] + 1) {
                                            stop.set(-number);
                                        }
                                        last[0] = number;
                                    };
                            ring.addSink(sink);
                            LockSupport.parkNanos(50_000);
                            ring.removeSink(sink);
                            last[0] = Long.MAX_VALUE - 1;
                            rounds++;
                        }
                        return rounds;
                    };
            Future<Integer> one = pool.submit(churn);
            Future<Integer> two = pool.submit(churn);
            for (int i = 0; i < UNITS; i++) {
                Units.append(writer, ring::append, i, 1, i % GOP == 0 ? Unit.RANDOM_ACCESS : 0);
            }
            stop.compareAndSet(0, 1);
            assertThat(one.get(10, TimeUnit.SECONDS)).isPositive();
            assertThat(two.get(10, TimeUnit.SECONDS)).isPositive();
            assertThat(stop).as("first unit out of order, negated").hasValue(1);
            ring.close();
        }
    }
}
