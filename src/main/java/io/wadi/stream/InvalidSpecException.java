package io.wadi.stream;

import java.util.List;

/** A document that cannot be used, with everything that is wrong with it. */
public final class InvalidSpecException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<SpecProblem> problems;
    private final int line;
    private final int column;

    /** Problems of a document whose text has no lines worth naming. */
    public InvalidSpecException(List<SpecProblem> problems) {
        this(problems, 0, 0);
    }

    /** Problems of which the first starts at this line and column, counted from 1. */
    public InvalidSpecException(List<SpecProblem> problems, int line, int column) {
        super(problems.getFirst().message());
        this.problems = List.copyOf(problems);
        this.line = line;
        this.column = column;
    }

    static InvalidSpecException body(String got, String expected, int line, int column) {
        return new InvalidSpecException(List.of(SpecProblem.body("", got, expected)), line, column);
    }

    public List<SpecProblem> problems() {
        return problems;
    }

    public SpecProblem first() {
        return problems.getFirst();
    }

    /** Line of the first problem from 1, or 0 when unknown. */
    public int line() {
        return line;
    }

    /** Column of the first problem from 1, or 0 when unknown. */
    public int column() {
        return column;
    }
}
