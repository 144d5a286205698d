package io.wadi.store;

/** A document could not be written or deleted; what was stored before is still there. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
