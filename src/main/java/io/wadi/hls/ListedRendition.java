package io.wadi.hls;

import io.wadi.ring.RenditionDemand;
import io.wadi.ring.RenditionOffer;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A rendition as the stream lists it: by what it measures, by what its maker says while it is not
 * made, or not at all. Any thread.
 */
final class ListedRendition {
    /** What a rendition measured while it was made by such an offer. */
    private record Measured(
            Optional<RenditionOffer> offer, List<Rendition.Description> descriptions) {}

    private final Rendition media;
    private final RenditionDemand demand;
    private volatile Measured measured = new Measured(Optional.empty(), List.of());

    /**
     * @param offers what the maker of the rendition says, asked each time
     */
    ListedRendition(Rendition media, Supplier<Optional<RenditionOffer>> offers) {
        this.media = media;
        this.demand = new RenditionDemand(offers);
    }

    Rendition media() {
        return media;
    }

    String name() {
        return media.name();
    }

    Optional<RenditionOffer> offer() {
        return demand.offer();
    }

    boolean isReady() {
        return media.isReady();
    }

    boolean isPlayable() {
        return media.isPlayable();
    }

    boolean isOnDemand() {
        return demand.isOnDemand();
    }

    Optional<String> whyLeftOut() {
        return offer().filter(RenditionOffer::isLeftOut).map(RenditionOffer::reason);
    }

    /** Whether the master playlist has something to say of it. */
    boolean isListed() {
        return whyLeftOut().isEmpty() && (isReady() || isOnDemand());
    }

    /** Whether nothing of it is waited for. */
    boolean isSettled() {
        return isReady() || isOnDemand() || whyLeftOut().isPresent();
    }

    /** For the master playlist. */
    List<Rendition.Description> describe() {
        Optional<RenditionOffer> offer = offer();
        if (offer.filter(RenditionOffer::isLeftOut).isPresent()) {
            return List.of();
        }
        List<Rendition.Description> now = media.describe();
        if (!now.isEmpty()) {
            measured = new Measured(offer, now);
            return now;
        }
        if (offer.filter(RenditionOffer::isOnDemand).isEmpty()) {
            return List.of();
        }
        Measured before = measured;
        return before.offer().equals(offer)
                ? before.descriptions()
                : List.of(media.promise(offer.get()));
    }

    /** Somebody plays it. */
    void asked() {
        demand.asked();
    }

    /** Somebody waits for its playlist: what answers. */
    Runnable waits(Runnable answer) {
        return demand.waits(answer);
    }

    /** See {@link io.wadi.ring.UnitSink#idleNanos}. */
    long idleNanos() {
        return demand.idleNanos();
    }
}
