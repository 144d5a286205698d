package io.wadi.app;

/**
 * A setting that the server cannot start with. Its message is one line for the operator: which key,
 * what was got, what would be right.
 */
public final class ConfigException extends RuntimeException {
    private final String key;
    private final String problem;

    /**
     * @param key the whole key, or relative to the record whose constructor throws this
     * @param got the value that was given
     * @param expected what would be right
     */
    public ConfigException(String key, Object got, String expected) {
        this(key, "got \"" + got + "\", expected " + expected);
    }

    public ConfigException(String key, String problem) {
        super(key + ": " + problem);
        this.key = key;
        this.problem = problem;
    }

    public String key() {
        return key;
    }

    /** The message without the key. */
    public String problem() {
        return problem;
    }
}
