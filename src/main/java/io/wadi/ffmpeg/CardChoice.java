package io.wadi.ffmpeg;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the processes of one encoding run on, one after the other: a card, the next one when it does
 * not start, and the processor when there is none left. Used by one thread.
 */
final class CardChoice {
    private final Devices devices;
    private final OptionalInt wanted;
    private final Set<Integer> unfit = new TreeSet<>();
    private Optional<Devices.Kind> kind = Optional.empty();
    private final HardwareFamily hardware;
    private OptionalInt card = OptionalInt.empty();
    private boolean fallen;

    /**
     * @param wanted the card that the document names
     * @param hardware the kind that it asks for
     */
    CardChoice(Devices devices, OptionalInt wanted, HardwareFamily hardware) {
        this.devices = devices;
        this.wanted = wanted;
        this.hardware = hardware;
    }

    static boolean isHardware(List<Encoder> encoders) {
        return encoders.stream().anyMatch(e -> e.family() != HardwareFamily.SOFTWARE);
    }

    /** What to encode with. */
    HardwareFamily family() {
        return fallen ? HardwareFamily.SOFTWARE : hardware;
    }

    /** Whether hardware was asked for and did not start. */
    boolean isFallen() {
        return fallen;
    }

    /**
     * A place for the next process, where its encoders need a card; the caller gives it back.
     *
     * @param encoders one for each rung that is not copied
     */
    Optional<Devices.Place> take(
            List<Rung> rungs, List<Encoder> encoders, Optional<SourceTracks.Video> source) {
        List<Rung> encoded = rungs.stream().filter(rung -> !rung.copy()).toList();
        kind = Optional.empty();
        card = OptionalInt.empty();
        long pixels = 0;
        int count = 0;
        for (int i = 0; i < encoders.size(); i++) {
            List<Devices.Kind> of = Devices.kindOf(encoders.get(i).family());
            if (!of.isEmpty()) {
                kind = kind.or(() -> Optional.of(of.getFirst()));
                count++;
                pixels += LadderNeed.pixelsPerSecond(encoded.get(i), source.orElseThrow());
            }
        }
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        Devices.Place place = devices.take(kind.get(), wanted, unfit, count, pixels);
        card = OptionalInt.of(place.device());
        return Optional.of(place);
    }

    /** The card of the process at hand, or of the last one; empty for none. */
    OptionalInt card() {
        return card;
    }

    /**
     * The next card, and then software, when hardware did not even start.
     *
     * @param encoders of the process that did not
     * @return what to say of it; empty where there is nothing to fall back to
     */
    Optional<String> fallBack(List<Encoder> encoders) {
        if (fallen || !isHardware(encoders)) {
            return Optional.empty();
        }
        OptionalInt before = card;
        fallen = !passOver();
        return Optional.of(
                fallen
                        ? "hardware encoding did not start, now encoding in software"
                        : "graphics card "
                                + before.orElseThrow()
                                + " did not start, now trying another");
    }

    /** The last card did not even start: whether another is left that may be taken. */
    boolean passOver() {
        if (card.isEmpty() || wanted.isPresent()) {
            return false;
        }
        unfit.add(card.getAsInt());
        return !unfit.containsAll(devices.found(kind.orElseThrow()));
    }
}
