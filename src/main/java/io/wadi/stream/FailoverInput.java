package io.wadi.stream;

/** One input with what is remembered of it. */
final class FailoverInput {
    /**
     * What an input is.
     *
     * @param source what it fetches or waits for: another one is another input
     */
    record Role(boolean listens, boolean hot, Object source) {
        Role(boolean listens, boolean hot) {
            this(listens, hot, "");
        }
    }

    final InputHealth health;
    Role role;
    boolean added;

    /** Its source is another one now, of which nothing has come yet. */
    boolean renewed;

    long probeStart;
    long probeEnd;

    FailoverInput(Role role, boolean added, long now) {
        this.health = new InputHealth();
        this.role = role;
        this.added = added;
        this.probeStart = now;
        this.probeEnd = now;
    }

    FailoverInput(FailoverInput other) {
        this.health = other.health;
        this.role = other.role;
        this.added = other.added;
        this.renewed = other.renewed;
        this.probeStart = other.probeStart;
        this.probeEnd = other.probeEnd;
    }

    boolean isHealthy() {
        return health.isHealthy() && !renewed;
    }
}
