package io.wadi.stream;

/**
 * Something wrong with a file that people edit.
 *
 * @param line from 1, or 0 when it is about the whole file
 * @param field for example {@code inputs[0].url}, or empty
 */
public record FileProblem(String file, int line, int column, String field, String message) {
    static FileProblem of(String file, InvalidSpecException e) {
        return new FileProblem(file, e.line(), e.column(), e.first().path(), e.getMessage());
    }

    /** One line for the log, in the form that editors jump to. */
    public String text() {
        String place = line > 0 ? file + ":" + line + ":" + column : file;
        return place + ": " + message;
    }
}
