package io.wadi.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes everything of a rendition to a file. */
final class Recording implements UnitSink, AutoCloseable {
    final Path file;
    private final OutputStream out;
    private long firstPts = Unit.NO_TIME;
    private volatile long newestPts = Unit.NO_TIME;
    private volatile double seconds;

    Recording(Path file) throws IOException {
        this.file = file;
        this.out = Files.newOutputStream(file);
    }

    @Override
    public void onUnit(Unit unit) {
        ByteBuf bytes = unit.retainedSlice();
        try {
            bytes.readBytes(out, bytes.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            bytes.release();
        }
        if (unit.isVideo() && unit.pts() != Unit.NO_TIME) {
            firstPts = firstPts == Unit.NO_TIME ? unit.pts() : firstPts;
            newestPts = unit.pts();
            seconds = (newestPts - firstPts) / 90_000.0;
        }
    }

    /** From the first to the last picture that came. */
    double seconds() {
        return seconds;
    }

    /** Time of the picture that came last, as FFmpeg reads it in the file: with 33 bits. */
    double newestSeconds() {
        return (newestPts & ((1L << 33) - 1)) / 90_000.0;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
