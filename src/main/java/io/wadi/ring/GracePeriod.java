package io.wadi.ring;

import org.apache.camel.CamelContext;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * What a route made outlives it for a moment, so that a route that follows can go on with it: a
 * change that makes the routes of a stream anew takes nothing from its viewers and players.
 */
public final class GracePeriod {
    /** From the stop of a route to the start of what follows: encoders may have to end before. */
    public static final Duration SUCCESSION = Duration.ofSeconds(5);

    private GracePeriod() {}

    /** Gives something back after a time, at once when the context stops. */
    public static void after(CamelContext context, Duration time, Runnable end) {
        if (context.isStopping() || context.isStopped()) {
            end.run();
            return;
        }
        Executor later =
                CompletableFuture.delayedExecutor(
                        time.toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread);
        later.execute(end);
    }
}
