package io.wadi.flv;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class FlvPlayoutTest {
    private final List<String> told = new ArrayList<>();
    private boolean full;
    private final FlvPlayout playout = new FlvPlayout(this::onTag);

    private boolean onTag(int type, long timestampMs, boolean join, FlvHeaders news, ByteBuf body) {
        if (full) {
            return false;
        }
        if (join) {
            playout.mark(timestampMs);
        }
        told.add((join ? "join " : "") + text(news) + text(body));
        return true;
    }

    private static String text(ByteBuf body) {
        return body.toString(US_ASCII);
    }

    private static String text(FlvHeaders headers) {
        return text(headers.metadata()) + text(headers.video()) + text(headers.audio());
    }

    private static ByteBuf body(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    private void picture(long ms, boolean key) {
        playout.onTag(FlvTags.VIDEO, ms, key, body("p" + ms));
    }

    private void sound(long ms) {
        playout.onTag(FlvTags.AUDIO, ms, false, body("s" + ms));
    }

    private void header(int type, String text) {
        playout.onMetadata(body("M" + text));
        playout.onSequenceHeader(type, body(text));
    }

    private String at(long ms) {
        return text(playout.at(ms));
    }

    @Test
    void headersComeOnceInFrontOrInBand() {
        header(FlvTags.VIDEO, "V");
        picture(0, true);
        header(FlvTags.AUDIO, "A");
        sound(0);
        sound(20);
        picture(1000, true);
        assertThat(told).containsExactly("join p0", "MAAs0", "s20", "join p1000");
        assertThat(at(0)).as("asked for when the rest is known already").isEqualTo("MVV");
        assertThat(at(1000)).isEqualTo("MAVA");
    }

    @Test
    void newHeaderOfAKeyFrameIsInBandForThoseWhoJoinThere() {
        header(FlvTags.VIDEO, "V");
        picture(0, true);
        header(FlvTags.VIDEO, "W");
        picture(1000, true);
        picture(2000, true);
        assertThat(told).containsExactly("join p0", "join MWWp1000", "join p2000");
        assertThat(at(1000)).isEqualTo("MVV");
        assertThat(at(2000)).isEqualTo("MWW");
        assertThat(at(3000)).isEqualTo("MWW");
    }

    @Test
    void soundAloneCanBeJoinedAnywhereUntilThereIsAPicture() {
        header(FlvTags.AUDIO, "A");
        sound(0);
        sound(20);
        header(FlvTags.VIDEO, "V");
        picture(40, true);
        sound(40);
        assertThat(told).containsExactly("join s0", "join s20", "join MVVp40", "s40");
    }

    @Test
    void newsWaitForATagThatIsNotDropped() {
        header(FlvTags.VIDEO, "V");
        picture(0, true);
        header(FlvTags.VIDEO, "W");
        full = true;
        picture(1000, true);
        full = false;
        picture(1040, false);
        picture(2000, true);
        assertThat(told).containsExactly("join p0", "MWWp1040", "join p2000");
        assertThat(at(2000)).isEqualTo("MWW");
    }

    @Test
    void repeatedHeaderIsNoNews() {
        header(FlvTags.VIDEO, "V");
        picture(0, true);
        header(FlvTags.VIDEO, "V");
        picture(1000, true);
        assertThat(told).containsExactly("join p0", "join p1000");
    }

    @Test
    void keepsNoMoreThanTheNewestMarks() {
        for (int i = 0; i < 100; i++) {
            header(FlvTags.VIDEO, "V" + i);
            picture(1000L * i, true);
        }
        assertThat(at(99_000)).isEqualTo("MV98V98");
        assertThat(at(0)).as("too old to be joined").isEqualTo("MV91V91");
    }
}
