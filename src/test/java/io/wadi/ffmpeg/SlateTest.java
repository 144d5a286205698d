package io.wadi.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.TrackFormat;
import io.wadi.codec.VideoFormat;
import io.wadi.ts.TsProgram;
import io.wadi.ts.TsTrack;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

class SlateTest {
    private static final Set<String> ALL = Set.of("libx264", "libx265", "libopus", "ac3");

    @TempDir private Path folder;
    private Path slates;

    @BeforeEach
    void folders() throws IOException {
        slates = Files.createDirectory(folder.resolve("slates"));
        Files.createDirectory(slates.resolve("day"));
        Files.write(slates.resolve("off.png"), new byte[1]);
        Files.write(slates.resolve("day/late.MP4"), new byte[1]);
        Files.write(folder.resolve("secret.png"), new byte[1]);
        Files.createSymbolicLink(slates.resolve("out.png"), folder.resolve("secret.png"));
        Files.createSymbolicLink(slates.resolve("same.png"), slates.resolve("off.png"));
    }

    @Test
    void filesOfTheFolderAreOpenedAsWhatTheirNameSays() throws IOException {
        assertThat(SlateFile.of(slates, "off.png").input())
                .containsSequence("-protocol_whitelist", "file", "-f", "image2")
                .endsWith("-i", "file:" + slates.toRealPath().resolve("off.png"));
        assertThat(SlateFile.of(slates, "day/late.MP4").input()).containsSequence("-f", "mov");
        assertThat(SlateFile.of(slates, "same.png").path())
                .isEqualTo(slates.toRealPath().resolve("off.png"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.png",
                "out.png",
                "none.png",
                "day",
                "day/",
                "",
                "x.m3u8",
                "x.ffconcat",
                "/etc/passwd",
                "bad\0.png"
            })
    void nothingElseIsOpened(String name) {
        assertThatThrownBy(() -> SlateFile.of(slates, name)).isInstanceOf(IOException.class);
    }

    private static SlateFormat format(int pmtPid, Map<Integer, TrackFormat> formats) {
        List<TsTrack> tracks =
                formats.entrySet().stream()
                        .map(e -> TsTrack.of(e.getKey(), e.getValue().codec(), "deu"))
                        .toList();
        return SlateFormat.of(Optional.of(new TsProgram(7, pmtPid, 0, 0, tracks)), formats);
    }

    private static VideoFormat video(CodecId codec, int width, int height, double fps) {
        return new VideoFormat(codec, width, height, 16, 11, fps, CodecConfig.EMPTY, "");
    }

    private static AudioFormat audio(CodecId codec, int rate, int channels) {
        return new AudioFormat(codec, rate, channels, 1024, CodecConfig.EMPTY, "");
    }

    private List<String> arguments(String file, boolean sound, SlateFormat format)
            throws IOException {
        return new SlateSource(SlateFile.of(slates, file), sound, format, ALL).arguments();
    }

    @Test
    void tracksAreThoseOfTheStream() throws IOException {
        Map<Integer, TrackFormat> formats = new LinkedHashMap<>();
        formats.put(0x200, video(CodecId.H265, 720, 576, 25));
        formats.put(0x201, audio(CodecId.AC3, 48_000, 6));
        formats.put(0x202, audio(CodecId.OPUS, 48_000, 2));
        List<String> arguments = arguments("day/late.MP4", true, format(0x50, formats));
        assertThat(arguments)
                .containsSequence("-re", "-stream_loop", "-1")
                .containsSequence("-map", "[v]", "-streamid", "0:512")
                .containsSequence("-c:v", "libx265")
                .containsSequence("-map", "0:a:0", "-streamid", "1:513", "-c:a:0", "ac3")
                .containsSequence("-ac:a:0", "6")
                .containsSequence("-map", "0:a:0", "-streamid", "2:514", "-c:a:1", "libopus")
                .containsSequence("-metadata:s:a:1", "language=deu")
                .containsSequence("-mpegts_service_id", "7", "-mpegts_pmt_start_pid", "80");
        String graph = arguments.get(arguments.indexOf("-filter_complex") + 1);
        assertThat(graph)
                .contains("min(720\\,576*dar*11/16)")
                .contains("pad=w=720:h=576")
                .contains("setsar=sar=16/11")
                .doesNotContain("late")
                .doesNotContain("loop");
    }

    @Test
    void pictureHasSilenceAndIsDecodedOnce() throws IOException {
        List<String> arguments = arguments("off.png", false, SlateFormat.DEFAULT);
        assertThat(arguments)
                .contains("anullsrc=sample_rate=48000:channel_layout=stereo")
                .containsSequence("-map", "1:a:0", "-streamid", "1:257", "-c:a:0", "aac")
                .containsSequence("-c:v", "libx264")
                .containsSequence("-r:v", "25");
        assertThat(arguments.get(arguments.indexOf("-filter_complex") + 1))
                .contains("loop=loop=-1:size=1")
                .endsWith("realtime[v]");
    }

    @Test
    void soundAloneIsSilence() throws IOException {
        SlateFormat format = format(0x1000, Map.of(0x101, audio(CodecId.AAC, 44_100, 1)));
        assertThat(arguments("off.png", false, format))
                .doesNotContain("-filter_complex")
                .noneMatch(argument -> argument.contains("off.png"))
                .containsSequence("-map", "0:a:0", "-streamid", "0:257")
                .containsSequence("-ar:a:0", "44100", "-ac:a:0", "1");
    }

    @Test
    void whatCannotBeMadeIsReplacedByWhatEveryPlayerHas() throws IOException {
        Map<Integer, TrackFormat> formats = new LinkedHashMap<>();
        formats.put(0x100, video(CodecId.AV1, 100_001, 7, 1e9));
        formats.put(0x101, audio(CodecId.FLAC, 192_000, 11));
        formats.put(0x102, audio(CodecId.MP3, 44_100, 2));
        assertThat(arguments("off.png", false, format(3, formats)))
                .containsSequence("-c:v", "libx264")
                .containsSequence("-r:v", "25")
                .containsSequence("-c:a:0", "aac")
                .containsSequence("-ar:a:0", "48000", "-ac:a:0", "2")
                .containsSequence("-c:a:1", "aac")
                .containsSequence("-mpegts_pmt_start_pid", "4096")
                .anyMatch(argument -> argument.contains("pad=w=1280:h=720"));
    }

    @ParameterizedTest
    @CsvSource({"AV1, libaom-av1", "VP9, libvpx-vp9"})
    void newCodecsAreSentAsMp4(CodecId codec, String encoder) throws IOException {
        Map<Integer, TrackFormat> formats = new LinkedHashMap<>();
        formats.put(0x100, video(codec, 1280, 720, 30));
        formats.put(0x101, audio(CodecId.OPUS, 48_000, 2));
        SlateFormat ours = format(0x1000, formats);
        assertThat(arguments("off.png", false, ours)).containsSequence("-c:v", "libx264");
        SlateFile file = SlateFile.of(slates, "off.png");
        Set<String> encoders = Set.of("libx264", "libopus", encoder);
        assertThat(new SlateSource(file, false, ours, encoders).arguments())
                .containsSequence("-c:v", encoder)
                .containsSequence("-g", "30", "-keyint_min", "30")
                .containsSequence("-c:a:0", "libopus")
                .containsSequence("-f", "mp4")
                .doesNotContain("mpegts", "-crf");
        formats.put(0x105, audio(CodecId.OPUS, 48_000, 2));
        SlateFormat others = format(0x1000, formats);
        assertThat(new SlateSource(file, false, others, encoders).arguments())
                .as("MP4 has no PIDs")
                .containsSequence("-c:v", "libx264");
    }

    @Test
    void nothingKnownIsTheDefault() {
        assertThat(SlateFormat.of(Optional.empty(), Map.of())).isEqualTo(SlateFormat.DEFAULT);
    }
}
