package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ring.RenditionOffer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Optional;

class OffersTest {
    private static RenditionOffer offer(String profile, String audio, SourceTracks source) {
        Ladder ladder =
                LadderReader.read(
                        "{\"video\":{\"profiles\":[{%s}]},\"audio\":{%s}}"
                                .formatted(profile.replace('\'', '"'), audio.replace('\'', '"')));
        return Offers.of(ladder.rungs().getFirst(), ladder.audio(), source);
    }

    private static SourceTracks source(int width, int height, double fps, Integer... sound) {
        return new SourceTracks(
                Optional.of(new SourceTracks.Video(256, "H264", width, height, true, fps)),
                List.of(sound));
    }

    /** As libx264, libx265, SVT-AV1 and libvpx announce themselves for these sizes. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "'width':1280|'height':720, avc1.64001F",
                "'width':1920|'height':1080, avc1.640028",
                "'width':640|'height':360|'preset':'ultrafast', avc1.42C01E",
                "'width':320|'height':180|'preset':'ultrafast', avc1.42C00C",
                "'width':640|'height':360|'profile':'main'|'level':'4.1', avc1.4D4029",
                "'width':1280|'height':720|'codec':'h265', hvc1.1.6.L93.90",
                "'width':1280|'height':720|'codec':'av1', av01.0.05M.08",
                "'width':1920|'height':1080|'codec':'libaom-av1'|'profile':'main10', av01.0.08M.10",
                "'width':640|'height':360|'codec':'av1_nvenc'|'level':'5.1', av01.0.13M.08",
                "'width':640|'height':360|'codec':'vp9', vp09.00.30.08",
                "'width':640|'height':360|'codec':'libvpx-vp9'|'profile':'profile2', vp09.02.30.10"
            })
    void saysTheCodecBeforeItIsEncoded(String profile, String codec) {
        RenditionOffer offer =
                offer(profile.replace('|', ','), "'bitrate':96", source(1920, 1080, 25, 257));
        assertThat(offer.codecs()).containsExactly(codec, "mp4a.40.2");
        assertThat(offer.sound()).isTrue();
    }

    @Test
    void sizeAndBitsAreThoseOfTheDocument() {
        RenditionOffer offer =
                offer(
                        "'height':360,'bitrate':800,'max_bitrate':1000,'on_demand':true",
                        "'bitrate':100",
                        source(1440, 1080, 29.97, 257));
        assertThat(offer.isOnDemand()).isTrue();
        assertThat(offer.width()).isEqualTo(480);
        assertThat(offer.height()).isEqualTo(360);
        assertThat(offer.frameRate()).isEqualTo(29.97);
        assertThat(offer.averageBps()).isEqualTo(990_000);
        assertThat(offer.peakBps()).isEqualTo(1_210_000);
    }

    @Test
    void doesNotGuessWhatIsCopied() {
        SourceTracks source = source(640, 360, 25, 257);
        assertThat(offer("'width':640,'height':360", "'copy':true", source).codecs()).isEmpty();
        assertThat(offer("'codec':'copy'", "'codec':'opus'", source).codecs()).isEmpty();
    }
}
