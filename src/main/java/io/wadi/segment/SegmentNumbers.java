package io.wadi.segment;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Media sequence and discontinuity numbers that never go back, also not over a restart of the
 * process: a small file per name holds numbers that are reserved ahead. After a crash counting goes
 * on at the end of the reservation; a clean stop leaves the exact numbers. The media thread counts
 * and never waits for the disk: reservations are written on a virtual thread.
 */
public final class SegmentNumbers implements AutoCloseable {
    /** What a crash makes the numbers jump by at most: three minutes of two-second segments. */
    static final long AHEAD = 100;

    private static final Logger LOG = LoggerFactory.getLogger(SegmentNumbers.class);
    private static final Pattern FORMAT =
            Pattern.compile("segment=(\\d{1,18})\ndiscontinuity=(\\d{1,18})\n");

    /**
     * Where counting stands.
     *
     * @param segment the next segment's number
     * @param discontinuity discontinuities so far
     */
    public record State(long segment, long discontinuity) {
        public static final State ZERO = new State(0, 0);

        /** Behind both. */
        public State orLater(State other) {
            return new State(
                    Math.max(segment, other.segment), Math.max(discontinuity, other.discontinuity));
        }

        private String text() {
            return "segment=" + segment + "\ndiscontinuity=" + discontinuity + "\n";
        }
    }

    private final Path file;
    private final Object writing = new Object();
    private final boolean resumed;
    private final AtomicBoolean reserving = new AtomicBoolean();
    private boolean closed;

    private volatile long nextSegment;
    private volatile long discontinuities;
    private volatile State reserved;

    private SegmentNumbers(Path file, State start, boolean resumed) {
        this.file = file;
        this.resumed = resumed;
        this.nextSegment = start.segment();
        this.discontinuities = start.discontinuity();
        this.reserved = start;
    }

    /** Reads and reserves, for what follows nothing; blocks for the disk. */
    public static SegmentNumbers open(Path directory, String name) throws IOException {
        return open(directory, name, State.ZERO);
    }

    /**
     * Reads and reserves; blocks for the disk.
     *
     * @param directory where the file is kept, null for numbers that start at 0 every time
     * @param name of the playlist, for example {@code demo/track_1}
     * @param earliest where a playlist stands that this one follows
     */
    public static SegmentNumbers open(Path directory, String name, State earliest)
            throws IOException {
        boolean follows = !earliest.equals(State.ZERO);
        if (directory == null) {
            return new SegmentNumbers(null, earliest, follows);
        }
        Files.createDirectories(directory);
        Path file = directory.resolve(URLEncoder.encode(name, StandardCharsets.UTF_8) + ".numbers");
        State stored = read(file);
        SegmentNumbers numbers =
                new SegmentNumbers(
                        file,
                        stored == null ? earliest : stored.orLater(earliest),
                        follows || stored != null);
        numbers.write(numbers.ahead(), true);
        return numbers;
    }

    private static State read(Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException firstTime) {
            return null;
        }
        Matcher matcher = FORMAT.matcher(text);
        if (!matcher.matches()) {
            throw new IOException(
                    file
                            + " holds no segment numbers, expected the lines segment=N and"
                            + " discontinuity=N; delete it to start at 0");
        }
        return new State(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    /** Whether these numbers go on where another run of the process or another route stopped. */
    public boolean isResumed() {
        return resumed;
    }

    /** Where counting stands now. */
    public State state() {
        return new State(nextSegment, discontinuities);
    }

    /** The number of the next segment. Called by one thread, which must not be blocked. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread counts
    public long next(boolean discontinuity) {
        long number = nextSegment++;
        if (discontinuity) {
            discontinuities++;
        }
        if (file != null && isReservationShort() && reserving.compareAndSet(false, true)) {
            Thread.ofVirtual().name("segment-numbers").start(this::reserve);
        }
        return number;
    }

    private boolean isReservationShort() {
        State held = reserved;
        return held.segment() - nextSegment <= AHEAD / 2
                || held.discontinuity() - discontinuities <= AHEAD / 2;
    }

    private void reserve() {
        synchronized (writing) {
            try {
                if (!closed) {
                    write(ahead(), true);
                }
            } catch (IOException e) {
                LOG.warn("Segment numbers could not be reserved in {}", file, e);
            } finally {
                reserving.set(false);
            }
        }
    }

    private State ahead() {
        return new State(nextSegment + AHEAD, discontinuities + AHEAD);
    }

    private void write(State state, boolean durable) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer text = ByteBuffer.wrap(state.text().getBytes(StandardCharsets.UTF_8));
            while (text.hasRemaining()) {
                out.write(text);
            }
            if (durable) {
                out.force(true);
            }
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        reserved = state;
    }

    /** Stores the exact numbers; blocks for the disk. Nobody counts any more. */
    @Override
    public void close() {
        synchronized (writing) {
            if (closed) {
                return;
            }
            closed = true;
            if (file != null) {
                try {
                    // Not forced: should the power fail now, the reservation still stands.
                    write(state(), false);
                } catch (IOException e) {
                    LOG.warn("Segment numbers could not be stored in {}", file, e);
                }
            }
        }
    }
}
