package io.wadi.http;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Requests that came before there was something to answer them with: each is answered when its
 * condition holds, or when it has waited long enough. Any thread.
 */
public final class WaitingRequests {
    /** Of one stream at the same time; more are answered at once with what there is. */
    private static final int MAX_WAITING = 10_000;

    private final class Waiter {
        private final BooleanSupplier condition;
        private final Runnable answer;
        private final AtomicBoolean answered = new AtomicBoolean();

        Waiter(BooleanSupplier condition, Runnable answer) {
            this.condition = condition;
            this.answer = answer;
        }

        void answer() {
            if (answered.compareAndSet(false, true)) {
                waiting.remove(this);
                answer.run();
            }
        }
    }

    private final String name;
    private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();

    /**
     * @param name of the threads that answer
     */
    public WaitingRequests(String name) {
        this.name = name;
    }

    /**
     * Answers when the condition holds, at the latest when the client has waited long enough; once,
     * and maybe at once.
     */
    public void whenReady(BooleanSupplier condition, long patienceMs, Runnable answer) {
        if (condition.getAsBoolean() || waiting.size() >= MAX_WAITING) {
            answer.run();
            return;
        }
        Waiter waiter = new Waiter(condition, answer);
        waiting.add(waiter);
        if (condition.getAsBoolean()) {
            waiter.answer(); // it came true in between, and nobody may have seen the waiter
            return;
        }
        CompletableFuture.delayedExecutor(patienceMs, TimeUnit.MILLISECONDS)
                .execute(waiter::answer);
    }

    /** Something changed. Called by writers of media: only hands over. */
    public void changed() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Waiter> ready =
                waiting.stream().filter(waiter -> waiter.condition.getAsBoolean()).toList();
        if (!ready.isEmpty()) {
            // Not on the publisher's thread: answers render and write.
            Thread.ofVirtual().name(name).start(() -> ready.forEach(Waiter::answer));
        }
    }

    /** Nothing more will come: whoever waits is answered. */
    public void close() {
        List.copyOf(waiting).forEach(Waiter::answer);
    }
}
