package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wadi.codec.TrackFormat;
import io.wadi.ring.TrackProbe;
import io.wadi.ring.Unit;
import io.wadi.ring.UnitSink;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Units that are made of what FFmpeg sends. */
class Mp4IntakeTest {
    /** Key pictures of the samples are so far apart; the first has this time. */
    private static final int KEY_TICKS = 5 * 3600;

    private static final long FIRST_TICKS = 900_000;

    private static final class Units implements UnitSink {
        final TrackProbe probe = new TrackProbe();
        final List<Long> pictures = new ArrayList<>();
        final List<Long> keys = new ArrayList<>();
        int sounds;

        @Override
        public void onUnit(Unit unit) {
            probe.onUnit(unit);
            assertThat(unit.isAccessUnit()).isTrue();
            assertThat(unit.length() % 188).isZero();
            if (!unit.isVideo()) {
                sounds++;
                return;
            }
            pictures.add(unit.pts());
            assertThat(unit.dts()).isLessThanOrEqualTo(unit.pts());
            if (unit.isRandomAccess()) {
                keys.add(unit.pts());
            }
        }
    }

    private static byte[] sample(String name) throws IOException {
        try (InputStream in = Mp4IntakeTest.class.getResourceAsStream("/fmp4/" + name)) {
            return in.readAllBytes();
        }
    }

    private static Units take(byte[] bytes, int piece) throws IOException {
        Units units = new Units();
        try (Mp4Intake intake = new Mp4Intake("test", units)) {
            for (int from = 0; from < bytes.length; from += piece) {
                int length = Math.min(piece, bytes.length - from);
                intake.begin(length).writeBytes(bytes, from, length);
                intake.end(from);
            }
        }
        return units;
    }

    @ParameterizedTest
    @CsvSource({"av1-opus.mp4, AV1, OPUS", "vp9-aac.mp4, VP9, AAC", "h264-mp3.mp4, H264, MP3"})
    void makesUnitsOfSamples(String name, String video, String audio) throws IOException {
        for (int piece : new int[] {1, 188, 1 << 20}) {
            Units units = take(sample(name), piece);
            assertThat(units.probe.tracks())
                    .map(TrackFormat::codec)
                    .map(Enum::name)
                    .containsExactly(video, audio);
            List<Long> times = units.pictures.stream().sorted().toList();
            assertThat(times).hasSizeGreaterThanOrEqualTo(10);
            for (int i = 0; i < times.size(); i++) {
                assertThat(times.get(i)).isEqualTo(FIRST_TICKS + i * 3600L);
            }
            assertThat(units.keys)
                    .startsWith(FIRST_TICKS, FIRST_TICKS + KEY_TICKS)
                    .allSatisfy(t -> assertThat((t - FIRST_TICKS) % KEY_TICKS).isZero());
            assertThat(units.sounds).isGreaterThan(10);
        }
    }

    @Test
    void whatIsNoMp4EndsTheConnection() throws IOException {
        byte[] damaged = sample("vp9-aac.mp4");
        damaged[3] = 2; // the size of the first box
        assertThatThrownBy(() -> take(damaged, 100))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void aTrackThatIsNotKnownIsLeftOut() throws IOException {
        byte[] bytes = sample("vp9-aac.mp4");
        // The sample entry of the sound; the picture goes on alone.
        String latin = new String(bytes, StandardCharsets.ISO_8859_1);
        bytes[latin.indexOf("mp4a") + 3] = 'x';
        Units units = take(bytes, 1000);
        assertThat(units.probe.tracks()).hasSize(1);
        assertThat(units.pictures).hasSizeGreaterThanOrEqualTo(10);
        assertThat(units.sounds).isZero();
    }
}
