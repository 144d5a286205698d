package io.wadi.api;

import java.util.Map;
import java.util.Optional;

/** Where the API learns how streams are doing; implemented over the rings. */
@FunctionalInterface
public interface RuntimeView {
    /** Knows nothing: for tests and before the media plane is there. */
    RuntimeView NONE = code -> Optional.empty();

    /** Viewers now, by protocol. */
    default Map<String, Long> viewers(String code) {
        return Map.of();
    }

    /** How a stream is doing, or empty when nothing of it runs. */
    Optional<StreamRuntime> of(String code);
}
