package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wadi.testing.Tools;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What FFmpeg says: of its build, of its progress, and in pictures. */
class FfmpegProberTest {
    @Test
    void knowsWhatTheFfmpegAtHandCanDo() throws IOException {
        FfmpegBuild build = FfmpegProber.probe(Path.of(Tools.ffmpeg()));
        assertThat(build.encoders()).contains("libx264", "aac").doesNotContain("V", "=");
        assertThat(build.muxers()).contains("mpegts");
        assertThat(build.filters()).contains("scale", "split", "yadif");
        assertThat(build.major()).isGreaterThanOrEqualTo(4);
        assertThat(FfmpegProber.families(build)).contains("none");
    }

    @Test
    void refusesAnotherProgram() {
        assertThatThrownBy(() -> FfmpegProber.probe(Path.of("/bin/true")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no FFmpeg");
    }

    @Test
    void readsProgress() {
        Progress progress = new Progress();
        for (String line : "frame=250\nfps=24.9\nspeed=0.99x\nout_time=N/A".split("\n", -1)) {
            progress.accept(line);
        }
        progress.accept("speed=N/A");
        assertThat(progress.frames()).isEqualTo(250);
        assertThat(progress.fps()).isEqualTo(24.9);
        assertThat(progress.speed()).isEqualTo(0.99);
    }

    @Test
    void cutsJpegsWhereverTheyAreSplit() {
        byte[] two = {1, -1, -40, -1, 0, 5, -1, -39, 7, -1, -40, 9, -1, -39};
        for (int cut = 0; cut <= two.length; cut++) {
            List<byte[]> pictures = new ArrayList<>();
            JpegSplitter splitter = new JpegSplitter(100, pictures::add);
            splitter.push(ByteBuffer.wrap(two, 0, cut));
            splitter.push(ByteBuffer.wrap(two, cut, two.length - cut));
            assertThat(pictures).hasSize(2);
            assertThat(pictures.get(0)).containsExactly(-1, -40, -1, 0, 5, -1, -39);
            assertThat(pictures.get(1)).containsExactly(-1, -40, 9, -1, -39);
        }
    }

    @Test
    void keepsTheLastLinesOfAFlood() {
        StderrTail tail = new StderrTail("test");
        for (int i = 0; i < 100_000; i++) {
            tail.accept("line " + i + "\n", 0);
        }
        tail.accept(new String(new byte[] {'x', 7, '\n'}, StandardCharsets.US_ASCII), 0);
        assertThat(tail.lastAsSuffix()).isEqualTo(" (line 99997; line 99998; line 99999; x?)");
    }
}
