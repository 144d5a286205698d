package io.wadi.ffmpeg;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** What FFmpeg says of itself twice a second ({@code -progress}): lines of key=value. */
final class Progress {
    private volatile double fps;
    private volatile double speed;
    private volatile long frames;

    /** Reads to the end; called on a thread of its own. */
    void drain(InputStream stdout) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(stdout, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                accept(line);
            }
        } catch (IOException endOfChild) {
            // The stream is closed under the reader when the child is killed.
        }
    }

    void accept(String line) {
        int equals = line.indexOf('=');
        if (equals > 0) {
            String value = line.substring(equals + 1).strip();
            switch (line.substring(0, equals)) {
                case "fps" -> fps = number(value, fps);
                case "speed" -> speed = number(value.replace("x", ""), speed);
                case "frame" -> frames = (long) number(value, (double) frames);
                default -> {
                    // bit rates and sizes are counted in the rings
                }
            }
        }
    }

    private static double number(String text, double otherwise) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException notYet) {
            return otherwise; // N/A before the first picture
        }
    }

    double fps() {
        return fps;
    }

    double speed() {
        return speed;
    }

    long frames() {
        return frames;
    }
}
