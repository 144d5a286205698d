package io.wadi.stream;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The rule for stream codes: they are parts of URLs, of file names and of route ids. */
public final class StreamCode {
    public static final String INVALID_CODE = "INVALID_CODE";

    /** Longest code, as the API says. */
    public static final int MAX_LENGTH = 128;

    /** First path segments that the server keeps for itself. */
    public static final Set<String> RESERVED =
            Set.of(
                    "streams",
                    "recordings",
                    "hooks",
                    "config",
                    "sessions",
                    "vod",
                    "watermarks",
                    "templates",
                    "policies",
                    "swagger",
                    "metrics",
                    "healthz",
                    "readyz",
                    "api");

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*");

    /** A last segment like this is a rendition's name and would clash with it. */
    private static final Pattern RENDITION = Pattern.compile(".*/track_([0-9]+|best)");

    private StreamCode() {}

    /** What is wrong with a code, or empty. */
    public static Optional<SpecProblem> problemOf(String code) {
        if (code.isEmpty() || code.length() > MAX_LENGTH) {
            return problem(
                    code.isEmpty() ? "an empty code" : code.length() + " characters",
                    "1 to " + MAX_LENGTH + " characters");
        }
        if (!SHAPE.matcher(code).matches()) {
            return problem(Secrets.shorten(code), "letters, digits, '_', '-' and single inner '/'");
        }
        int slash = code.indexOf('/');
        String root = slash < 0 ? code : code.substring(0, slash);
        if (RESERVED.contains(root)) {
            return problem(Secrets.shorten(code), "a name that the server does not use itself");
        }
        if (RENDITION.matcher(code).matches()) {
            return problem(
                    Secrets.shorten(code),
                    "a last part other than track_N and track_best, which name renditions");
        }
        return Optional.empty();
    }

    private static Optional<SpecProblem> problem(String got, String expected) {
        return Optional.of(new SpecProblem(INVALID_CODE, "code", got, expected));
    }
}
