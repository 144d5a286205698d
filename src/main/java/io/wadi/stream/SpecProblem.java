package io.wadi.stream;

/**
 * One thing that is wrong with a document.
 *
 * @param code the API's error code, for example {@code DUPLICATE_INPUT}
 * @param path where, for example {@code inputs[1].url}; empty for the whole document
 * @param got what is there, shortened, never a secret
 * @param expected what would be right
 */
public record SpecProblem(String code, String path, String got, String expected) {
    public static final String INVALID_BODY = "INVALID_BODY";
    public static final String INVALID_WATERMARK = "INVALID_WATERMARK";

    static SpecProblem body(String path, String got, String expected) {
        return new SpecProblem(INVALID_BODY, path, got, expected);
    }

    /** One sentence for people. */
    public String message() {
        String what = "got " + got + ", expected " + expected;
        return path.isEmpty() ? what : path + ": " + what;
    }
}
