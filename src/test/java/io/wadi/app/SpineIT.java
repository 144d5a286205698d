package io.wadi.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.wadi.testing.Decoded;
import io.wadi.testing.Decoded.Frame;
import io.wadi.testing.EnhancedFfmpeg;
import io.wadi.testing.RequiresTool;
import io.wadi.testing.Tools;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A minute of media through the whole server, in by RTMP and out by everything there is: every
 * picture and every sound that FFmpeg sent comes out of every output, once, the same to the bit, in
 * its place. All streams are published at the same time, and players are there before the
 * publisher.
 */
@RequiresTool({"ffmpeg", "ffprobe"})
class SpineIT {
    private static final int SECONDS = 60;
    private static final int PICTURES = SECONDS * 25;

    /** Most that picture and sound may shift against each other. */
    private static final double SYNC_SECONDS = 0.040;

    private static final Duration PATIENCE = Duration.ofSeconds(SECONDS + 60);

    private static final String PICTURE = "-f lavfi -i testsrc2=s=320x180:r=25:d=" + SECONDS;
    private static final String SOUND = "-f lavfi -i anoisesrc=r=48000:a=0.2:seed=2:d=" + SECONDS;
    private static final String H264 = " -c:v libx264 -preset ultrafast -bf 2 -g 50";

    /**
     * Without noise substitution: a decoder makes the noise from all that it has decoded before.
     */
    private static final String AAC = " -c:a aac -aac_pns 0";

    private static final String H265 =
            " -c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=2:keyint=50";

    /** What is published. */
    enum Source {
        H264_AAC(PICTURE + " " + SOUND + H264 + AAC, PICTURES),
        HEVC_AAC(PICTURE + " " + SOUND + H265 + AAC, PICTURES),
        AUDIO_ONLY(SOUND + AAC, 0),
        VIDEO_ONLY(PICTURE + H264, PICTURES);

        final String encoding;
        final int pictures;

        Source(String encoding, int pictures) {
            this.encoding = encoding;
            this.pictures = pictures;
        }

        String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String DOCUMENT =
            """
            {"inputs":[{"url":"publish://"}],
             "protocols":{"hls":true,"dash":true,"mpegts":true,"rtmp":true},
             "packaging":{"window":60}}
            """;

    /** The same stream once more, packaged the other way. */
    private static final String FRAGMENTED =
            """
            {"inputs":[{"url":"copy://CODE"}],"protocols":{"hls":true},
             "packaging":{"window":60,"container":"fmp4"}}
            """;

    @TempDir private static Path folder;

    private static TestServer server;
    private static final Map<Path, Process> players = new LinkedHashMap<>();
    private static final Map<Source, Decoded> sent = new EnumMap<>(Source.class);
    private static final Map<Source, List<Path>> segmented = new EnumMap<>(Source.class);
    private static final Map<Source, List<Path>> fragmented = new EnumMap<>(Source.class);
    private static final Map<Source, List<Path>> dash = new EnumMap<>(Source.class);

    @BeforeAll
    static void publishAll() throws Exception {
        server = new TestServer(folder);
        for (Source source : Source.values()) {
            String code = source.code();
            Path file = sourceOf(source);
            List<String> encoding = new ArrayList<>(List.of(source.encoding.split(" ", -1)));
            encoding.addAll(List.of("-muxdelay", "0", "-muxpreload", "0"));
            Tools.make(file, encoding.toArray(String[]::new));
            sent.put(source, Decoded.of(file));
            server.stream(code, DOCUMENT);
            server.stream(code + "-fmp4", FRAGMENTED.replace("CODE", code));
            String mpegts = server.http(code + "/mpegts");
            record(source, "httpts", List.of("ffmpeg", "-nostdin", "-v", "error", "-i", mpegts));
            record(
                    source,
                    "rtmp",
                    EnhancedFfmpeg.command(
                            "-rtmp_enhanced_codecs", "hvc1", "-i", server.rtmp(code)));
        }
        List<Process> publishers = new ArrayList<>();
        for (Source source : Source.values()) {
            publishers.add(publish(source));
        }
        for (Process publisher : publishers) {
            assertThat(Tools.exitCode(publisher)).isZero();
        }
        // What comes next ends the last segment. No player may notice that it is another publisher.
        publishers.clear();
        for (Source source : Source.values()) {
            publishers.add(publish(source));
        }
        for (Source source : Source.values()) {
            String index = source.code() + "/index.m3u8";
            await().atMost(PATIENCE)
                    .until(() -> server.text(index).contains("#EXT-X-DISCONTINUITY\n"));
        }
        for (Source source : Source.values()) {
            Segments segments = new Segments(server, folder);
            segmented.put(source, segments.hls(source.code()));
            fragmented.put(source, segments.hls(source.code() + "-fmp4"));
            dash.put(source, segments.dash(source.code()));
        }
        for (Map.Entry<Path, Process> player : players.entrySet()) {
            assertThat(player.getValue().isAlive())
                    .as("%s stays: %s", player.getKey(), "")
                    .isTrue();
        }
        for (Source source : Source.values()) {
            server.stop(source.code());
        }
        for (Process player : players.values()) {
            assertThat(Tools.exitCode(player)).isZero();
        }
        publishers.forEach(Process::destroyForcibly);
    }

