package io.wadi.ffmpeg;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/**
 * Reads what FFmpeg complains about, so that it never blocks on a full pipe: keeps the last lines,
 * and logs at most one a second with the number of those in between.
 */
final class StderrTail {
    private static final Logger LOG = LoggerFactory.getLogger(StderrTail.class);
    private static final long LOG_INTERVAL_NANOS = 1_000_000_000;

    /** A line longer than this is cut: FFmpeg prints user data in some of them. */
    private static final int MAX_LINE = 500;

    /** What went wrong is said first, and what came of it after that. */
    private static final int KEPT = 4;

    private final String name;
    private final StringBuilder line = new StringBuilder();
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private boolean logged;
    private long loggedNanos;
    private int passedOver;

    StderrTail(String name) {
        this.name = name;
    }

    /** Reads to the end; called on a thread of its own. */
    void drain(InputStream stderr) {
        byte[] bytes = new byte[1024];
        try (stderr) {
            for (int count = stderr.read(bytes); count >= 0; count = stderr.read(bytes)) {
                accept(new String(bytes, 0, count, StandardCharsets.ISO_8859_1), System.nanoTime());
            }
        } catch (IOException endOfChild) {
            // The stream is closed under the reader when the child is killed.
        }
        accept("\n", System.nanoTime());
    }

    void accept(String text, long nowNanos) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n' || c == '\r') {
                endLine(nowNanos);
            } else if (line.length() < MAX_LINE) {
                line.append(c < ' ' || c > '~' ? '?' : c);
            }
        }
    }

    private void endLine(long nowNanos) {
        String text = line.toString().strip();
        line.setLength(0);
        if (text.isEmpty()) {
            return;
        }
        keep(text);
        if (logged && nowNanos - loggedNanos < LOG_INTERVAL_NANOS) {
            passedOver++;
            return;
        }
        LOG.debug("{}: {} ({} lines before it not shown)", name, text, passedOver);
        logged = true;
        loggedNanos = nowNanos;
        passedOver = 0;
    }

    private void keep(String text) {
        synchronized (last) {
            if (text.equals(last.peekLast())) {
                return;
            }
            last.add(text);
            if (last.size() > KEPT) {
                last.remove();
            }
        }
    }

    /** The last lines for the end of a message, or nothing when there were none. */
    String lastAsSuffix() {
        synchronized (last) {
            return last.isEmpty() ? "" : " (" + String.join("; ", last) + ")";
        }
    }
}
