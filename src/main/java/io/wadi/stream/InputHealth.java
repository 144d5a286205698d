package io.wadi.stream;

import java.time.Duration;

/**
 * Tells from samples how one input is. Pure: time comes in with the samples. Four things make an
 * input unfit: its source says that it is over or broken; nothing comes; pictures stop while sound
 * goes on; what comes is bad (packets are missing, or media comes slower than it plays).
 */
final class InputHealth {
    enum State {
        /** Not connected: it stands by cold. */
        IDLE,
        /** Connected, and nothing came yet. */
        CONNECTING,
        HEALTHY,
        SILENT,
        ENDED,
        FAILED,
        BAD
    }

    /** Pictures may be further apart than sound: a slide show of one a second is no fault. */
    private static final long MIN_PICTURE_TIMEOUT = Duration.ofMillis(1500).toNanos();

    /** Networks delay this much and catch up again. */
    private static final long MIN_LAG = Duration.ofSeconds(1).toNanos();

    /**
     * Of time that passes is forgiven as lag, so that only a source slower than 0.9 falls behind.
     */
    private static final long FORGIVEN = 10;

    /** What was bad is bad for so many packet timeouts more, and at least a second. */
    private static final int PENANCE = 3;

    private static final long MIN_PENANCE = Duration.ofSeconds(1).toNanos();

    private long windowStart;
    private State state = State.IDLE;
    private String detail = "";
    private String verdict = "";

    /** Units that came before it was connected this time. */
    private long idleUnits;

    private long since;
    private long silentAt;
    private long picturesStopAt = Long.MAX_VALUE;

    private int source = -1;
    private long paceNanos;
    private long lag;
    private long bestLag;
    private long badUntil;
    private boolean bad;
    private long windowErrors;
    private long seenErrors;

    State state() {
        return state;
    }

    boolean isHealthy() {
        return state == State.HEALTHY;
    }

    /** What is wrong, for a person; empty when nothing is. */
    String detail() {
        return detail;
    }

    /** Since when it has been in its state. */
    long sinceNanos() {
        return since;
    }

    /**
     * Takes a sample.
     *
     * @param connected whether its route is to run
     */
    void observe(InputSample sample, boolean connected, FailoverPolicy policy, long now) {
        if (!connected) {
            idleUnits = sample.units();
            enter(State.IDLE, "", now);
            return;
        }
        if (sample.units() == idleUnits) {
            if (sample.gone().isEmpty()) {
                enter(State.CONNECTING, "", now);
            } else {
                enter(sample.failed() ? State.FAILED : State.ENDED, sample.gone(), now);
            }
            return;
        }
        long timeout = policy.packetTimeout().toNanos();
        silentAt = sample.lastUnitNanos() + timeout;
        picturesStopAt =
                sample.pictures() == 0
                        ? Long.MAX_VALUE
                        : sample.lastPictureNanos() + Math.max(timeout, MIN_PICTURE_TIMEOUT);
        boolean wasBad = bad;
        judge(sample, policy, timeout, now);
        if (!sample.gone().isEmpty()) {
            enter(sample.failed() ? State.FAILED : State.ENDED, sample.gone(), now);
        } else if (now - silentAt >= 0) {
            enter(State.SILENT, "nothing came for " + millis(timeout) + " ms", now);
        } else if (picturesStopAt != Long.MAX_VALUE && now - picturesStopAt >= 0) {
            enter(State.BAD, "pictures stopped, sound goes on", now);
        } else if (bad) {
            if (!wasBad) {
                enter(State.BAD, verdict, now);
            }
        } else {
            enter(State.HEALTHY, "", now);
        }
    }

    /** What comes from now on is of another source, of which nothing has come yet. */
    void renew(InputSample sample, long now) {
        idleUnits = sample.units();
        bad = false;
        enter(State.CONNECTING, "", now);
    }

    private void judge(InputSample sample, FailoverPolicy policy, long timeout, long now) {
        if (bad && now - badUntil >= 0) {
            bad = false;
        }
        boolean fresh =
                sample.sources() != source || (state != State.HEALTHY && state != State.BAD);
        source = sample.sources();
        boolean slow = isSlow(sample, fresh, timeout);
        boolean holes = hasHoles(sample, fresh, policy, now);
        if (slow || holes) {
            bad = true;
            badUntil = now + Math.max(MIN_PENANCE, PENANCE * timeout);
            verdict =
                    slow
                            ? "media comes slower than it plays"
                            : "more than " + policy.maxContinuityErrors() + " packets are missing";
        }
    }

    /**
     * Lag is how late media is against the least lag seen; it grows when media comes too slowly.
     */
    private boolean isSlow(InputSample sample, boolean fresh, long timeout) {
        long arrival = sample.lastUnitNanos();
        long now = arrival - sample.mediaTicks() * 100_000 / 9;
        long passed = arrival - paceNanos;
        boolean backwards = now - lag > passed + MIN_LAG;
        paceNanos = arrival;
        lag = now;
        if (fresh || backwards) {
            bestLag = now;
            return false;
        }
        bestLag = Math.min(now, bestLag + Math.max(0, passed) / FORGIVEN);
        if (now - bestLag > Math.max(timeout, MIN_LAG)) {
            bestLag = now;
            return true;
        }
        return false;
    }

    private boolean hasHoles(InputSample sample, boolean fresh, FailoverPolicy policy, long now) {
        long window = FailoverPolicy.ERROR_WINDOW.toNanos();
        if (fresh || now - windowStart >= window) {
            windowStart = now;
            windowErrors = 0;
        }
        windowErrors += fresh ? 0 : sample.lostPackets() - seenErrors;
        seenErrors = sample.lostPackets();
        if (policy.maxContinuityErrors() > 0 && windowErrors > policy.maxContinuityErrors()) {
            windowErrors = 0;
            return true;
        }
        return false;
    }

    private void enter(State next, String why, long now) {
        if (state != next) {
            state = next;
            since = now;
        }
        detail = why;
    }

    /** When time alone may change the state, or pace has to be looked at; no unit comes by then. */
    long deadline(FailoverPolicy policy, long now) {
        return switch (state) {
            case HEALTHY -> {
                long look = now + Math.max(MIN_LAG, policy.packetTimeout().toNanos() / 2);
                long next = earlier(silentAt, look);
                yield picturesStopAt == Long.MAX_VALUE ? next : earlier(next, picturesStopAt);
            }
            case BAD -> bad ? earlier(silentAt, badUntil) : silentAt;
            case IDLE, CONNECTING, SILENT, ENDED, FAILED -> now + Duration.ofHours(1).toNanos();
        };
    }

    static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }
}