    @AfterAll
    static void stop() {
        players.values().forEach(Process::destroyForcibly);
        server.close();
    }

    private static Path sourceOf(Source source) {
        return folder.resolve(source.code() + "-sent.ts");
    }

    private static Path recordingOf(Source source, String output) {
        return folder.resolve(source.code() + "-" + output + ".ts");
    }

    private static void record(Source source, String output, List<String> player)
            throws IOException {
        Path log = folder.resolve(source.code() + "-" + output + ".log");
        List<String> command = new ArrayList<>(player);
        command.addAll(List.of("-map", "0", "-c", "copy", "-muxdelay", "0", "-muxpreload", "0"));
        command.add(recordingOf(source, output).toString());
        players.put(log, Tools.start(log, command));
    }

    private static Process publish(Source source) throws IOException {
        Path log = Files.createTempFile(folder, source.code() + "-publisher", ".log");
        return Tools.start(
                log,
                EnhancedFfmpeg.command(
                        "-re",
                        "-i",
                        sourceOf(source).toString(),
                        "-map",
                        "0",
                        "-c",
                        "copy",
                        "-f",
                        "flv",
                        server.rtmp(source.code())));
    }

    @ParameterizedTest
    @EnumSource
    void comesOutOfHls(Source source) throws Exception {
        assertComplete(source, 0, segmented.get(source));
    }

    @ParameterizedTest
    @EnumSource
    void comesOutOfHlsInFmp4(Source source) throws Exception {
        assertComplete(source, soundsBeforePictures(source), fragmented.get(source));
    }

    @ParameterizedTest
    @EnumSource
    void comesOutOfDash(Source source) throws Exception {
        assertComplete(source, soundsBeforePictures(source), dash.get(source));
    }

    @ParameterizedTest
    @EnumSource
    void comesOutOfHttpTs(Source source) throws Exception {
        List<Path> recording = List.of(recordingOf(source, "httpts"));
        assertComplete(source, soundsBeforeTheTurn(source, recording), recording);
    }

    @ParameterizedTest
    @EnumSource
    void comesOutOfRtmp(Source source) throws Exception {
        List<Path> recording = List.of(recordingOf(source, "rtmp"));
        assertComplete(source, soundsBeforeTheTurn(source, recording), recording);
    }

    /** CMAF starts with the first picture. */
    private static int soundsBeforePictures(Source source) {
        if (source.pictures == 0) {
            return 0;
        }
        Decoded all = sent.get(source);
        double first = all.video().getFirst().seconds();
        return (int) all.audio().stream().filter(sound -> sound.seconds() < first).count();
    }

    /**
     * Where every unit is a point to start at, a live player starts at the newest one when it gets
     * its turn: within a second.
     */
    private static int soundsBeforeTheTurn(Source source, List<Path> recording) throws Exception {
        if (source.pictures > 0 || sent.get(source).audio().isEmpty()) {
            return 0;
        }
        // The first is decoded without the one before, so that it is not like the one sent.
        String second = Decoded.of(recording.getFirst()).sounds().get(1);
        int left = sent.get(source).sounds().indexOf(second) - 1;
        assertThat(left).as("sounds that were over").isBetween(0, 48_000 / 1024);
        return left;
    }

    /** All that was sent is there in its order, but for some sounds at the start. */
    private static void assertComplete(Source source, int leftOut, List<Path> files)
            throws Exception {
        Decoded expected = sent.get(source);
        Decoded got = Decoded.of(files.toArray(Path[]::new));
        int sounds = expected.audio().size() - leftOut;
        assertThat(expected.video()).hasSize(source.pictures);
        assertThat(got.video()).hasSizeGreaterThanOrEqualTo(source.pictures);
        assertThat(got.audio()).hasSizeGreaterThanOrEqualTo(sounds);
        assertSame(expected.pictures(), got.pictures().subList(0, source.pictures));
        int decoded = leftOut == 0 ? 0 : 1;
        assertSame(
                expected.sounds().subList(leftOut + decoded, expected.audio().size()),
                got.sounds().subList(decoded, sounds));
        DoubleSummaryStatistics shift =
                DoubleStream.concat(
                                shifts(expected.video(), got.video()),
                                shifts(
                                        expected.audio().subList(leftOut, expected.audio().size()),
                                        got.audio()))
                        .summaryStatistics();
        assertThat(shift.getMax() - shift.getMin())
                .as("seconds by which something is out of its place")
                .isLessThanOrEqualTo(SYNC_SECONDS);
    }

    /** Says where two lists differ, rather than printing both. */
    private static void assertSame(List<String> sent, List<String> got) {
        int same = 0;
        while (same < sent.size() && sent.get(same).equals(got.get(same))) {
            same++;
        }
        assertThat(same).as("frames that are the same, of " + sent.size()).isEqualTo(sent.size());
    }

    private static DoubleStream shifts(List<Frame> sent, List<Frame> got) {
        return IntStream.range(0, sent.size())
                .mapToDouble(i -> got.get(i).seconds() - sent.get(i).seconds());
    }
}
