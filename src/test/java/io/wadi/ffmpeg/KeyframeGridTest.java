package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Two processes that start at different pictures force key frames on the same ones. */
class KeyframeGridTest {
    private static final Pattern PHASE = Pattern.compile("\\(t\\+([0-9.]+)\\)/([0-9.]+)\\)");

    @Property(tries = 500)
    void processesAgree(
            @ForAll @LongRange(min = 0, max = 200_000_000_000_000L) long origin,
            @ForAll @IntRange(min = 1, max = 200) int later,
            @ForAll @IntRange(min = 0, max = 2) int rate) {
        long step = new long[] {3600, 3003, 1500}[rate];
        double seconds = new double[] {2, 1, 3.2}[rate];
        NavigableSet<Long> first = keyFrames(origin, step, 600, seconds);
        NavigableSet<Long> second = keyFrames(origin + later * step, step, 600 - later, seconds);
        // The first picture of a process is always one.
        second.pollFirst();
        assertThat(second).isNotEmpty();
        assertThat(first.tailSet(second.first())).isEqualTo(second);
    }

    /** FFmpeg's evaluation of the expression, whose t counts from the first picture. */
    private static NavigableSet<Long> keyFrames(
            long origin, long step, int pictures, double seconds) {
        Matcher values = PHASE.matcher(new KeyframeGrid(origin).expression(seconds, 0));
        assertThat(values.find()).isTrue();
        double phase = Double.parseDouble(values.group(1));
        double interval = Double.parseDouble(values.group(2));
        TreeSet<Long> forced = new TreeSet<>();
        double previous = Double.NaN;
        for (int i = 0; i < pictures; i++) {
            double t = i * step / 90_000.0;
            if (Double.isNaN(previous)
                    || Math.floor((t + phase) / interval)
                            > Math.floor((previous + phase) / interval)) {
                forced.add(origin + i * step);
                previous = t;
            }
        }
        return forced;
    }
}
