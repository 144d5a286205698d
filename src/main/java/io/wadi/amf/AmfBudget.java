package io.wadi.amf;

import io.wadi.codec.MalformedException;

/**
 * What one message may make the decoder build. Counted before anything is allocated; a reference
 * costs what it refers to, so that shared values cannot unfold into more than was paid for.
 */
final class AmfBudget {
    /** Objects in objects: {@code onMetaData} needs three, command objects two. */
    static final int MAX_DEPTH = 16;

    /** Values in one message: the largest {@code onMetaData} (with a key frame index) has some. */
    static final int MAX_VALUES = 8192;

    /** UTF-8 bytes of one string: tcUrl, tokens and encoder names are below 4 KiB. */
    static final int MAX_STRING_BYTES = 64 * 1024;

    /** Bytes of one message: Enhanced RTMP codec tables and encoder settings are a few KiB. */
    static final int MAX_BYTES = 1024 * 1024;

    private int values;
    private int bytes;
    private int depth;

    int values() {
        return values;
    }

    int bytes() {
        return bytes;
    }

    /** Pays for some values. */
    void value(long count) throws MalformedException {
        if (count > MAX_VALUES - values) {
            throw new MalformedException(
                    "AMF values", values + count, "at most " + MAX_VALUES + " in a message");
        }
        values += (int) count;
    }

    /** Pays for the bytes of a string or an array of bytes, of which {@code left} are there. */
    int bytes(String what, long length, int left, int max) throws MalformedException {
        if (length > max) {
            throw new MalformedException(what + " length", length, "at most " + max);
        }
        need(what, length, left);
        pay((int) length);
        return (int) length;
    }

    /** Pays again for what a reference repeats. */
    void repeat(int repeatedValues, int repeatedBytes) throws MalformedException {
        value(repeatedValues);
        pay(repeatedBytes);
    }

    private void pay(int length) throws MalformedException {
        if (length > MAX_BYTES - bytes) {
            throw new MalformedException(
                    "AMF strings", (long) bytes + length, "at most " + MAX_BYTES + " bytes");
        }
        bytes += length;
    }

    void enter() throws MalformedException {
        if (++depth > MAX_DEPTH) {
            throw new MalformedException("AMF depth", depth, "at most " + MAX_DEPTH);
        }
    }

    void leave() {
        depth--;
    }

    static void need(String what, long bytes, int left) throws MalformedException {
        if (left < bytes) {
            throw new MalformedException(what, left + " bytes left", bytes + " bytes");
        }
    }
}
