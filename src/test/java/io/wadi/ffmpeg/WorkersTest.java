package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkersTest {
    @Test
    void servesTheStreamThatHasLeast() {
        Workers workers = new Workers(2);
        Workers.Turn large1 = workers.ask("large");
        Workers.Turn large2 = workers.ask("large");
        Workers.Turn large3 = workers.ask("large");
        Workers.Turn small = workers.ask("small");
        assertThat(large1.granted()).isDone();
        assertThat(large2.granted()).isDone();
        assertThat(large3.granted()).isNotDone();
        assertThat(small.granted()).isNotDone();

        large1.giveBack();
        assertThat(small.granted()).isDone();
        assertThat(large3.granted()).isNotDone();
        assertThat(workers.busy()).isEqualTo(2);

        small.giveBack();
        assertThat(large3.granted()).isDone();
    }

    @Test
    void whoLeavesTheQueueTakesNothingAlong() {
        Workers workers = new Workers(1);
        Workers.Turn running = workers.ask("a");
        Workers.Turn impatient = workers.ask("b");
        Workers.Turn next = workers.ask("c");
        impatient.giveBack();
        running.giveBack();
        assertThat(impatient.granted()).isNotDone();
        assertThat(next.granted()).isDone();
        next.giveBack();
        assertThat(workers.busy()).isZero();
    }
}
