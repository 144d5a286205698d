package io.wadi.ffmpeg;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Cuts a run of JPEG pictures at their SOI and EOI markers (ITU-T T.81 §B.1.1.3). FFmpeg's JPEGs
 * hold no other pictures, and entropy-coded data has no marker but RST.
 */
final class JpegSplitter {
    private static final int MARKER = 0xFF;
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;

    private final int limit;
    private final Consumer<byte[]> output;
    private final ByteArrayOutputStream picture = new ByteArrayOutputStream();
    private boolean inside;
    private int last;

    JpegSplitter(int limit, Consumer<byte[]> output) {
        this.limit = limit;
        this.output = output;
    }

    void push(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int value = bytes.get() & 0xFF;
            boolean marker = last == MARKER;
            last = value;
            if (marker && value == SOI && !inside) {
                picture.reset();
                picture.write(MARKER);
                inside = true;
            }
            if (!inside) {
                continue;
            }
            picture.write(value);
            if (picture.size() > limit) {
                inside = false;
            } else if (marker && value == EOI) {
                inside = false;
                output.accept(picture.toByteArray());
            }
        }
    }
}
