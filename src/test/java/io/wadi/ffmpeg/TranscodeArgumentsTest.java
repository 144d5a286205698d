package io.wadi.ffmpeg;

import static io.wadi.testing.Golden.assertGolden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wadi.codec.AudioFormat;
import io.wadi.codec.CodecConfig;
import io.wadi.codec.CodecId;
import io.wadi.codec.VideoFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class TranscodeArgumentsTest {
    private static final SourceTracks HD =
            new SourceTracks(
                    Optional.of(new SourceTracks.Video(0x100, "h264", 1280, 720, true, 25)),
                    List.of(0x101));

    private static final FfmpegBuild EVERYTHING =
            new FfmpegBuild(
                    "ffmpeg",
                    "6.0",
                    6,
                    0,
                    Set.of(
                            "libx264",
                            "libx265",
                            "libsvtav1",
                            "libaom-av1",
                            "libvpx-vp9",
                            "libopus",
                            "av1_nvenc",
                            "h264_nvenc",
                            "hevc_nvenc",
                            "h264_vaapi",
                            "hevc_vaapi",
                            "h264_qsv",
                            "hevc_qsv",
                            "h264_videotoolbox",
                            "aac"),
                    Set.of("mpegts"),
                    Set.of(
                            "scale",
                            "scale_cuda",
                            "yadif_cuda",
                            "scale_vaapi",
                            "deinterlace_vaapi",
                            "vpp_qsv"),
                    Set.of("cuda", "vaapi", "qsv"));

    private static final FfmpegBuild NEW =
            new FfmpegBuild(
                    "ffmpeg",
                    "7.1",
                    7,
                    1,
                    EVERYTHING.encoders(),
                    EVERYTHING.muxers(),
                    EVERYTHING.filters(),
                    EVERYTHING.hwaccels());

    private static final FfmpegBuild OLD =
            new FfmpegBuild(
                    "ffmpeg", "4.4.1", 4, 4, Set.of("libx264"), Set.of(), Set.of(), Set.of());

    private static final String LADDER =
            """
            {"video":{"profiles":[
              {"width":1280,"height":720,"bitrate":2500,"max_bitrate":3000,"preset":"fast",
               "profile":"high","level":"4.1","bframes":2,"refs":3},
              {"width":640,"height":360,"bitrate":800,"framerate":25,"keyframe_interval":1,
               "codec":"h265"},
              {"width":480,"height":480,"bitrate":500,"resize_mode":"%s"}]},
             "audio":{"codec":"aac","bitrate":96,"sample_rate":48000,"channels":2,
               "language":"deu"},
             "global":{"hw":"%s","deviceid":1}}
            """;

    private static List<String> arguments(String json, SourceTracks source, FfmpegBuild build) {
        Ladder ladder = LadderReader.read(json);
        List<Encoder> encoders =
                ladder.rungs().stream()
                        .filter(rung -> !rung.copy())
                        .map(rung -> Encoder.of(rung, ladder.hardware(), false, build))
                        .toList();
        return TranscodeArguments.of(
                ladder,
                source,
                encoders,
                build,
                new Plumbing(Path.of("/run/w")),
                new KeyframeGrid(90_000L * 1_000_001 + 27_000));
    }

    @ParameterizedTest
    @EnumSource(HardwareFamily.class)
    void ladderOnEveryHardware(HardwareFamily family) throws IOException {
        String padded = LADDER.formatted("pad", family.word());
        String stretched = LADDER.formatted("stretch", family.word());
        golden(
                "ladder-" + family.word(),
                "# bars are drawn in main memory",
                arguments(padded, HD, EVERYTHING),
                "# everything stays on the card where there is one",
                arguments(stretched, HD, EVERYTHING));
    }

    /** What a process gets that is placed on a card, see {@link Devices}. */
    @Test
    void runsOnTheCardThatItIsPlacedOn() {
        for (HardwareFamily family : List.of(HardwareFamily.NVENC, HardwareFamily.VAAPI)) {
            Ladder ladder =
                    LadderReader.read("{\"global\":{\"hw\":\"" + family.word() + "\"}}").on(2);
            List<Encoder> encoders =
                    List.of(Encoder.of(ladder.rungs().getFirst(), family, false, EVERYTHING));
            List<String> arguments =
                    TranscodeArguments.of(
                            ladder,
                            HD,
                            encoders,
                            EVERYTHING,
                            new Plumbing(Path.of("/run/w")),
                            new KeyframeGrid(0));
            String device = arguments.get(arguments.indexOf("-init_hw_device") + 1);
            assertThat(device)
                    .isEqualTo(
                            family == HardwareFamily.NVENC
                                    ? "cuda=gpu:2"
                                    : "vaapi=gpu:/dev/dri/renderD130");
            assertThat(arguments.get(arguments.indexOf("-hwaccel_device") + 1)).isEqualTo("gpu");
        }
    }

    @Test
    void copiesAndOlderVersions() throws IOException {
        golden(
                "modes",
                "# video copied, sound encoded",
                arguments("{\"video\":{\"copy\":true},\"audio\":{\"codec\":\"opus\"}}", HD, OLD),
                "# video encoded, sound copied, no size given, every 50 pictures",
                arguments("{\"audio\":{\"copy\":true},\"global\":{\"gop\":50}}", HD, OLD),
                "# loudness, MP3",
                arguments(
                        "{\"video\":{\"copy\":true},\"audio\":{\"codec\":\"mp3\",\"normalize\":true}}",
                        HD,
                        OLD),
                "# sound only",
                arguments("{}", new SourceTracks(Optional.empty(), List.of(0x50)), OLD),
                "# no sound, interlaced, own options",
                arguments(
                        """
                        {"video":{"interlace":"tff"},"extra_args":["-tune","zerolatency"],
                         "decoder":{"name":"h264"}}
                        """,
                        new SourceTracks(HD.video(), List.of()),
                        OLD));
    }

    @Test
    void newCodecsLeaveAsMp4() throws IOException {
        golden(
                "new-codecs",
                "# one process, both containers",
                arguments(
                        """
                        {"video":{"profiles":[
                          {"width":640,"height":360,"bitrate":800},
                          {"width":640,"height":360,"bitrate":500,"codec":"av1","preset":"fast",
                           "max_bitrate":900,"profile":"main10","level":"4","bframes":2,"refs":3},
                          {"width":320,"height":180,"bitrate":200,"codec":"vp9","level":"3.1"}]},
                         "audio":{"codec":"opus"}}
                        """,
                        HD,
                        NEW),
                "# sound copied",
                arguments(
                        "{\"video\":{\"profiles\":[{\"codec\":\"vp9\"}]},\"audio\":{\"copy\":true}}",
                        new SourceTracks(HD.video(), List.of(0x101, 0x102), Set.of(0x102)),
                        NEW),
                "# libaom",
                arguments(
                        "{\"video\":{\"profiles\":[{\"codec\":\"libaom-av1\",\"level\":\"4.1\"}]}}",
                        HD,
                        NEW),
                "# a card that has AV1 but no VP9",
                arguments(
                        """
                        {"video":{"profiles":[{"codec":"av1","width":640,"height":360},
                          {"codec":"vp9","width":640,"height":360}]},"global":{"hw":"nvenc"}}
                        """,
                        HD,
                        NEW));
    }

    @Test
    void newCodecsAreFedAsMatroska() throws IOException {
        CodecConfig none = CodecConfig.EMPTY;
        SourceTracks source =
                new SourceTracks(
                        Optional.of(new SourceTracks.Video(0x100, "VP9", 1280, 720, true, 0)),
                        List.of(0x101),
                        Set.of(0x101),
                        List.of(
                                new SourceTracks.Fed(
                                        0x100,
                                        new VideoFormat(
                                                CodecId.VP9, 1280, 720, 1, 1, 0, none, "vp09"),
                                        ""),
                                new SourceTracks.Fed(
                                        0x101,
                                        new AudioFormat(
                                                CodecId.AAC, 48_000, 2, 1024, none, "mp4a.40.2"),
                                        "deu")));
        golden(
                "new-sources",
                "# encoded",
                arguments("{\"video\":{\"profiles\":[{\"height\":360}]}}", source, NEW),
                "# sound copied",
                arguments(
                        "{\"video\":{\"profiles\":[{\"codec\":\"av1\"}]},\"audio\":{\"copy\":true}}",
                        source,
                        NEW));
    }

    @Test
    void watermarkAndThumbnail() throws IOException {
        String rung = "\"video\":{\"profiles\":[{\"width\":640,\"height\":360}]}";
        String two = rung.replace("}]", "},{\"height\":180,\"framerate\":10}]");
        golden(
                "watermark",
                "# text",
                arguments(
                        "{"
                                + rung
                                + ",\"watermark\":{\"enabled\":true,\"type\":\"text\","
                                + "\"text\":\"it's 5:00, [live]; 100% \\\\o/\",\"opacity\":0.5,"
                                + "\"position\":\"custom\",\"x\":\"W-w-10\",\"y\":\"max(h,20)\"}}",
                        HD,
                        OLD),
                "# picture, and stills",
                arguments(
                        "{"
                                + rung
                                + ",\"watermark\":{\"enabled\":true,\"type\":\"image\",\"image_path\":\"/logo"
                                + " %d.png\",\"opacity\":0.25},"
                                + "\"thumbnail\":{\"enabled\":true,\"interval_sec\":5,\"width\":320}}",
                        HD,
                        OLD),
                "# picture, a tenth of each rung's width",
                arguments(
                        "{"
                                + two
                                + ",\"watermark\":{\"enabled\":true,\"type\":\"image\","
                                + "\"image_path\":\"/a.png\",\"position\":\"center\","
                                + "\"resize\":true,\"resize_ratio\":0.1}}",
                        HD,
                        OLD),
                "# text, the usual part of each rung's height",
                arguments(
                        "{"
                                + two
                                + ",\"watermark\":{\"enabled\":true,\"text\":\"x\","
                                + "\"resize\":true}}",
                        HD,
                        OLD),
                "# stills alone",
                arguments(
                        "{\"stills_only\":true,\"thumbnail\":{\"enabled\":true,\"height\":180}}",
                        HD,
                        OLD));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"video\":{\"profiles\":[{\"width\":641}]}}",
                "{\"video\":{\"profiles\":[{\"codec\":\"mpeg2\"}]}}",
                "{\"video\":{\"profiles\":[{\"preset\":\"quick\"}]}}",
                "{\"video\":{\"profiles\":[{\"bitrate\":-1}]}}",
                "{\"video\":{\"profiles\":[{\"sar\":\"0:1\"}]}}",
                "{\"global\":{\"hw\":\"voodoo\"}}",
                "{\"video\":{\"profiles\":[{\"codec\":\"av1\",\"profile\":\"high\"}]}}",
                "{\"video\":{\"profiles\":[{\"codec\":\"libvpx-vp9\",\"profile\":\"main\"}]}}",
                "{\"audio\":{\"codec\":\"flac\"}}",
                "{\"extra_args\":[\"-i\",\"x\"]}",
                "{\"extra_args\":[\"-crf\",\"/etc/passwd\"]}",
                "{\"extra_args\":[\"-crf\"]}",
                "{\"watermark\":{\"enabled\":true,\"position\":\"custom\",\"x\":\"ld(1)\"}}",
                "{\"watermark\":{\"enabled\":true,\"font_color\":\"red:x=1\"}}",
                "{\"watermark\":{\"enabled\":true,\"type\":\"image\"}}",
                "{\"watermark\":{\"enabled\":true,\"type\":\"image\",\"asset_id\":\"../x\"}}",
                "{\"watermark\":{\"enabled\":true,\"resize\":true,\"resize_ratio\":2}}",
                "[]",
                "{"
            })
    void refuses(String json) {
        assertThatThrownBy(() -> LadderReader.read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s)(.*expected .*|a ladder that .*)");
    }

    @Test
    void saysWhichEncoderIsMissing() {
        assertThatThrownBy(
                        () ->
                                arguments(
                                        "{\"video\":{\"profiles\":[{\"codec\":\"h265\"}]}}",
                                        HD,
                                        OLD))
                .hasMessageContaining("4.4.1")
                .hasMessageContaining("libx265");
        assertThatThrownBy(
                        () ->
                                arguments(
                                        "{\"video\":{\"profiles\":[{\"codec\":\"h264_nvenc\"}]}}",
                                        HD,
                                        OLD))
                .hasMessageContaining("h264_nvenc");
        assertThatThrownBy(
                        () ->
                                arguments(
                                        "{\"video\":{\"profiles\":[{\"codec\":\"vp9\"}]}}",
                                        HD,
                                        OLD))
                .hasMessageContaining("libvpx-vp9");
    }

    @Test
    void svtAv1IsUsedFromSevenOn() {
        String json = "{\"video\":{\"profiles\":[{\"codec\":\"%s\"}]}}";
        assertThat(arguments(json.formatted("av1"), HD, NEW)).contains("libsvtav1");
        assertThat(arguments(json.formatted("av1"), HD, EVERYTHING)).contains("libaom-av1");
        assertThatThrownBy(() -> arguments(json.formatted("libsvtav1"), HD, EVERYTHING))
                .hasMessageContaining("7.0 or newer");
    }

    @ParameterizedTest
    @CsvSource({
        "libx264, veryslow, -preset veryslow",
        "libx264, p1, -preset superfast",
        "libx264, '', -preset veryfast",
        "h264_nvenc, p7, -preset p7 -tune ll",
        "h264_nvenc, ultrafast, -preset p1 -tune ll",
        "libsvtav1, medium, -preset 7 -svtav1-params rc=2:pred-struct=1:lookahead=0",
        "libaom-av1, veryfast, -usage realtime -cpu-used 8 -lag-in-frames 0 -row-mt 1",
        "libvpx-vp9, p7, -deadline realtime -cpu-used 2 -lag-in-frames 0 -row-mt 1",
        "h264_qsv, ultrafast, -preset veryfast",
        "h264_vaapi, slow, -compression_level 3",
        "h264_videotoolbox, slow, -realtime 1"
    })
    void translatesPresets(String encoder, String preset, String expected) {
        Encoder named = new Encoder(encoder, HardwareFamily.ofEncoder(encoder), VideoCodec.H264);
        assertThat(String.join(" ", Presets.arguments(named, preset))).isEqualTo(expected);
    }

    private static void golden(String name, Object... parts) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof List<?> arguments) {
                arguments.forEach(argument -> lines.add("  " + argument));
            } else {
                lines.add(part.toString());
            }
        }
        String dump = String.join("\n", lines) + "\n";
        assertGolden("io/wadi/ffmpeg/" + name + ".txt", dump);
    }
}
