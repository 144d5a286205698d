package io.wadi.api;

import io.wadi.stream.SpecProblem;
import io.wadi.stream.StreamSpec;

import java.util.List;

/** What else a document is held against when it is saved: what this machine can do. */
@FunctionalInterface
public interface SpecCheck {
    /** Everything goes. */
    SpecCheck NONE = spec -> List.of();

    /** What is wrong, or nothing. */
    List<SpecProblem> check(StreamSpec spec);
}
