package io.wadi.ring;

/** Takes units in order, on one thread at a time. */
@FunctionalInterface
public interface UnitSink {
    /**
     * Takes one unit. The unit is borrowed: it and its bytes are valid during the call only; {@link
     * Unit#retainedSlice()} keeps the bytes for longer. Never blocks: the caller is the publisher's
     * event loop unless the route said {@code delivery=queued}.
     */
    void onUnit(Unit unit);

    /**
     * The source says that it is over: its publisher left, its file ended. Units may come again
     * later. Any thread; must not block.
     *
     * @param reason for a person
     */
    default void ended(String reason) {}

    /**
     * The source broke: a lost connection, a violated protocol, a program that died. Units may come
     * again later. Any thread; must not block.
     *
     * @param reason for a person
     */
    default void failed(String reason) {}

    /**
     * What came so far is worth nothing to who joins later: the encoder rests. Units may come again
     * later. Must not block.
     */
    default void forget() {}

    /**
     * How long nobody has taken what this sink makes of its units: 0 while somebody is connected,
     * or where that cannot be told; {@link Long#MAX_VALUE} when nobody ever did. An encoder that
     * runs on demand rests by it. Any thread; must not block.
     */
    default long idleNanos() {
        return 0;
    }

    /**
     * The earliest decoding time that somebody waits for and that never came, as the encoder rested
     * then; {@link Unit#NO_TIME} for none. An encoder that runs on demand starts there. Any thread;
     * must not block.
     */
    default long wantedDts() {
        return Unit.NO_TIME;
    }
}
