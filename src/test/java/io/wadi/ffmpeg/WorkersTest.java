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
    void moreRoomServesWhoWaitsAtOnce() {
        Workers workers = new Workers(1);
        workers.ask("a");
        Workers.Turn second = workers.ask("b");
        Workers.Turn third = workers.ask("b");
        Workers.Turn fourth = workers.ask("c");

        workers.setLimit(3);

        assertThat(second.granted()).isDone();
        assertThat(fourth.granted()).as("its stream has none").isDone();
        assertThat(third.granted()).isNotDone();
        assertThat(workers.busy()).isEqualTo(3);
    }

    @Test
    void lessRoomEndsNobodyAndStartsNobody() {
        Workers workers = new Workers(3);
        Workers.Turn first = workers.ask("a");
        Workers.Turn second = workers.ask("b");
        Workers.Turn third = workers.ask("c");
        Workers.Turn waiting = workers.ask("d");

        workers.setLimit(1);

        assertThat(workers.busy()).isEqualTo(3);
        first.giveBack();
        second.giveBack();
        assertThat(waiting.granted()).isNotDone();
        third.giveBack();
        assertThat(waiting.granted()).isDone();
        assertThat(workers.busy()).isEqualTo(1);
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
