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
    private volatile long newestPts = Unit.NO_TIME;

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
            newestPts = unit.pts();
        }
    }

    /** Time of the picture that came last, {@link Unit#NO_TIME} before the first. */
    long newestPts() {
        return newestPts;
    }

    /** The same as FFmpeg reads it in the file, where times have 33 bits. */
    double newestSeconds() {
        return (newestPts & ((1L << 33) - 1)) / 90_000.0;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
