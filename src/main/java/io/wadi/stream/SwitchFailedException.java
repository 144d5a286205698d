package io.wadi.stream;

/** An input that was chosen cannot go on air; what was on air stays. */
public final class SwitchFailedException extends Exception {
    private static final long serialVersionUID = 1;

    SwitchFailedException(String message) {
        super(message);
    }
}
