package io.wadi.app;

/** A listener that listens on its new address already, and on its old one still. */
interface Move {
    /** The old address is given up; who is connected stays. */
    void commit();

    /** The new address is given up. */
    void undo();
}
