package io.wadi.ffmpeg;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Which card the processes of one encoding run on, one after the other. Used by one thread. */
final class CardChoice {
    private final Devices devices;
    private final OptionalInt wanted;
    private final Set<Integer> unfit = new TreeSet<>();
    private Optional<Devices.Kind> kind = Optional.empty();
    private OptionalInt card = OptionalInt.empty();

    /**
     * @param wanted the card that the document names
     */
    CardChoice(Devices devices, OptionalInt wanted) {
        this.devices = devices;
        this.wanted = wanted;
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

    /** The last card did not even start: whether another is left that may be taken. */
    boolean passOver() {
        if (card.isEmpty() || wanted.isPresent()) {
            return false;
        }
        unfit.add(card.getAsInt());
        return !unfit.containsAll(devices.found(kind.orElseThrow()));
    }
}
