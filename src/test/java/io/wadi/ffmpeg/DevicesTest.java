package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.wadi.ffmpeg.Devices.Kind;
import io.wadi.ffmpeg.Devices.Load;
import io.wadi.ffmpeg.Devices.Place;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

class DevicesTest {
    private static final OptionalInt ANY = OptionalInt.empty();
    private static final long HD = 1280L * 720 * 25;

    private final Devices three =
            new Devices(kind -> kind == Kind.CUDA ? List.of(2, 0, 1) : List.of());

    private Place take(long pixels) {
        return three.take(Kind.CUDA, ANY, Set.of(), 1, pixels);
    }

    @Test
    void leastLoadedIsTakenAndOfEqualOnesTheFirst() {
        assertThat(take(4 * HD).device()).isZero();
        assertThat(take(HD).device()).isEqualTo(1);
        Place last = take(3 * HD);
        assertThat(last.device()).isEqualTo(2);
        assertThat(take(HD).device()).isEqualTo(1);
        assertThat(take(3 * HD).device()).isEqualTo(1); // 2 against 3 and 4
        last.close();
        assertThat(take(HD).device()).isEqualTo(2);
    }

    @Test
    void placeIsFreeOnceWhenItsProcessHasEnded() {
        Place first = take(HD);
        Place second = three.take(Kind.CUDA, OptionalInt.of(0), Set.of(), 2, HD);
        first.close();
        first.close();
        assertThat(three.loads())
                .containsExactly(
                        new Load(Kind.CUDA, 0, 2, HD),
                        new Load(Kind.CUDA, 1, 0, 0),
                        new Load(Kind.CUDA, 2, 0, 0));
        second.close();
        assertThat(three.loads()).allMatch(load -> load.encoders() == 0);
    }

    @Test
    void whatADocumentNamesIsTakenAndCounts() {
        assertThat(three.take(Kind.CUDA, OptionalInt.of(0), Set.of(), 1, HD).device()).isZero();
        assertThat(three.take(Kind.CUDA, OptionalInt.of(7), Set.of(), 1, HD).device()).isEqualTo(7);
        assertThat(take(HD).device()).isEqualTo(1);
        assertThat(three.loads()).contains(new Load(Kind.CUDA, 7, 1, HD));
    }

    @Test
    void unfitCardsAreLeftOutWhileThereIsAnother() {
        assertThat(three.take(Kind.CUDA, ANY, Set.of(0, 1), 1, HD).device()).isEqualTo(2);
        assertThat(three.take(Kind.CUDA, ANY, Set.of(0, 1, 2), 1, HD).device()).isZero();
    }

    @Test
    void aCardThatDoesNotStartIsPassedOver() {
        Ladder ladder = LadderReader.read("{\"global\":{\"hw\":\"nvenc\"}}");
        Encoder nvenc = new Encoder("h264_nvenc", HardwareFamily.NVENC, VideoCodec.H264);
        Encoder software = new Encoder("libx264", HardwareFamily.SOFTWARE, VideoCodec.H264);
        Optional<SourceTracks.Video> source =
                Optional.of(new SourceTracks.Video(1, "h264", 1280, 720, true, 25));
        CardChoice cards = new CardChoice(three, ladder.device(), ladder.hardware());
        for (int card = 0; card < 3; card++) {
            try (Place place = cards.take(ladder.rungs(), List.of(nvenc), source).orElseThrow()) {
                assertThat(place.device()).isEqualTo(card);
                assertThat(cards.card()).hasValue(card);
                assertThat(three.loads()).contains(new Load(Kind.CUDA, card, 1, HD));
            }
            assertThat(cards.passOver()).isEqualTo(card < 2);
        }
        assertThat(cards.take(ladder.rungs(), List.of(software), source)).isEmpty();
        assertThat(cards.card()).isEmpty();
        assertThat(cards.passOver()).isFalse();
        CardChoice named = new CardChoice(three, OptionalInt.of(1), HardwareFamily.NVENC);
        named.take(ladder.rungs(), List.of(nvenc), source).orElseThrow().close();
        assertThat(named.passOver()).isFalse();
    }

    @Test
    void kindsAreCountedApartAndNoneIsTheFirst() {
        assertThat(three.take(Kind.RENDER_NODE, ANY, Set.of(), 1, HD).device()).isZero();
        assertThat(take(HD).device()).isZero();
        assertThat(Devices.kindOf(HardwareFamily.VAAPI))
                .isEqualTo(Devices.kindOf(HardwareFamily.QSV));
        assertThat(Devices.kindOf(HardwareFamily.SOFTWARE)).isEmpty();
    }

    @Test
    void rungsWeighWhatTheyShow() {
        SourceTracks.Video source = new SourceTracks.Video(1, "h264", 1920, 1080, true, 50);
        Ladder ladder =
                LadderReader.read(
                        """
                        {"video":{"profiles":[{},{"height":720},{"height":720,"framerate":25}]}}
                        """);
        assertThat(ladder.device()).isEmpty();
        assertThat(ladder.rungs().stream().map(r -> LadderNeed.pixelsPerSecond(r, source)))
                .containsExactly(1920L * 1080 * 50, 1280L * 720 * 50, HD);
    }

    @ParameterizedTest
    @CsvSource({
        "{'global':{}}, -1",
        "{'global':{'deviceid':null}}, -1",
        "{'global':{'deviceid':0}}, 0",
        "{'global':{'deviceid':3}}, 3"
    })
    void zeroIsACard(String json, int expected) {
        String text = json.replace('\'', '"');
        assertThat(LadderReader.read(text).device().orElse(-1)).isEqualTo(expected);
    }

    @TempDir private Path dev;

    @ParameterizedTest
    @CsvSource({
        "'', 3", // not set
        "0, 1",
        "'2,0', 2",
        "'0,9,1', 1", // CUDA stops at the first that is none
        "-1, 0",
        "'GPU-8a2f,MIG-77', 2",
        "none, 0"
    })
    void cudaCountsWhatItSees(String visible, int expected) throws IOException {
        for (String name :
                List.of("nvidia0", "nvidia1", "nvidia5", "nvidiactl", "nvidia-uvm", "null")) {
            Files.createFile(dev.resolve(name));
        }
        Optional<String> variable = Optional.of(visible).filter(text -> !text.isEmpty());
        assertThat(new DeviceFiles(dev, variable).devices(Kind.CUDA))
                .containsExactlyElementsOf(
                        java.util.stream.IntStream.range(0, expected).boxed().toList());
    }

    @Test
    void renderNodesAreCountedFromTheFirst() throws IOException {
        DeviceFiles files = new DeviceFiles(dev, Optional.empty());
        assertThat(files.devices(Kind.RENDER_NODE)).isEmpty();
        Files.createDirectory(dev.resolve("dri"));
        for (String name : List.of("card0", "renderD128", "renderD130", "by-path")) {
            Files.createFile(dev.resolve("dri").resolve(name));
        }
        assertThat(files.devices(Kind.RENDER_NODE)).containsExactlyInAnyOrder(0, 2);
    }
}
