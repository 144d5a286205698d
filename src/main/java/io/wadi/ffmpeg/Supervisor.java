package io.wadi.ffmpeg;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps one FFmpeg running until it is stopped: starts it again with a growing delay when it ends.
 * The child never outlives the server: {@link #stop} ends it, and when the server is killed its
 * pipe closes, on which FFmpeg ends by itself.
 */
final class Supervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Supervisor.class);

    private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

    /** A life as long as this was not a failed start: the next delay is the first again. */
    private static final Duration HEALTHY = Duration.ofSeconds(30);

    /** Given to FFmpeg to end by itself before it is killed. */
    private static final Duration POLITE = Duration.ofSeconds(1);

    /**
     * How fast it is to act.
     *
     * @param silent a child that sends nothing for so long hangs: it makes pictures all the time
     * @param look between two looks whether it does
     * @param firstDelay before a child is started again that has ended for the first time
     */
    record Pace(Duration silent, Duration look, Duration firstDelay) {
        static final Pace USUAL =
                new Pace(Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(2));
    }

    /** What is done with the child's output until it ends, on a thread of its own. */
    @FunctionalInterface
    interface Output {
        void read(InputStream output) throws IOException;
    }

    private final String name;
    private final FfmpegBinary binary;
    private final Source source;
    private final Output output;
    private final Consumer<String> failed;
    private final Pace pace;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private Process child;
    private boolean closing;

    /**
     * @param name of the route, for the log
     * @param failed is told why the program ended, each time before it is started again
     */
    Supervisor(
            String name,
            FfmpegBinary binary,
            Source source,
            Output output,
            Consumer<String> failed,
            Pace pace) {
        this.name = name;
        this.binary = binary;
        this.source = source;
        this.output = output;
        this.failed = failed;
        this.pace = pace;
        // Not virtual: a read of a child's pipe holds the thread that carries a virtual one.
        this.thread =
                Thread.ofPlatform().daemon().name("ffmpeg-" + name).unstarted(this::supervise);
    }

    void start() {
        thread.start();
    }

    private void supervise() {
        Duration delay = pace.firstDelay();
        try {
            while (true) {
                long startedNanos = System.nanoTime();
                String problem = live();
                if (closed.getCount() == 0) {
                    return;
                }
                if (System.nanoTime() - startedNanos >= HEALTHY.toNanos()) {
                    delay = pace.firstDelay();
                }
                LOG.warn("{}: {}; next try in {} s", name, problem, delay.toSeconds());
                failed.accept(problem);
                if (closed.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                Duration doubled = delay.multipliedBy(2);
                delay = doubled.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : doubled;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One life of the child; says why it ended. */
    private String live() throws InterruptedException {
        List<String> command = new ArrayList<>();
        StderrTail messages = new StderrTail(name);
        try {
            command.add(binary.find().toString());
            command.addAll(source.arguments());
            Process process = launch(command);
            if (process == null) {
                return "closed";
            }
            Thread stderr =
                    Thread.ofPlatform()
                            .daemon()
                            .name("ffmpeg-stderr-" + name)
                            .start(() -> messages.drain(process.getErrorStream()));
            Heard heard = new Heard(process.getInputStream());
            Thread.ofVirtual()
                    .name("ffmpeg-silence-" + name)
                    .start(() -> killWhenSilent(process, heard));
            try {
                output.read(heard);
                // At the end of its output it is about to end, and may yet say why.
                process.waitFor(POLITE.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                end(process);
                stderr.join();
            }
            if (heard.silent) {
                return "FFmpeg hangs: it sent nothing for "
                        + pace.silent().toSeconds()
                        + " s"
                        + messages.lastAsSuffix();
            }
            return "FFmpeg ended with exit code " + process.exitValue() + messages.lastAsSuffix();
        } catch (IOException e) {
            return e.getMessage() + messages.lastAsSuffix();
        } catch (RuntimeException e) {
            LOG.error("{}: what FFmpeg sent could not be handled", name, e);
            return "failed";
        }
    }

    private void killWhenSilent(Process process, Heard heard) {
        try {
            while (!process.waitFor(pace.look().toMillis(), TimeUnit.MILLISECONDS)) {
                if (System.nanoTime() - heard.lastNanos > pace.silent().toNanos()) {
                    heard.silent = true;
                    process.toHandle().destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the child sends, and when it last did. */
    private static final class Heard extends FilterInputStream {
        private volatile long lastNanos = System.nanoTime();
        private volatile boolean silent;

        Heard(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            lastNanos = System.nanoTime();
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            lastNanos = System.nanoTime();
            return read;
        }
    }

    private synchronized Process launch(List<String> command) throws IOException {
        if (closing) {
            return null;
        }
        child = new ProcessBuilder(command).start();
        return child;
    }

    /** By its handle: the process itself would close its messages before they were read. */
    private static void end(Process process) throws InterruptedException {
        ProcessHandle handle = process.toHandle();
        handle.destroy();
        if (!process.waitFor(POLITE.toMillis(), TimeUnit.MILLISECONDS)) {
            handle.destroyForcibly();
            process.waitFor();
        }
    }

    /** Ends the child and waits until nothing is read any more. */
    void stop() throws InterruptedException {
        closed.countDown();
        synchronized (this) {
            closing = true;
            if (child != null) {
                child.destroy();
            }
        }
        thread.join(POLITE);
        synchronized (this) {
            if (child != null) {
                child.destroyForcibly();
            }
        }
        thread.join();
    }
}
