package io.wadi.ring;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Between the maker of a rendition and those who fetch it over HTTP, where nobody stays connected:
 * what the maker says of it, and when somebody asked for it last. Any thread.
 */
public final class RenditionDemand {
    private static final long NEVER = Long.MIN_VALUE;

    private final Supplier<Optional<RenditionOffer>> offers;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile long askedNanos = NEVER;

    /**
     * @param offers what the maker of the rendition says, asked each time
     */
    public RenditionDemand(Supplier<Optional<RenditionOffer>> offers) {
        this.offers = offers;
    }

    public Optional<RenditionOffer> offer() {
        return offers.get();
    }

    public boolean isOnDemand() {
        return offer().filter(RenditionOffer::isOnDemand).isPresent();
    }

    public boolean isLeftOut() {
        return offer().filter(RenditionOffer::isLeftOut).isPresent();
    }

    /** Somebody plays it. */
    public void asked() {
        askedNanos = System.nanoTime();
    }

    /**
     * Somebody asked for what the rendition does not have yet: until it is answered, the rendition
     * is not idle, however long an encoder takes to start.
     *
     * @param answer the answer, which is given once
     * @return what gives it
     */
    public Runnable waits(Runnable answer) {
        asked();
        waiting.incrementAndGet();
        return () -> {
            asked();
            waiting.decrementAndGet();
            answer.run();
        };
    }

    /** See {@link UnitSink#idleNanos}; never 0, as nobody is connected. */
    public long idleNanos() {
        if (waiting.get() > 0) {
            return 1;
        }
        long asked = askedNanos;
        return asked == NEVER ? Long.MAX_VALUE : Math.max(1, System.nanoTime() - asked);
    }
}
