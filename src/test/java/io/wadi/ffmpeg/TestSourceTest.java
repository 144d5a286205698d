package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSourceTest {
    private static TestSource parse(String size, String videoBitrate) {
        return TestSource.parse(
                TestPattern.testsrc, size, 25, videoBitrate, TestAudio.sine, 440, "128k", 2);
    }

    @Test
    void asksForTheGopInPictures() {
        assertThat(parse("640x360", "800k").arguments())
                .containsSequence("-i", "testsrc=size=640x360:rate=25")
                .containsSequence("-g", "50")
                .containsSequence("-b:v", "800000")
                .endsWith("pipe:1");
    }

    @Test
    void leavesTheToneOut() {
        TestSource silent =
                TestSource.parse(
                        TestPattern.testsrc2, "64x64", 10, "64k", TestAudio.none, 440, "64k", 1);

        assertThat(silent.arguments()).noneMatch(argument -> argument.contains("sine"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1280",
                "1281x720",
                "14x14",
                "9999x720",
                "1280x720:rate=1",
                "1x1,drawtext"
            })
    void refusesASize(String size) {
        assertThatThrownBy(() -> parse(size, "800k"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("size=" + size)
                .hasMessageContaining("1280x720");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "1k", "-5k", "999M", "1500k -f null", "99999999999"})
    void refusesABitrate(String bitrate) {
        assertThatThrownBy(() -> parse("640x360", bitrate))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("videoBitrate=" + bitrate)
                .hasMessageContaining("1500k");
    }
}
