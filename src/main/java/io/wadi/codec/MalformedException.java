package io.wadi.codec;

/**
 * Bytes that break their specification or a limit of this server. Bad input is normal and may come
 * at line rate, so no stack trace is taken: the message says what was wrong and what would be
 * right.
 */
public final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * @param what the structure and field, for example {@code "H.264 SPS chroma_format_idc"}
     * @param got what was found
     * @param expected what would be right
     */
    public MalformedException(String what, String got, String expected) {
        super(what + ": got " + got + ", expected " + expected, null, false, false);
    }

    public MalformedException(String what, long got, String expected) {
        this(what, Long.toString(got), expected);
    }
}
