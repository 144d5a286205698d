package io.wadi.ffmpeg;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * The graphics cards and what runs on them. A process that is not told where to run gets the card
 * with the least to encode: pixels a second, of rungs that this server runs.
 */
final class Devices {
    /** Which cards there are. */
    @FunctionalInterface
    interface Probe {
        /** Numbers of the cards that a kind of hardware can use, as FFmpeg counts them. */
        List<Integer> devices(Kind kind);
    }

    /** Families that name the same cards by the same numbers. */
    enum Kind {
        /** CUDA's numbers. */
        CUDA,
        /** Render nodes from /dev/dri/renderD128 on. */
        RENDER_NODE
    }

    /** A process on a card, from its start to its end. */
    final class Place implements AutoCloseable {
        private final Kind kind;
        private final int device;
        private final int encoders;
        private final long pixelsPerSecond;

        private Place(Kind kind, int device, int encoders, long pixelsPerSecond) {
            this.kind = kind;
            this.device = device;
            this.encoders = encoders;
            this.pixelsPerSecond = pixelsPerSecond;
        }

        int device() {
            return device;
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /**
     * One card.
     *
     * @param encoders rungs that are encoded there now
     */
    public record Load(Kind kind, int device, int encoders, long pixelsPerSecond) {}

    private final Map<Kind, List<Integer>> found = new EnumMap<>(Kind.class);
    private final List<Place> places = new ArrayList<>();

    /** Looks for cards once: they do not come and go. */
    Devices(Probe probe) {
        for (Kind kind : Kind.values()) {
            found.put(kind, probe.devices(kind).stream().distinct().sorted().toList());
        }
    }

    /** The numbers that a family's cards have; empty for families without numbers. */
    static List<Kind> kindOf(HardwareFamily family) {
        return switch (family) {
            case NVENC -> List.of(Kind.CUDA);
            case VAAPI, QSV -> List.of(Kind.RENDER_NODE);
            case SOFTWARE, VIDEOTOOLBOX -> List.of();
        };
    }

    /** Cards that were found. */
    List<Integer> found(Kind kind) {
        return found.get(kind);
    }

    /**
     * Takes a place, which the caller gives back.
     *
     * @param wanted the card that the document names; what is named is taken, found or not
     * @param unfit cards that are not to be chosen, unless there is no other
     */
    synchronized Place take(
            Kind kind, OptionalInt wanted, Set<Integer> unfit, int encoders, long pixelsPerSecond) {
        int device = wanted.orElseGet(() -> leastLoaded(kind, unfit));
        Place place = new Place(kind, device, encoders, pixelsPerSecond);
        places.add(place);
        return place;
    }

    private int leastLoaded(Kind kind, Set<Integer> unfit) {
        List<Integer> fit = found.get(kind).stream().filter(d -> !unfit.contains(d)).toList();
        return (fit.isEmpty() ? found.get(kind) : fit)
                .stream()
                        .min(
                                Comparator.<Integer>comparingLong(d -> load(kind, d))
                                        .thenComparingInt(d -> d))
                        // FFmpeg says what is wrong with it.
                        .orElse(0);
    }

    private long load(Kind kind, int device) {
        return places.stream()
                .filter(place -> place.kind == kind && place.device == device)
                .mapToLong(place -> place.pixelsPerSecond)
                .sum();
    }

    private synchronized void leave(Place place) {
        places.remove(place);
    }

    /** Every card that was found or is in use. */
    synchronized List<Load> loads() {
        List<Load> loads = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Map<Integer, Load> byDevice = new TreeMap<>();
            found.get(kind).forEach(d -> byDevice.put(d, new Load(kind, d, 0, 0)));
            for (Place place : places) {
                if (place.kind == kind) {
                    byDevice.merge(
                            place.device,
                            new Load(kind, place.device, place.encoders, place.pixelsPerSecond),
                            Devices::sum);
                }
            }
            loads.addAll(byDevice.values());
        }
        return loads;
    }

    private static Load sum(Load a, Load b) {
        return new Load(
                a.kind, a.device, a.encoders + b.encoders, a.pixelsPerSecond + b.pixelsPerSecond);
    }
}
