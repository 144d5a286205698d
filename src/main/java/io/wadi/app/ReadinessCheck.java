package io.wadi.app;

import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One condition for taking traffic. Asked on every probe, so it must be cheap. */
interface ReadinessCheck {
    String name();

    /** Why not, or empty when this is ready. */
    Optional<String> problem();

    static ReadinessCheck of(String name, BooleanSupplier ready, String problem) {
        return new ReadinessCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Optional<String> problem() {
                return ready.getAsBoolean() ? Optional.empty() : Optional.of(problem);
            }
        };
    }
}
