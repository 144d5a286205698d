package io.wadi.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

class SegmentNumbersTest {
    @TempDir Path folder;

    @Test
    void startsAtZeroAndGoesOnAfterACleanStop() throws IOException {
        try (SegmentNumbers numbers = SegmentNumbers.open(folder, "demo")) {
            assertThat(numbers.isResumed()).isFalse();
            assertThat(numbers.next(false)).isZero();
            assertThat(numbers.next(true)).isEqualTo(1);
        }
        try (SegmentNumbers numbers = SegmentNumbers.open(folder, "demo")) {
            assertThat(numbers.isResumed()).isTrue();
            assertThat(numbers.state().discontinuity()).isEqualTo(1);
            assertThat(numbers.next(true)).isEqualTo(2);
        }
    }

    /** Of two that were followed, and of what was stored, the highest counts. */
    @Test
    void goesOnBehindWhatItFollows() throws IOException {
        SegmentNumbers.State first = new SegmentNumbers.State(12, 3);
        SegmentNumbers.State second = new SegmentNumbers.State(11, 4);
        for (Path directory : new Path[] {folder, null}) {
            try (SegmentNumbers numbers =
                    SegmentNumbers.open(directory, "demo", first.orLater(second))) {
                assertThat(numbers.isResumed()).isTrue();
                assertThat(numbers.state()).isEqualTo(new SegmentNumbers.State(12, 4));
                assertThat(numbers.next(true)).isEqualTo(12);
            }
        }
        try (SegmentNumbers numbers = SegmentNumbers.open(folder, "demo", second)) {
            assertThat(numbers.state()).isEqualTo(new SegmentNumbers.State(13, 5));
        }
    }

    @Test
    void keepsNamesApart() throws IOException {
        try (SegmentNumbers one = SegmentNumbers.open(folder, "demo");
                SegmentNumbers other = SegmentNumbers.open(folder, "demo/track_1")) {
            one.next(false);
            assertThat(other.next(false)).isZero();
        }
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void neverLeavesItsFolder() throws IOException {
        SegmentNumbers.open(folder.resolve("in"), "../../out").close();
        assertThat(folder.getParent().resolve("out.numbers")).doesNotExist();
    }

    @Test
    void keepsNothingWithoutAFolder() throws IOException {
        try (SegmentNumbers numbers = SegmentNumbers.open(null, "demo")) {
            for (int i = 0; i < 1000; i++) {
                assertThat(numbers.next(true)).isEqualTo(i);
            }
        }
    }

    /** What a killed process leaves is its file, as it is while numbers are still being given. */
    @Test
    void neverGoesBackAfterACrash() throws IOException {
        Random random = new Random(7);
        long newest = -1;
        long newestDiscontinuity = 0;
        for (int run = 0; run < 30; run++) {
            Path crashed = folder.resolve("run" + run);
            SegmentNumbers numbers = SegmentNumbers.open(crashed, "demo");
            assertThat(numbers.state().discontinuity()).isGreaterThanOrEqualTo(newestDiscontinuity);
            int count = random.nextInt((int) SegmentNumbers.AHEAD + 1);
            for (int i = 0; i < count; i++) {
                long number = numbers.next(random.nextInt(4) == 0);
                assertThat(number).isGreaterThan(newest);
                newest = number;
            }
            newestDiscontinuity = numbers.state().discontinuity();
            Path next = Files.createDirectories(folder.resolve("run" + (run + 1)));
            Files.copy(crashed.resolve("demo.numbers"), next.resolve("demo.numbers"));
            numbers.close();
        }
    }

    @Test
    void ignoresAFileThatWasNotRenamed() throws IOException {
        SegmentNumbers.open(folder, "demo").close();
        Files.writeString(folder.resolve("demo.numbers.new"), "segm");
        try (SegmentNumbers numbers = SegmentNumbers.open(folder, "demo")) {
            assertThat(numbers.next(false)).isZero();
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        Files.writeString(folder.resolve("demo.numbers"), "segment=-1\n");
        assertThatThrownBy(() -> SegmentNumbers.open(folder, "demo"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("demo.numbers")
                .hasMessageContaining("expected the lines");
    }
}
