package io.wadi.api;

import io.wadi.stream.InvalidSpecException;
import io.wadi.stream.SpecProblem;

import java.util.List;

/** A request that is answered with an error envelope. */
final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient List<SpecProblem> problems;

    ApiException(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
        this.problems = List.of();
    }

    private ApiException(int status, String code, InvalidSpecException cause) {
        super(cause.getMessage(), cause);
        this.status = status;
        this.code = code;
        this.problems = cause.problems();
    }

    static ApiException of(InvalidSpecException cause) {
        return new ApiException(400, cause.first().code(), cause);
    }

    /** Values that are wrong in a body that could be read. */
    static ApiException invalid(List<SpecProblem> problems) {
        return new ApiException(422, "VALIDATION_FAILED", new InvalidSpecException(problems));
    }

    static ApiException notFound(String code) {
        return new ApiException(404, "NOT_FOUND", "there is no stream '" + code + "'");
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    List<SpecProblem> problems() {
        return problems;
    }
}
