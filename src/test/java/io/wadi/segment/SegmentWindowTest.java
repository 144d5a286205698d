package io.wadi.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class SegmentWindowTest {
    private static final int WINDOW = 3;
    private static final int HISTORY = 2;

    private final List<ByteBuf> made = new ArrayList<>();

    private Segment segment(long number, boolean discontinuity) {
        ByteBuf bytes = Unpooled.buffer().writeLong(number);
        made.add(bytes);
        return new Segment(number, number * 90_000, 90_000, discontinuity, Instant.EPOCH, bytes);
    }

    private SegmentWindow filled(long discontinuities) {
        SegmentWindow window = new SegmentWindow(WINDOW, HISTORY, discontinuities);
        for (long number = 10; number < 16; number++) {
            window.add(segment(number, number == 14));
        }
        return window;
    }

    private static List<Long> numbers(List<Segment> segments) {
        return segments.stream().map(Segment::number).toList();
    }

    @Test
    void listsTheNewestAndHoldsAFewMore() {
        try (SegmentWindow window = filled(7)) {
            assertThat(numbers(window.snapshot().listed())).containsExactly(13L, 14L, 15L);
            assertThat(numbers(window.snapshot().held())).containsExactly(11L, 12L, 13L, 14L, 15L);
            assertThat(window.snapshot().discontinuitySequence()).isEqualTo(7);
            assertThat(window.snapshot().own()).isEqualTo(window.snapshot().listed());
            assertThat(window.retain(10)).isEmpty();
        }
        assertThat(made).allMatch(bytes -> bytes.refCnt() == 0);
    }

    /** A playlist that follows another shows where players are, and counts on. */
    @Test
    void goesOnFromAnother() {
        SegmentWindow former = filled(7);
        SegmentWindow window = new SegmentWindow(WINDOW, HISTORY, 0);
        window.inherit(former.snapshot());
        former.close();

        assertThat(numbers(window.snapshot().listed())).containsExactly(13L, 14L, 15L);
        assertThat(window.snapshot().discontinuitySequence()).isEqualTo(7);
        assertThat(window.snapshot().own()).isEmpty();

        window.add(segment(16, true));
        assertThat(numbers(window.snapshot().listed())).containsExactly(14L, 15L, 16L);
        assertThat(numbers(window.snapshot().own())).containsExactly(16L);
        window.add(segment(17, false));
        assertThat(window.snapshot().discontinuitySequence()).isEqualTo(8);
        ByteBuf inherited = window.retain(13).orElseThrow();
        assertThat(inherited.getLong(0)).isEqualTo(13);
        inherited.release();

        window.close();
        assertThat(made).allMatch(bytes -> bytes.refCnt() == 0);
    }

    /** What fell out of the other window meanwhile is not listed, nor what lies before it. */
    @Test
    void inheritsWhatIsStillThere() {
        SegmentWindow former = filled(7);
        SegmentWindow.Snapshot old = former.snapshot();
        for (long number = 16; number < 20; number++) {
            former.add(segment(number, false));
        }
        SegmentWindow window = new SegmentWindow(WINDOW, HISTORY, 0);
        window.inherit(old);
        assertThat(numbers(window.snapshot().listed())).containsExactly(15L);
        assertThat(window.snapshot().discontinuitySequence()).isEqualTo(8);
        former.close();
        window.close();
        assertThat(made).allMatch(bytes -> bytes.refCnt() == 0);
    }

    @Test
    void forgetsWhatItInherited() {
        SegmentWindow former = filled(0);
        SegmentWindow window = new SegmentWindow(WINDOW, HISTORY, 0);
        window.inherit(former.snapshot());
        window.forget();
        assertThat(window.snapshot().listed()).isEmpty();
        assertThat(window.snapshot().discontinuitySequence()).isEqualTo(1);
        former.close();
        assertThat(made).allMatch(bytes -> bytes.refCnt() == 0);
    }
}
