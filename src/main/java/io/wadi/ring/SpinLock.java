package io.wadi.ring;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Guards what one thread nearly always has to itself: the writer's side of a ring, which two
 * threads want only while inputs switch or a route starts or stops. Taking it uncontended is one
 * compare-and-set; it is held for a microsecond or so. Not reentrant.
 */
final class SpinLock {
    /** Then the holder may have lost its core: let it have ours. */
    private static final int MAX_SPINS = 200;

    private final AtomicBoolean held = new AtomicBoolean();

    @SuppressWarnings("ThreadPriorityCheck") // see MAX_SPINS
    void lock() {
        for (int spins = 0; !held.compareAndSet(false, true); spins++) {
            if (spins < MAX_SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    void unlock() {
        held.setRelease(false);
    }
}
