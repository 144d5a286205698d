package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

class LadderChoiceTest {
    private static final String FULL = "{\"width\":1920,\"height\":1080,\"bitrate\":5000}";
    private static final String HD = "{\"width\":1280,\"height\":720,\"bitrate\":2500}";
    private static final String SD = "{\"width\":640,\"height\":360,\"bitrate\":700}";

    private static List<Rung> rungs(String... profiles) {
        return LadderReader.read("{\"video\":{\"profiles\":[" + String.join(",", profiles) + "]}}")
                .rungs();
    }

    private static Optional<SourceTracks.Video> source(int width, int height) {
        return Optional.of(new SourceTracks.Video(256, "H264", width, height, true, 25));
    }

    private static LadderChoice choose(List<Rung> rungs, Optional<SourceTracks.Video> source) {
        return LadderChoice.of(rungs, rungs, false, source);
    }

    private static List<Integer> tracks(LadderChoice choice) {
        return choice.made().stream().map(Rung::track).toList();
    }

    @Test
    void leavesOutWhatIsLargerThanTheSource() {
        LadderChoice choice = choose(rungs(FULL, HD, SD), source(1280, 720));
        assertThat(tracks(choice)).containsExactly(2, 3);
        assertThat(choice.leftOut())
                .containsOnlyKeys(1)
                .containsEntry(1, "1920x1080 is larger than the source, which is 1280x720");
        assertThat(choice.standsIn()).isFalse();
    }

    @Test
    void whatIsCopiedHasTheSourcesCodec() {
        List<Rung> rungs = rungs("{\"codec\":\"copy\"}", SD);
        Optional<SourceTracks.Video> av1 =
                Optional.of(new SourceTracks.Video(256, "AV1", 1280, 720, true, 25));
        assertThat(choose(rungs, av1).made())
                .extracting(Rung::isSentAsMp4)
                .containsExactly(true, false);
        assertThat(choose(rungs, source(1280, 720)).made()).isEqualTo(rungs);
    }

    @Test
    void keepsAllWhenAskedTo() {
        List<Rung> rungs = rungs(FULL, HD, SD);
        assertThat(LadderChoice.of(rungs, rungs, true, source(320, 180)).made()).isEqualTo(rungs);
    }

    @Test
    void makesTheSmallestAtTheSourcesSizeWhenAllAreLarger() {
        LadderChoice choice = choose(rungs(FULL, SD, HD), source(320, 240));
        assertThat(tracks(choice)).containsExactly(2);
        assertThat(choice.made().getFirst().isSourceSize()).isTrue();
        assertThat(choice.standsIn()).isTrue();
        assertThat(choice.leftOut()).containsOnlyKeys(1, 3);
    }

    @Test
    void theSmallestMayBeMadeByAnotherProcess() {
        List<Rung> whole = rungs(FULL, SD);
        LadderChoice first = LadderChoice.of(whole.subList(0, 1), whole, false, source(320, 240));
        LadderChoice second = LadderChoice.of(whole.subList(1, 2), whole, false, source(320, 240));
        assertThat(first.made()).isEmpty();
        assertThat(tracks(second)).containsExactly(2);
    }

    @Test
    void theSourcesOwnSizeAndCopiesAlwaysFit() {
        List<Rung> rungs = rungs("{\"bitrate\":900}", "{\"codec\":\"copy\"}", HD);
        assertThat(tracks(choose(rungs, source(160, 120)))).containsExactly(1, 2);
    }

    @Test
    void comparesWhatIsScaledNotTheBars() {
        // A square picture of 720 lines fills the height of 1280x720; the rest is bars.
        assertThat(tracks(choose(rungs(HD, SD), source(720, 720)))).containsExactly(1, 2);
        String crop = HD.replace("}", ",\"resize_mode\":\"crop\"}");
        assertThat(tracks(choose(rungs(crop, SD), source(720, 720)))).containsExactly(2);
        // Upright video is fitted by its height.
        assertThat(tracks(choose(rungs(HD, SD), source(720, 1280)))).containsExactly(1, 2);
        assertThat(tracks(choose(rungs(HD, SD), source(1280, 714)))).containsExactly(1, 2);
    }

    @Test
    void oneSideIsEnough() {
        List<Rung> rungs = rungs("{\"height\":720}", "{\"width\":1280}", "{\"height\":360}");
        assertThat(tracks(choose(rungs, source(640, 360)))).containsExactly(3);
        assertThat(choose(rungs, source(640, 360)).leftOut().get(1)).contains("a height of 720");
    }

    @Test
    void shownSizeCounts() {
        // PAL 16:9 is stored 720 and shown 1024 wide.
        var pal = new SourceTracks.Video(256, "H264", 720, 576, false, 25, 1024);
        String wide = "{\"width\":1024,\"height\":576,\"bitrate\":1500}";
        assertThat(tracks(choose(rungs(wide, SD), Optional.of(pal)))).containsExactly(1, 2);
    }

    @Test
    void soundAloneHasNoSize() {
        List<Rung> rungs = rungs(FULL, SD);
        assertThat(choose(rungs, Optional.empty()).made()).isEqualTo(rungs);
    }

    @Property
    void somethingAlwaysRemainsAndNothingIsLost(
            @ForAll @Size(min = 1, max = 16) List<@IntRange(min = 1, max = 2160) Integer> heights,
            @ForAll @IntRange(min = 2, max = 4096) int width,
            @ForAll @IntRange(min = 2, max = 4096) int height) {
        List<Rung> rungs =
                rungs(
                        heights.stream()
                                .map(h -> "{\"height\":" + 2 * h + "}")
                                .toArray(String[]::new));
        LadderChoice choice = choose(rungs, source(width, height));
        assertThat(choice.made()).isNotEmpty();
        assertThat(choice.made().size() + choice.leftOut().size()).isEqualTo(rungs.size());
        assertThat(
                        choice.made().stream()
                                .map(r -> PictureSize.of(r, source(width, height).get()))
                                .filter(size -> size.height() > height * 17 / 16 + 2)
                                .collect(Collectors.toList()))
                .isEmpty();
    }
}
