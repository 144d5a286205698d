package io.wadi.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The server's configuration, in the shape that the API shows and takes. */
public interface ServerConfig {
    /** A change that is not made: nothing of it is. */
    final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String code;

        public RefusedException(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }

        int status() {
            return status;
        }

        String code() {
            return code;
        }
    }

    /** Everything: what this server is and can, its ports and its settings. */
    ObjectNode describe();

    /** The settings as they are when nobody sets them. */
    ObjectNode defaults();

    /**
     * Puts settings into force and stores them.
     *
     * @param change some of the settings; null takes one back to its default
     * @return all settings and the ports, what is in force and what waits for a restart
     */
    ObjectNode merge(ObjectNode change) throws RefusedException;
}
