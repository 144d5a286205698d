package io.wadi.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Slabs come back when their readers let go of them, in whatever order. */
class MediaMemoryTest {
    private static final int SLAB = MediaMemory.SLAB_BYTES;

    private final MediaMemory memory = new MediaMemory(PooledByteBufAllocator.DEFAULT, 32L * SLAB);

    @AfterEach
    void close() {
        memory.close();
    }

    /** Slabs that a reader holds, oldest first. */
    private List<ByteBuf> held(int count) {
        List<ByteBuf> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            held.add(memory.next(SLAB).retain());
        }
        return held;
    }

    @Test
    void fillsASlabAgainThatNobodyHolds() {
        ByteBuf first = memory.next(1000).writeZero(1000);
        ByteBuf second = memory.next(1000);
        assertThat(second).isSameAs(first);
        assertThat(second.writerIndex()).isZero();
        assertThat(memory.usedBytes()).isEqualTo(SLAB);
    }

    @Test
    void keepsNoMoreThanAWindowHolds() {
        List<ByteBuf> window = held(10);
        for (int i = 0; i < 200; i++) {
            window.removeFirst().release();
            window.add(memory.next(SLAB).retain());
            assertThat(memory.usedBytes()).isEqualTo(10L * SLAB);
        }
        // A segment leaves at once.
        window.subList(0, 8).forEach(ByteBuf::release);
        memory.next(SLAB);
        assertThat(memory.usedBytes()).isEqualTo(3L * SLAB);
        window.subList(8, 10).forEach(ByteBuf::release);
    }

    @Test
    void findsSlabsBehindSomeThatStayHeld() {
        List<ByteBuf> held = held(10);
        held.subList(3, 10).forEach(ByteBuf::release);
        for (int i = 0; i < 100; i++) {
            memory.next(SLAB);
            assertThat(memory.usedBytes()).isEqualTo(4L * SLAB);
        }
        held.subList(0, 3).forEach(ByteBuf::release);
    }

    @Test
    void findsSlabsBehindManyThatStayHeldInTime() {
        List<ByteBuf> held = held(10);
        for (int i = 0; i < 100; i++) {
            memory.next(SLAB);
            assertThat(memory.usedBytes()).isLessThanOrEqualTo(26L * SLAB);
        }
        held.forEach(ByteBuf::release);
    }

    @Test
    void looksEverywhereBeforeItRefuses() {
        List<ByteBuf> held = held(32);
        assertThat(memory.next(1)).isNull();
        held.get(20).release();
        assertThat(memory.next(1)).isSameAs(held.get(20));
        assertThat(memory.next(SLAB + 1)).as("nothing but whole slabs is free").isNull();
        for (int i = 0; i < 32; i++) {
            if (i != 20) {
                held.get(i).release();
            }
        }
        assertThat(memory.next(20 * SLAB).capacity()).isEqualTo(20 * SLAB);
        assertThat(memory.usedBytes()).isEqualTo(20L * SLAB);
    }

    @Test
    void givesLargeUnitsBack() {
        ByteBuf large = memory.next(5 * SLAB).retain();
        ByteBuf slab = memory.next(10);
        assertThat(memory.usedBytes()).isEqualTo(6L * SLAB);
        large.release();
        assertThat(memory.next(SLAB)).isSameAs(slab);
        assertThat(memory.usedBytes()).isEqualTo(SLAB);
    }
}
